/** The reference's own idea of equality, order and text of values: nothing of the engine but its types. */
import type { DataType } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';

export type Value = EngineValue;
export type DecimalType = Extract<DataType, { kind: 'decimal' }>;

/** Equal texts for equal values: NaN is itself, -0 is 0, nulls are equal. Also what results are compared by. */
export function textOf(value: Value): string {
  if (value === null) return '∅';
  if (Array.isArray(value)) return `[${value.map(textOf).join('|')}]`;
  switch (typeof value) {
    case 'number':
      return String(value + 0);
    case 'bigint':
      return String(value);
    case 'string':
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

export const sameValue = (a: Value, b: Value): boolean => textOf(a) === textOf(b);

/** Ascending, nulls inside of arrays first, NaN last, text by its UTF-8 bytes. */
export function orderOf(a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (Array.isArray(a)) {
    const other = b as readonly Value[];
    for (let i = 0; i < Math.min(a.length, other.length); i++) {
      const order = orderOf(a[i], other[i]);
      if (order !== 0) return order;
    }
    return a.length - other.length;
  }
  if (typeof a === 'string') return orderOfText(a, b as string);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

const orderOfText = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** What ANSI SQL answers instead of a value. The reference does not say which error: operators may meet another one first. */
export class SqlError extends Error {}

const INTEGER_BITS: Record<string, number> = { int8: 8, int16: 16, int32: 32, int64: 64 };

/** A whole number as the type holds it. */
export function integer(value: bigint, type: DataType): Value {
  if (BigInt.asIntN(INTEGER_BITS[type.kind], value) !== value) throw new SqlError(`${value} is no ${type.kind}`);
  return type.kind === 'int64' ? value : Number(value);
}

/** `unscaled` at `scale`, rounded half away from zero to the scale of `type`. */
export function toScale(unscaled: bigint, scale: number, type: DecimalType): bigint {
  let value = unscaled;
  if (type.scale >= scale) value *= 10n ** BigInt(type.scale - scale);
  else {
    const unit = 10n ** BigInt(scale - type.scale);
    const [quotient, rest] = [value / unit, value % unit];
    const magnitude = rest < 0n ? -rest : rest;
    value = magnitude * 2n >= unit ? quotient + (value < 0n ? -1n : 1n) : quotient;
  }
  if (value >= 10n ** BigInt(type.precision) || -value >= 10n ** BigInt(type.precision)) throw new SqlError('a decimal overflows');
  return value;
}

export function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return unscaled < 0n ? `-${text}` : text;
}

/** Days since 1970 ↔ year, month, day: by the calendar of JavaScript's Date, which is proleptic Gregorian. */
export const partsOfDay = (
  days: number,
): { readonly year: number; readonly month: number; readonly day: number; readonly weekday: number } => {
  const date = new Date(days * 86_400_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay() };
};

export function lastDayOfMonth(days: number): number {
  const date = new Date(days * 86_400_000);
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + 1);
  return date.getTime() / 86_400_000 - 1;
}

export function dateText(days: number): string {
  const { year, month, day } = partsOfDay(days);
  const two = (n: number): string => String(n).padStart(2, '0');
  const shown = year > 9999 ? `+${year}` : year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
  return `${shown}-${two(month)}-${two(day)}`;
}
