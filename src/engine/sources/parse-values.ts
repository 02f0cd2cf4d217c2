/**
 * Owns: numbers, dates and booleans from the bytes of text files, straight into builders, without a string where the value is of the
 * usual kind. Receives data[start, end), says whether it was a value of the type.
 */
import type { ColumnBuilder } from '../../data/builder-base.js';
import type { BitsBuilder } from '../../data/builder-bits.js';
import type { BytesBuilder } from '../../data/builder-bytes.js';
import type { FixedBuilder } from '../../data/builder-fixed.js';
import type { WideBuilder } from '../../data/builder-wide.js';
import { fitsPrecision, parseDecimal, rescale } from '../../data/decimal.js';
import { parseInterval } from '../../data/interval.js';
import { daysFromCivil, daysInMonth, parseIsoDate, parseIsoMicros } from '../../data/temporal.js';
import type { DataType, IntervalType } from '../../data/types.js';
import { decodeUtf8 } from '../../data/utf8.js';
import { instantOf, type Zone } from '../../data/zone.js';

/** Appends the value that data[start, end) spells and answers true; or appends nothing and answers false. */
export type Append = (data: Uint8Array, start: number, end: number) => boolean;

const MINUS = 45;
const PLUS = 43;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const BLANK = 32;
const LETTER_T = 84;
/** Whole numbers of this many digits are exact in a double. */
const EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** The integer that the text is; NaN for what is none, Infinity for more digits than a double holds for sure. */
export function parseInteger(data: Uint8Array, start: number, end: number): number {
  const sign = data[start];
  let i = sign === MINUS || sign === PLUS ? start + 1 : start;
  if (i >= end) return Number.NaN;
  const long = end - i > EXACT_DIGITS;
  let value = 0;
  for (; i < end; i++) {
    const digit = data[i] - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  if (long) return Number.POSITIVE_INFINITY;
  return sign === MINUS ? 0 - value : value;
}

/** The 64-bit integer of a text that `parseInteger` found too long; null past 64 bits. */
export function parseLongInteger(data: Uint8Array, start: number, end: number): bigint | null {
  const value = BigInt(decodeUtf8(data, data[start] === PLUS ? start + 1 : start, end));
  return BigInt.asIntN(64, value) === value ? value : null;
}

/** The nearest double; undefined for what is no number. Takes NaN, Inf and Infinity, as Spark's readers do. */
export function parseDouble(data: Uint8Array, start: number, end: number): number | undefined {
  const negative = data[start] === MINUS;
  let i = negative || data[start] === PLUS ? start + 1 : start;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; i < end; i++) {
    const digit = data[i] - ZERO;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (data[i] === POINT && decimals < 0) decimals = 0;
    else break;
  }
  // Both are exact, so their quotient is the nearest double (Clinger, "How to Read Floating Point Numbers Accurately").
  if (i === end && digits > 0 && digits <= EXACT_DIGITS) {
    const value = decimals > 0 ? mantissa / POWERS[decimals] : mantissa;
    return negative ? -value : value;
  }
  return parseDoubleText(decodeUtf8(data, start, end));
}

const DOUBLE_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Inf: Number.POSITIVE_INFINITY,
  '+Inf': Number.POSITIVE_INFINITY,
  Infinity: Number.POSITIVE_INFINITY,
  '+Infinity': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function parseDoubleText(text: string): number | undefined {
  if (DOUBLE_TEXT.test(text)) return Number(text);
  return Object.hasOwn(SPECIAL, text) ? SPECIAL[text] : undefined;
}

/** Days of `2024-02-29`, or of any other ISO form; null for anything else. */
export function parseDate(data: Uint8Array, start: number, end: number): number | null {
  if (end - start !== 10 || data[start + 4] !== MINUS || data[start + 7] !== MINUS) {
    return end - start > 10 ? parseIsoDate(decodeUtf8(data, start, end)) : null;
  }
  const year = parseInteger(data, start, start + 4);
  const month = parseInteger(data, start + 5, start + 7);
  const day = parseInteger(data, start + 8, end);
  if (!(month >= 1 && month <= 12 && day >= 1 && year >= 0) || day > daysInMonth(year, month)) return null;
  return daysFromCivil(year, month, day);
}

/** 1 or 0 for true and false in any case, -1 for anything else. */
export function parseBoolean(data: Uint8Array, start: number, end: number): number {
  if (end - start < 4 || end - start > 5) return -1;
  const text = decodeUtf8(data, start, end).toLowerCase();
  return text === 'true' ? 1 : text === 'false' ? 0 : -1;
}

/** Microseconds; a text with a zone is that instant, one without is taken as UTC. */
export function parseTimestamp(data: Uint8Array, start: number, end: number): { micros: bigint; zoned: boolean } | null {
  const seconds = plainSeconds(data, start, end);
  if (!Number.isNaN(seconds)) return { micros: BigInt(seconds) * 1_000_000n, zoned: false };
  return parseIsoMicros(decodeUtf8(data, start, end));
}

/** Seconds of `2024-02-29 13:05:00`, the usual form, without a string; NaN for any other. */
export function plainSeconds(data: Uint8Array, start: number, end: number): number {
  if (end - start !== 19 || data[start + 13] !== COLON || data[start + 16] !== COLON) return Number.NaN;
  if (data[start + 10] !== BLANK && data[start + 10] !== LETTER_T) return Number.NaN;
  const days = parseDate(data, start, start + 10);
  const hour = twoDigits(data, start + 11);
  const minute = twoDigits(data, start + 14);
  const second = twoDigits(data, start + 17);
  return days !== null && hour < 24 && minute < 60 && second < 60 ? days * 86_400 + hour * 3600 + minute * 60 + second : Number.NaN;
}

function twoDigits(data: Uint8Array, at: number): number {
  const tens = data[at] - ZERO;
  const ones = data[at + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

const INTEGER_BOUND = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31 } as const;

/** How texts become rows of `builder`, whose type must not be nested. `zone`: of timestamps that name none; null for UTC. */
export function appenderOf(builder: ColumnBuilder, zone: Zone | null = null): Append {
  const { type } = builder;
  switch (type.kind) {
    case 'string':
    case 'binary':
      return (data, start, end) => {
        (builder as BytesBuilder).appendSlice(data, start, end);
        return true;
      };
    case 'int8':
    case 'int16':
    case 'int32':
      return smallIntegers(builder as FixedBuilder, INTEGER_BOUND[type.kind]);
    case 'int64':
      return longIntegers(builder as FixedBuilder);
    case 'float32':
    case 'float64':
      return doubles(builder as FixedBuilder);
    case 'decimal':
      return decimals(builder as FixedBuilder | WideBuilder, type);
    case 'date':
      return dates(builder as FixedBuilder);
    case 'timestamp':
    case 'timestamp_ntz':
      return timestamps(builder as FixedBuilder, type.kind === 'timestamp', zone);
    case 'day_time_interval':
    case 'year_month_interval':
      return intervals(builder as FixedBuilder, type);
    case 'boolean':
      return booleans(builder as BitsBuilder);
    default:
      return () => false;
  }
}

function smallIntegers(builder: FixedBuilder, bound: number): Append {
  return (data, start, end) => {
    const value = parseInteger(data, start, end);
    const fits = value >= -bound && value < bound;
    if (fits) builder.appendNumber(value);
    return fits;
  };
}

function longIntegers(builder: FixedBuilder): Append {
  return (data, start, end) => {
    const value = parseInteger(data, start, end);
    if (Number.isNaN(value)) return false;
    if (Number.isFinite(value)) {
      builder.appendDouble(value);
      return true;
    }
    const long = parseLongInteger(data, start, end);
    if (long !== null) builder.appendBig(long);
    return long !== null;
  };
}

function doubles(builder: FixedBuilder): Append {
  return (data, start, end) => {
    const value = parseDouble(data, start, end);
    if (value !== undefined) builder.appendNumber(value);
    return value !== undefined;
  };
}

function decimals(builder: FixedBuilder | WideBuilder, type: DataType & { kind: 'decimal' }): Append {
  const { precision, scale } = type;
  const narrow = precision <= 18 ? (builder as FixedBuilder) : null;
  return (data, start, end) => {
    const fast = narrow === null ? Number.NaN : unscaledDouble(data, start, end, scale);
    // Digits that fit the precision and 2^53 alike.
    if (narrow !== null && Math.abs(fast) < POWERS[Math.min(precision, EXACT_DIGITS)]) {
      narrow.appendDouble(fast);
      return true;
    }
    const parsed = parseDecimal(decodeUtf8(data, start, end));
    if (parsed === null) return false;
    const unscaled = rescale(parsed.unscaled, parsed.scale, scale);
    const fits = fitsPrecision(unscaled, precision);
    if (fits) builder.appendBig(unscaled);
    return fits;
  };
}

/** The unscaled value of plain digits with at most `scale` decimals and 15 digits in all; NaN for anything else. */
function unscaledDouble(data: Uint8Array, start: number, end: number, scale: number): number {
  const negative = data[start] === MINUS;
  let i = negative ? start + 1 : start;
  let value = 0;
  let digits = 0;
  let fraction = -1;
  for (; i < end; i++) {
    const digit = data[i] - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      if (fraction >= 0) fraction++;
    } else if (data[i] === POINT && fraction < 0) fraction = 0;
    else return Number.NaN;
  }
  const missing = scale - Math.max(0, fraction);
  if (digits === 0 || missing < 0 || digits + missing > EXACT_DIGITS) return Number.NaN;
  value *= POWERS[missing];
  return negative ? 0 - value : value;
}

function dates(builder: FixedBuilder): Append {
  return (data, start, end) => {
    const days = parseDate(data, start, end);
    if (days !== null) builder.appendNumber(days);
    return days !== null;
  };
}

function timestamps(builder: FixedBuilder, zoneAllowed: boolean, zone: Zone | null): Append {
  return (data, start, end) => {
    const parsed = parseTimestamp(data, start, end);
    if (parsed === null || (parsed.zoned && !zoneAllowed)) return false;
    builder.appendBig(zone === null || parsed.zoned || !zoneAllowed ? parsed.micros : instantOf(parsed.micros, zone));
    return true;
  };
}

function intervals(builder: FixedBuilder, type: IntervalType): Append {
  return (data, start, end) => {
    const amount = parseInterval(decodeUtf8(data, start, end), type.from, type.to);
    if (amount !== null) builder.append(type.kind === 'day_time_interval' ? amount : Number(amount));
    return amount !== null;
  };
}

function booleans(builder: BitsBuilder): Append {
  return (data, start, end) => {
    const value = parseBoolean(data, start, end);
    if (value >= 0) builder.appendBool(value);
    return value >= 0;
  };
}
