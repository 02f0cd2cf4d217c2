/** Owns: casts of one value from any type to any other that ANSI allows; numbers as targets are in cast-numbers.ts. */
import { fatalError, MinisparkError } from '../../core/errors.js';
import { formatDecimal, powerOfTen } from '../../data/decimal.js';
import { formatDate, formatMicros, MICROS_PER_DAY } from '../../data/temporal.js';
import { parseDate, trimText } from '../../data/temporal-text.js';
import { type DataType, isNumeric, sameType, typeName } from '../../data/types.js';
import { decodeUtf8 } from '../../data/utf8.js';
import type { EngineValue } from '../../data/value.js';
import { clockOf, instantOf, parseTimestamp, parseTimestampNtz, startOfDay, type Zone } from '../../data/zone.js';
import { numberCaster } from './cast-numbers.js';
import { castOverflow, invalidInput } from './cast-rules.js';
import { intervalText, toInterval } from './interval-cast.js';
import { doubleText, floatText } from './number-text.js';

export type Caster = (value: EngineValue) => EngineValue;

/** Casts non-null values; throws CAST_INVALID_INPUT, CAST_OVERFLOW, NUMERIC_VALUE_OUT_OF_RANGE, or gives null instead where `safe`. `zone`: null for UTC. */
export function casterOf(from: DataType, to: DataType, safe: boolean, zone: Zone | null = null): Caster {
  const cast = strictCaster(from, to, safe, zone);
  return safe ? nullOnError(cast) : cast;
}

function nullOnError(cast: Caster): Caster {
  return (value) => {
    try {
      return cast(value);
    } catch (error) {
      if (error instanceof MinisparkError && error.kind === 'user') return null;
      throw error;
    }
  };
}

function strictCaster(from: DataType, to: DataType, safe: boolean, zone: Zone | null): Caster {
  if (from.kind === 'null') return () => null;
  if (sameType(from, to)) return (value) => value;
  if (isNumeric(to)) return numberCaster(from, to) as Caster;
  switch (to.kind) {
    case 'string':
      return textOf(from, zone) as Caster;
    case 'boolean':
      return toBoolean(from) as Caster;
    case 'date':
      return toDate(from, zone) as Caster;
    case 'timestamp':
      return toTimestamp(from, to, zone) as Caster;
    case 'timestamp_ntz':
      return toTimestampNtz(from, to, zone) as Caster;
    case 'day_time_interval':
    case 'year_month_interval':
      return toInterval(from, to) as Caster;
    case 'binary':
      return (value) => new Uint8Array(Buffer.from(value as string, 'utf8'));
    default:
      return nestedCaster(from, to, safe, zone);
  }
}

function toBoolean(from: DataType): (value: never) => EngineValue {
  if (from.kind !== 'string') return (value: number | bigint) => (typeof value === 'bigint' ? value !== 0n : value !== 0);
  return (value: string) => {
    const text = trimText(value).toLowerCase();
    if (['t', 'true', 'y', 'yes', '1'].includes(text)) return true;
    if (['f', 'false', 'n', 'no', '0'].includes(text)) return false;
    throw invalidInput(value, { kind: 'boolean' });
  };
}

function toDate(from: DataType, zone: Zone | null): (value: never) => EngineValue {
  if (from.kind === 'timestamp' && zone !== null) return (value: bigint) => Number(floorDays(clockOf(value, zone)));
  if (from.kind !== 'string') return (value: bigint) => Number(floorDays(value));
  return (value: string) => {
    const days = parseDate(value);
    if (days === null) throw invalidInput(value, { kind: 'date' });
    return days;
  };
}

const floorDays = (micros: bigint): bigint => {
  const rest = micros % MICROS_PER_DAY;
  return (micros - (rest < 0n ? rest + MICROS_PER_DAY : rest)) / MICROS_PER_DAY;
};

const LONG_MAX = 2n ** 63n - 1n;

function toTimestampNtz(from: DataType, to: DataType, zone: Zone | null): (value: never) => EngineValue {
  if (from.kind === 'timestamp' && zone !== null) return (value: bigint) => clockOf(value, zone);
  if (from.kind !== 'string') return toTimestamp(from, to, null);
  return (value: string) => {
    const micros = parseTimestampNtz(value);
    if (micros === null) throw invalidInput(value, to);
    return micros;
  };
}

function toTimestamp(from: DataType, to: DataType, zone: Zone | null): (value: never) => EngineValue {
  switch (from.kind) {
    case 'string':
      return (value: string) => {
        const micros = parseTimestamp(value, zone);
        if (micros === null) throw invalidInput(value, to);
        return micros;
      };
    case 'date':
      if (zone !== null) return (value: number) => exactLong(startOfDay(value, zone), to);
      return (value: number) => exactLong(BigInt(value) * MICROS_PER_DAY, to);
    case 'float32':
    case 'float64':
      return (value: number) => {
        if (!Number.isFinite(value)) throw invalidInput(doubleText(value), to);
        const micros = value * 1e6;
        if (!(Math.abs(micros) <= 2 ** 63)) throw castOverflow(doubleText(value), to);
        return clampLong(BigInt(Math.trunc(micros)));
      };
    case 'decimal':
      // Spark keeps the low 64 bits here, ANSI or not.
      return (value: bigint) => BigInt.asIntN(64, (value * 1_000_000n) / powerOfTen(from.scale));
    case 'timestamp':
    case 'timestamp_ntz':
      return zone === null ? (value: bigint) => value : (value: bigint) => instantOf(value, zone);
    default:
      return (value: number | bigint) => clampLong(BigInt(value) * 1_000_000n);
  }
}

function exactLong(value: bigint, to: DataType): bigint {
  if (BigInt.asIntN(64, value) !== value) throw castOverflow(`The date ${formatDate(Number(value / MICROS_PER_DAY))}`, to);
  return value;
}

const clampLong = (value: bigint): bigint => (value > LONG_MAX ? LONG_MAX : value < -LONG_MAX - 1n ? -LONG_MAX - 1n : value);

/** Values as Spark shows them: `[1, null]`, `{1, x}`, `{k -> v}`, doubles as Java prints them, timestamps as a clock of the zone does (null: UTC). */
export function textOf(type: DataType, zone: Zone | null = null): (value: never) => string {
  switch (type.kind) {
    case 'float32':
      return floatText;
    case 'float64':
      return doubleText;
    case 'decimal':
      return (value: bigint) => formatDecimal(value, type.scale);
    case 'date':
      return formatDate;
    case 'timestamp':
      return zone === null ? formatMicros : (value: bigint) => formatMicros(clockOf(value, zone));
    case 'timestamp_ntz':
      return formatMicros;
    case 'day_time_interval':
    case 'year_month_interval':
      return intervalText(type);
    case 'binary':
      return (value: Uint8Array) => decodeUtf8(value, 0, value.length);
    case 'array': {
      const element = nullableText(type.element, zone);
      return (values: readonly EngineValue[]) => `[${values.map(element).join(', ')}]`;
    }
    case 'struct': {
      const fields = type.fields.map((field) => nullableText(field.type, zone));
      return (values: readonly EngineValue[]) => `{${values.map((value, i) => fields[i](value)).join(', ')}}`;
    }
    case 'map': {
      const [key, value] = [nullableText(type.key, zone), nullableText(type.value, zone)];
      return (entries: readonly (readonly EngineValue[])[]) => `{${entries.map(([k, v]) => `${key(k)} -> ${value(v)}`).join(', ')}}`;
    }
    default:
      return String;
  }
}

function nullableText(type: DataType, zone: Zone | null): (value: EngineValue) => string {
  const text = textOf(type, zone) as (value: EngineValue) => string;
  return (value) => (value === null ? 'null' : text(value));
}

function nestedCaster(from: DataType, to: DataType, safe: boolean, zone: Zone | null): Caster {
  const inner = (a: DataType, b: DataType): Caster => {
    const cast = casterOf(a, b, safe, zone);
    return (value) => (value === null ? null : cast(value));
  };
  if (from.kind === 'array' && to.kind === 'array') {
    const element = inner(from.element, to.element);
    return (values) => (values as readonly EngineValue[]).map(element);
  }
  if (from.kind === 'struct' && to.kind === 'struct') {
    const fields = from.fields.map((field, i) => inner(field.type, to.fields[i].type));
    return (values) => (values as readonly EngineValue[]).map((value, i) => fields[i](value));
  }
  if (from.kind === 'map' && to.kind === 'map') {
    const [key, value] = [inner(from.key, to.key), inner(from.value, to.value)];
    return (entries) => (entries as readonly (readonly EngineValue[])[]).map(([k, v]) => [key(k), value(v)]);
  }
  throw fatalError('INTERNAL_ERROR', `There is no cast from ${typeName(from)} to ${typeName(to)}.`);
}
