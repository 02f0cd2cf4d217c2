/**
 * Owns: which type two or more types have in common and what may be cast implicitly, by Spark's ANSI rules.
 * Receives types, gives types or null where there is none; knows no function.
 */
import { DAY_TIME_FIELDS, YEAR_MONTH_FIELDS } from '../../data/interval.js';
import {
  arrayOf,
  type DataType,
  decimal,
  FLOAT64,
  INT64,
  type IntervalType,
  isFloat,
  isInteger,
  isInterval,
  isNumeric,
  mapOf,
  sameType,
  structOf,
  TIMESTAMP,
} from '../../data/types.js';

export type DecimalType = Extract<DataType, { kind: 'decimal' }>;

const MAX_PRECISION = 38;
/** Decimals that a capped result keeps at least: Spark's DecimalType.MINIMUM_ADJUSTED_SCALE. */
const MIN_ADJUSTED_SCALE = 6;
const INTEGER_DIGITS: Record<string, number> = { int8: 3, int16: 5, int32: 10, int64: 20 };
const INTEGER_ORDER = ['int8', 'int16', 'int32', 'int64'];

/** decimal(p, s) cut down to 38 digits: integral digits are kept before fractional ones beyond the sixth. */
function adjustedDecimal(precision: number, scale: number): DecimalType {
  if (precision <= MAX_PRECISION) return decimal(precision, scale) as DecimalType;
  const integral = precision - scale;
  const kept = Math.max(MAX_PRECISION - integral, Math.min(scale, MIN_ADJUSTED_SCALE));
  return decimal(MAX_PRECISION, kept) as DecimalType;
}

/** The decimal that holds every value of a numeric type (float types by their significant digits); null for other types. */
export function decimalFor(type: DataType): DecimalType | null {
  if (type.kind === 'decimal') return type;
  if (isInteger(type)) return decimal(INTEGER_DIGITS[type.kind], 0) as DecimalType;
  if (type.kind === 'float32') return decimal(14, 7) as DecimalType;
  return type.kind === 'float64' ? (decimal(30, 15) as DecimalType) : null;
}

/** The narrowest decimal of a whole number: how Spark types an integer literal beside a decimal. */
export function decimalForLiteral(value: number | bigint): DecimalType {
  const digits = String(value).replace('-', '').length;
  return decimal(digits, 0) as DecimalType;
}

/** Result type of `+ - * / % div` over two decimals (Hive's rules, precision loss allowed). */
export function decimalResult(operator: string, a: DecimalType, b: DecimalType): DecimalType {
  const [p1, s1, p2, s2] = [a.precision, a.scale, b.precision, b.scale];
  switch (operator) {
    case '*':
      return adjustedDecimal(p1 + p2 + 1, s1 + s2);
    case '/': {
      const scale = Math.max(MIN_ADJUSTED_SCALE, s1 + p2 + 1);
      return adjustedDecimal(p1 - s1 + s2 + scale, scale);
    }
    case '%':
    case 'pmod': {
      const scale = Math.max(s1, s2);
      return adjustedDecimal(Math.min(p1 - s1, p2 - s2) + scale, scale);
    }
    default: {
      const scale = Math.max(s1, s2);
      return adjustedDecimal(Math.max(p1 - s1, p2 - s2) + scale + 1, scale);
    }
  }
}

/** The decimal that holds all values of both, as comparisons, unions and `coalesce` need it. */
function widerDecimal(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  const precision = Math.max(a.precision - a.scale, b.precision - b.scale) + scale;
  if (precision <= MAX_PRECISION) return decimal(precision, scale) as DecimalType;
  return decimal(MAX_PRECISION, Math.max(0, Math.min(scale, MAX_PRECISION - (precision - scale)))) as DecimalType;
}

/** The type that values of both take without loss, strings excluded: `int`, `bigint` → `bigint`; null where there is none. */
export function tightestCommonType(a: DataType, b: DataType): DataType | null {
  if (sameType(a, b)) return mergeNested(a, b);
  if (a.kind === 'null') return b;
  if (b.kind === 'null') return a;
  if (isNumeric(a) && isNumeric(b)) return widerNumeric(a, b);
  const kinds = new Set([a.kind, b.kind]);
  const temporal = ['date', 'timestamp', 'timestamp_ntz'];
  if (temporal.includes(a.kind) && temporal.includes(b.kind)) {
    return kinds.has('timestamp') ? TIMESTAMP : { kind: 'timestamp_ntz' };
  }
  if (isInterval(a) && isInterval(b)) return widerInterval(a, b);
  return nestedCommonType(a, b, tightestCommonType);
}

/** With the fields of both; days and months have nothing in common. */
function widerInterval(a: IntervalType, b: IntervalType): DataType | null {
  if (a.kind !== b.kind) return null;
  const order: readonly string[] = a.kind === 'day_time_interval' ? DAY_TIME_FIELDS : YEAR_MONTH_FIELDS;
  const first = order.indexOf(a.from) < order.indexOf(b.from) ? a.from : b.from;
  const last = order.indexOf(a.to) > order.indexOf(b.to) ? a.to : b.to;
  return { ...a, from: first, to: last } as DataType;
}

function widerNumeric(a: DataType, b: DataType): DataType {
  if (isInteger(a) && isInteger(b)) return INTEGER_ORDER.indexOf(a.kind) > INTEGER_ORDER.indexOf(b.kind) ? a : b;
  if (isFloat(a) || isFloat(b)) return FLOAT64;
  return widerDecimal(decimalFor(a)!, decimalFor(b)!);
}

/**
 * The type that two operands of a comparison, two branches or two united columns take, by ANSI rules: besides
 * `tightestCommonType`, a string beside a whole number becomes bigint, beside a fraction double, beside another atom that atom.
 */
export function commonType(a: DataType, b: DataType): DataType | null {
  const tight = tightestCommonType(a, b);
  if (tight !== null) return tight;
  if (a.kind === 'string') return besideString(b);
  if (b.kind === 'string') return besideString(a);
  return nestedCommonType(a, b, commonType);
}

/** `commonType` over many, folded from the left; null types give way. */
export function commonTypeOf(types: readonly DataType[]): DataType | null {
  return types.reduce<DataType | null>((common, type) => (common === null ? null : commonType(common, type)), { kind: 'null' });
}

function besideString(other: DataType): DataType | null {
  if (isInteger(other)) return INT64;
  if (isNumeric(other)) return FLOAT64;
  // Many intervals could be meant.
  return isNested(other) || isInterval(other) ? null : other;
}

const isNested = (type: DataType): boolean => type.kind === 'array' || type.kind === 'map' || type.kind === 'struct';

function mergeNested(a: DataType, b: DataType): DataType {
  return isNested(a) ? (nestedCommonType(a, b, tightestCommonType) ?? a) : a;
}

function nestedCommonType(a: DataType, b: DataType, common: (a: DataType, b: DataType) => DataType | null): DataType | null {
  if (a.kind === 'array' && b.kind === 'array') {
    const element = common(a.element, b.element);
    return element && arrayOf(element, a.containsNull || b.containsNull);
  }
  if (a.kind === 'map' && b.kind === 'map') {
    const key = common(a.key, b.key);
    const value = common(a.value, b.value);
    return key && value && mapOf(key, value, a.valueContainsNull || b.valueContainsNull);
  }
  if (a.kind === 'struct' && b.kind === 'struct' && a.fields.length === b.fields.length) {
    const fields = [];
    for (const [i, left] of a.fields.entries()) {
      const right = b.fields[i];
      const type = common(left.type, right.type);
      if (type === null || left.name.toLowerCase() !== right.name.toLowerCase()) return null;
      fields.push({ name: left.name, type, nullable: left.nullable || right.nullable });
    }
    return structOf(fields);
  }
  return null;
}

/** Whether a function that wants `to` takes a `from` by an implicit cast (ANSI store assignment: any number, strings both ways, dates and timestamps). */
export function canCastImplicitly(from: DataType, to: DataType): boolean {
  if (from.kind === 'null' || sameType(from, to)) return true;
  if (isNested(from) || isNested(to)) return isNested(from) && nestedCommonType(from, to, tightestCommonType) !== null;
  if (from.kind === 'string') return true;
  if (to.kind === 'string') return true;
  if (isNumeric(from) && isNumeric(to)) return true;
  if (isInterval(from) || isInterval(to)) return from.kind === to.kind;
  const temporal = ['date', 'timestamp', 'timestamp_ntz'];
  return temporal.includes(from.kind) && temporal.includes(to.kind);
}
