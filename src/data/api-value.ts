/**
 * Owns: the crossing between engine values and what users hand in and get back: Decimal, LocalDate, Timestamp, LocalDateTime,
 * objects, Maps. `fromApiValue` checks everything, since what comes in was never type-checked at run time.
 */
import { MinisparkError, userError } from '../core/errors.js';
import { Decimal, fitsPrecision, rescale } from './decimal.js';
import { DayTimeInterval, FIELD_UNIT, parseInterval, YearMonthInterval } from './interval.js';
import { LocalDate, LocalDateTime, parseIsoDate, parseIsoMicros, Timestamp } from './temporal.js';
import { type DataType, type Field, type IntervalKind, typeName } from './types.js';
import type { EngineValue } from './value.js';

/** What collect(), take() and UDF arguments show: int64 bigint, decimal Decimal, struct an object, map a Map. */
export function toApiValue(value: EngineValue, type: DataType): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'decimal':
      return new Decimal(value as bigint, type.scale);
    case 'date':
      return new LocalDate(value as number);
    case 'timestamp':
      return new Timestamp(value as bigint);
    case 'timestamp_ntz':
      return new LocalDateTime(value as bigint);
    case 'day_time_interval':
      return new DayTimeInterval(value as bigint, type.from, type.to);
    case 'year_month_interval':
      return new YearMonthInterval(value as number, type.from, type.to);
    case 'array':
      return (value as readonly EngineValue[]).map((element) => toApiValue(element, type.element));
    case 'struct': {
      const object: Record<string, unknown> = {};
      type.fields.forEach((f, i) => {
        defineField(object, f.name, toApiValue((value as readonly EngineValue[])[i], f.type));
      });
      return object;
    }
    case 'map':
      return new Map(
        (value as readonly (readonly [EngineValue, EngineValue])[]).map(([k, v]) => [toApiValue(k, type.key), toApiValue(v, type.value)]),
      );
    default:
      return value;
  }
}

/** Plain assignment would call the setter of a field named `__proto__`. */
function defineField(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}

/**
 * The engine value of something a user handed in; undefined counts as null. Beyond the values that `toApiValue` gives it takes: safe
 * integers for int64, bigints for smaller integers, numbers, bigints and texts for decimals (rounded half up to the scale), Dates and
 * ISO texts for dates and timestamps, tuples for structs, objects for maps with string keys, typed arrays for arrays.
 * Throws a user error INVALID_VALUE that names the path, the wanted type and the value. Hand a function as `path` where making the text costs.
 */
export function fromApiValue(value: unknown, type: DataType, path: string | (() => string)): EngineValue {
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const place = (typeof path === 'string' ? path : path()) + error.steps.join('');
    const reason = error.reason === '' ? '' : ` (${error.reason})`;
    throw userError('INVALID_VALUE', `${place}: expected ${typeName(error.wanted)}, got ${describe(error.value)}${reason}.`, {
      hint: error.hint,
    });
  }
}

/** Carries a refusal up to `fromApiValue`, gathering the path on its way, so that good values build no path at all. */
class Mismatch extends Error {
  readonly steps: string[] = [];
  readonly wanted: DataType;
  readonly value: unknown;
  readonly reason: string;
  readonly hint?: string;

  constructor(wanted: DataType, value: unknown, reason = '', hint?: string) {
    super(reason);
    this.wanted = wanted;
    this.value = value;
    this.reason = reason;
    this.hint = hint;
  }
}

function convertAt(value: unknown, type: DataType, step: () => string): EngineValue {
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof Mismatch) error.steps.unshift(step());
    throw error;
  }
}

const INTEGER_BITS = { int8: 8, int16: 16, int32: 32 } as const;

function convert(value: unknown, type: DataType): EngineValue {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'null':
      throw new Mismatch(type, value);
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw new Mismatch(type, value);
    case 'int8':
    case 'int16':
    case 'int32':
      return smallInteger(value, type, INTEGER_BITS[type.kind]);
    case 'int64':
      return bigInteger(value, type);
    case 'float32':
    case 'float64':
      if (typeof value === 'number') return type.kind === 'float32' ? Math.fround(value) : value;
      throw new Mismatch(
        type,
        value,
        '',
        typeof value === 'bigint' ? 'Convert it with Number(value) where the rounding is fine' : undefined,
      );
    case 'decimal':
      return unscaled(value, type);
    case 'string':
      if (typeof value === 'string') return value;
      throw new Mismatch(type, value);
    case 'binary':
      if (value instanceof Uint8Array) return value;
      if (value instanceof ArrayBuffer) return new Uint8Array(value);
      throw new Mismatch(type, value);
    case 'date':
      return days(value, type);
    case 'timestamp':
    case 'timestamp_ntz':
      return micros(value, type);
    case 'day_time_interval':
      return interval(value, type, 64);
    case 'year_month_interval':
      return Number(interval(value, type, 32));
    case 'array':
      if (!Array.isArray(value) && !isTypedArray(value)) throw new Mismatch(type, value);
      return Array.from(value as ArrayLike<unknown>, (element, i) => convertAt(element, type.element, () => `[${i}]`));
    case 'map':
      return mapEntries(value, type);
    case 'struct':
      return structFields(value, type);
    default:
      return type satisfies never;
  }
}

type TypeOf<K extends DataType['kind']> = Extract<DataType, { kind: K }>;

function isTypedArray(value: unknown): boolean {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function smallInteger(value: unknown, type: DataType, bits: 8 | 16 | 32): number {
  const n = typeof value === 'bigint' ? Number(value) : value;
  if (typeof n !== 'number') throw new Mismatch(type, value);
  if (!Number.isInteger(n)) throw new Mismatch(type, value, 'not a whole number');
  const bound = 2 ** (bits - 1);
  if (n < -bound || n >= bound) throw new Mismatch(type, value, 'out of range');
  // Minus zero is no integer of its own.
  return n + 0;
}

function bigInteger(value: unknown, type: DataType): bigint {
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw new Mismatch(type, value, 'out of range');
    return value;
  }
  if (typeof value !== 'number') throw new Mismatch(type, value);
  if (!Number.isInteger(value)) throw new Mismatch(type, value, 'not a whole number');
  if (!Number.isSafeInteger(value)) throw new Mismatch(type, value, 'past 2^53 a number is not exact', 'Use a bigint');
  return BigInt(value);
}

function unscaled(value: unknown, type: TypeOf<'decimal'>): bigint {
  let decimal: Decimal;
  try {
    if (!(value instanceof Decimal || ['number', 'bigint', 'string'].includes(typeof value))) throw new Mismatch(type, value);
    decimal = Decimal.from(value as number | bigint | string | Decimal);
  } catch (error) {
    if (error instanceof MinisparkError) throw new Mismatch(type, value);
    throw error;
  }
  const result = rescale(decimal.unscaled, decimal.scale, type.scale);
  if (!fitsPrecision(result, type.precision)) throw new Mismatch(type, value, 'too many digits');
  return result;
}

function days(value: unknown, type: DataType): number {
  if (value instanceof LocalDate) return value.days;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return Math.floor(value.getTime() / 86_400_000);
  const parsed = typeof value === 'string' ? parseIsoDate(value) : null;
  if (parsed === null) throw new Mismatch(type, value, '', 'Use LocalDate.parse, a Date or a text such as 2024-02-29');
  return parsed;
}

function micros(value: unknown, type: TypeOf<'timestamp' | 'timestamp_ntz'>): bigint {
  if (value instanceof (type.kind === 'timestamp' ? Timestamp : LocalDateTime)) return value.micros;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return BigInt(value.getTime()) * 1000n;
  const parsed = typeof value === 'string' ? parseIsoMicros(value) : null;
  if (parsed !== null && (type.kind === 'timestamp' || !parsed.zoned)) return parsed.micros;
  const zone = type.kind === 'timestamp' ? 'Z' : '';
  throw new Mismatch(type, value, '', `Use a Date or a text such as 2024-02-29T13:05:00${zone}`);
}

/** Microseconds or months; what the type does not show must not be there. */
function interval(value: unknown, type: TypeOf<IntervalKind>, bits: number): bigint {
  const isDayTime = type.kind === 'day_time_interval';
  let amount: bigint | null = null;
  if (value instanceof DayTimeInterval && isDayTime) amount = value.micros;
  else if (value instanceof YearMonthInterval && !isDayTime) amount = BigInt(value.months);
  else if (typeof value === 'string') amount = parseInterval(value, type.from, type.to);
  if (amount === null) throw new Mismatch(type, value, '', `Use ${isDayTime ? 'DayTimeInterval' : 'YearMonthInterval'}.of({ … })`);
  if (BigInt.asIntN(bits, amount) !== amount) throw new Mismatch(type, value, 'out of range');
  if (type.to !== 'second' && amount % FIELD_UNIT[type.to] !== 0n)
    throw new Mismatch(type, value, `it has parts smaller than a ${type.to}`);
  return amount;
}

function mapEntries(value: unknown, type: TypeOf<'map'>): EngineValue {
  let entries: Iterable<[unknown, unknown]>;
  if (value instanceof Map) entries = value;
  else if (isPlainObject(value) && type.key.kind === 'string') entries = Object.entries(value);
  else throw new Mismatch(type, value);
  return Array.from(entries, ([k, v]) => {
    const step = () => `[${describe(k)}]`;
    const key = convertAt(k, type.key, step);
    if (key === null) throw new Mismatch(type, value, 'a key is null');
    return [key, convertAt(v, type.value, step)];
  });
}

function structFields(value: unknown, type: TypeOf<'struct'>): EngineValue {
  if (Array.isArray(value)) {
    if (value.length !== type.fields.length) throw new Mismatch(type, value, `${value.length} values for ${type.fields.length} fields`);
    return type.fields.map((f, i) => fieldAt(value[i], f));
  }
  if (typeof value !== 'object' || value === null || value instanceof Map || ArrayBuffer.isView(value)) throw new Mismatch(type, value);
  const object = value as Record<string, unknown>;
  const result = type.fields.map((f) => fieldAt(property(object, f.name), f));
  const unknown = Object.keys(object).find((key) => object[key] !== undefined && !type.fields.some((f) => f.name === key));
  if (unknown !== undefined) throw new Mismatch(type, value, `it has a field '${unknown}' that the type has not`);
  return result;
}

/** What a class inherits from its own prototypes counts (getters); what every object inherits (`toString`) does not. */
function property(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) || !(name in Object.prototype) ? object[name] : null;
}

function fieldAt(value: unknown, f: Field): EngineValue {
  return convertAt(value, f.type, () => `.${f.name}`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** A short rendering of any value for messages. */
function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `'${value.slice(0, 57)}…'` : `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `a function${value.name === '' ? '' : ` ${value.name}`}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (
    value instanceof Decimal ||
    value instanceof LocalDate ||
    value instanceof Timestamp ||
    value instanceof LocalDateTime ||
    value instanceof DayTimeInterval ||
    value instanceof YearMonthInterval
  ) {
    return `${value.constructor.name} ${value}`;
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (!isPlainObject(value)) return `a ${value.constructor?.name ?? 'class instance'}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''}`;
}
