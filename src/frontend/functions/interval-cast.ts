/** Owns: casts to and from intervals, one value at a time: text, intervals of other fields, and numbers, which count its last field. */
import { userError } from '../../core/errors.js';
import { powerOfTen } from '../../data/decimal.js';
import { FIELD_UNIT, formatInterval, parseInterval } from '../../data/interval.js';
import { type DataType, type IntervalType, typeName } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { divideHalfUp } from './arithmetic-decimal.js';
import { castOverflow } from './cast-rules.js';

export const intervalText = (type: IntervalType) => (value: bigint | number) => formatInterval(value, type.from, type.to);

/** The engine value of microseconds or months. Throws CAST_OVERFLOW with `shown`. */
function fitted(amount: bigint, to: IntervalType, shown: () => string): bigint | number {
  const bits = to.kind === 'day_time_interval' ? 64 : 32;
  if (BigInt.asIntN(bits, amount) !== amount) throw castOverflow(shown(), to);
  return bits === 64 ? amount : Number(amount);
}

/** From any type that `castRefusal` lets pass. Throws INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING, CAST_OVERFLOW. */
export function toInterval(from: DataType, to: IntervalType): (value: never) => EngineValue {
  const unit = FIELD_UNIT[to.to];
  switch (from.kind) {
    case 'string':
      return (text: string) => {
        const amount = parseInterval(text, to.from, to.to);
        if (amount === null) throw unmatched(text, to);
        return fitted(amount, to, () => `'${text}'`);
      };
    case 'day_time_interval':
      return (micros: bigint) => (to.to === 'second' ? micros : (micros / unit) * unit);
    case 'year_month_interval':
      return (months: number) => Number((BigInt(months) / unit) * unit);
    case 'decimal':
      return (unscaled: bigint) => fitted(divideHalfUp(unscaled * unit, powerOfTen(from.scale)), to, () => String(unscaled));
    default:
      return (value: number | bigint) => fitted(BigInt(value) * unit, to, () => String(value));
  }
}

const unmatched = (text: string, to: IntervalType) =>
  userError('INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING', `'${text}' is not a valid ${typeName(to)}.`, {
    hint: `Write it like ${formatInterval(to.kind === 'day_time_interval' ? 93_784_500_000n : 14, to.from, to.to)}, or use tryCast (in SQL try_cast) to get null instead`,
  });

/** An interval in units of its last field, as a decimal: unscaled, and its scale. Parts below the field do not exist but for seconds. */
export function fieldNumber(value: bigint | number, from: IntervalType): { readonly unscaled: bigint; readonly scale: number } {
  if (from.to === 'second') return { unscaled: BigInt(value), scale: 6 };
  return { unscaled: BigInt(value) / FIELD_UNIT[from.to], scale: 0 };
}

/** Cut to a whole number. */
export const wholeField = (value: bigint | number, from: IntervalType): bigint => {
  const { unscaled, scale } = fieldNumber(value, from);
  return scale === 0 ? unscaled : unscaled / powerOfTen(scale);
};
