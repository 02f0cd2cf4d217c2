/** Owns: casts to numbers, one value at a time: truncation toward zero, range checks, decimals rounded half up, by Spark's ANSI rules. */
import { fitsPrecision, formatDecimal, parseDecimal, powerOfTen, rescale } from '../../data/decimal.js';
import { formatInterval } from '../../data/interval.js';
import { trimText } from '../../data/temporal-text.js';
import { type DataType, isFloat, isInteger, typeName } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { decimalOverflow } from './arithmetic-errors.js';
import { castOverflow, invalidInput } from './cast-rules.js';
import { fieldNumber, wholeField } from './interval-cast.js';
import { doubleText, floatText } from './number-text.js';
import type { DecimalType } from './type-coercion.js';

type Caster = (value: never) => EngineValue;

const BITS: Record<string, number> = { int8: 8, int16: 16, int32: 32, int64: 64 };

/** From any type that ANSI casts to an integer, a float or a decimal. */
export function numberCaster(from: DataType, to: DataType): Caster {
  if (isInteger(to)) return integerCaster(from, to);
  if (isFloat(to)) return floatCaster(from, to);
  return decimalCaster(from, to as DecimalType);
}

/** `whole` in the form of an integer type (bigint for int64), or CAST_OVERFLOW. */
export function toInteger(whole: bigint, to: DataType, shown: () => string): number | bigint {
  if (BigInt.asIntN(BITS[to.kind], whole) !== whole) throw castOverflow(shown(), to);
  return to.kind === 'int64' ? whole : Number(whole);
}

function integerCaster(from: DataType, to: DataType): Caster {
  switch (from.kind) {
    case 'boolean':
      return (v: boolean) => (to.kind === 'int64' ? (v ? 1n : 0n) : v ? 1 : 0);
    case 'float32':
    case 'float64':
      return (v: number) => floatToInteger(v, from, to);
    case 'decimal': {
      const unit = powerOfTen(from.scale);
      return (v: bigint) => toInteger(v / unit, to, () => formatDecimal(v, from.scale));
    }
    case 'timestamp':
      return (v: bigint) => toInteger(floorSeconds(v), to, () => `The timestamp with ${v} microseconds`);
    case 'day_time_interval':
    case 'year_month_interval':
      return (v: bigint | number) => toInteger(wholeField(v, from), to, () => formatInterval(v, from.from, from.to));
    case 'string':
      return (v: string) => parseInteger(v, to);
    default:
      return (v: number | bigint) => toInteger(BigInt(v), to, () => String(v));
  }
}

const floorSeconds = (micros: bigint): bigint => (micros - (((micros % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n;

/** Java's rule: the largest double counts as in range and saturates (2^63 → 2^63 - 1). */
export function floatToInteger(value: number, from: DataType, to: DataType): number | bigint {
  const limit = 2 ** (BITS[to.kind] - 1);
  const most = to.kind === 'int64' ? limit : limit - 1;
  if (!(Math.floor(value) <= most && Math.ceil(value) >= -limit))
    throw castOverflow(from.kind === 'float32' ? floatText(value) : doubleText(value), to);
  const whole = Math.trunc(value) + 0;
  if (to.kind !== 'int64') return whole;
  return whole === limit ? 2n ** 63n - 1n : BigInt(whole);
}

function parseInteger(text: string, to: DataType): number | bigint {
  const trimmed = trimText(text);
  if (!/^[+-]?\d+$/.test(trimmed)) throw invalidInput(text, to);
  const whole = BigInt(trimmed[0] === '+' ? trimmed.slice(1) : trimmed);
  if (BigInt.asIntN(BITS[to.kind], whole) !== whole) throw invalidInput(text, to);
  return to.kind === 'int64' ? whole : Number(whole);
}

function floatCaster(from: DataType, to: DataType): Caster {
  const narrow = to.kind === 'float32' ? Math.fround : (v: number) => v;
  switch (from.kind) {
    case 'boolean':
      return (v: boolean) => (v ? 1 : 0);
    case 'decimal':
      return (v: bigint) => narrow(Number(formatDecimal(v, from.scale)));
    case 'timestamp':
      return (v: bigint) => narrow(Number(v) / 1e6);
    case 'string':
      return (v: string) => narrow(parseFloatText(v, to));
    default:
      return (v: number | bigint) => narrow(Number(v));
  }
}

const FLOAT_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/;

function parseFloatText(text: string, to: DataType): number {
  const trimmed = trimText(text);
  if (FLOAT_TEXT.test(trimmed)) return Number(trimmed.replace(/[dDfF]$/, ''));
  const match = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (match === null) throw invalidInput(text, to);
  if (match[2].toLowerCase() === 'nan') return Number.NaN;
  return match[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** `unscaled` at the scale of `to`, or NUMERIC_VALUE_OUT_OF_RANGE. */
export function fitDecimal(unscaled: bigint, scale: number, to: DecimalType): bigint {
  const result = rescale(unscaled, scale, to.scale);
  if (!fitsPrecision(result, to.precision)) throw decimalOverflow(unscaled, scale, typeName(to));
  return result;
}

function decimalCaster(from: DataType, to: DecimalType): Caster {
  switch (from.kind) {
    case 'boolean':
      return (v: boolean) => fitDecimal(v ? 1n : 0n, 0, to);
    case 'decimal':
      return (v: bigint) => fitDecimal(v, from.scale, to);
    case 'float32':
    case 'float64':
      return (v: number) => {
        const parsed = parseDecimal(String(v));
        return parsed && fitDecimal(parsed.unscaled, parsed.scale, to);
      };
    case 'timestamp':
      return (v: bigint) => fitDecimal(v, 6, to);
    case 'day_time_interval':
    case 'year_month_interval':
      return (v: bigint | number) => {
        const { unscaled, scale } = fieldNumber(v, from);
        return fitDecimal(unscaled, scale, to);
      };
    case 'string':
      return (v: string) => {
        const parsed = parseDecimal(trimText(v));
        if (parsed === null) throw invalidInput(v, to);
        return fitDecimal(parsed.unscaled, parsed.scale, to);
      };
    default:
      return (v: number | bigint) => fitDecimal(BigInt(v), 0, to);
  }
}
