/** Owns: JavaScript values as literals of expressions, and the type each of them takes. */
import { userError } from '../../core/errors.js';
import { Decimal, digitCount, MAX_PRECISION } from '../../data/decimal.js';
import { DayTimeInterval, YearMonthInterval } from '../../data/interval.js';
import { LocalDate, LocalDateTime, Timestamp } from '../../data/temporal.js';
import {
  BINARY,
  BOOLEAN,
  DATE,
  type DataType,
  dayTimeInterval,
  decimal,
  FLOAT64,
  INT32,
  INT64,
  NULL,
  STRING,
  TIMESTAMP,
  TIMESTAMP_NTZ,
  yearMonthInterval,
} from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Expr } from '../plan/expression.js';

/** What may stand for itself in an expression. */
export type Plain =
  | string
  | number
  | boolean
  | bigint
  | null
  | Date
  | Uint8Array
  | Decimal
  | LocalDate
  | Timestamp
  | LocalDateTime
  | DayTimeInterval
  | YearMonthInterval;

/** The type of a column that holds the literal V: `5` makes a column of numbers. */
export type Widened<V> = V extends string
  ? string
  : V extends number
    ? number
    : V extends boolean
      ? boolean
      : V extends bigint
        ? bigint
        : V extends Date
          ? Timestamp
          : V;

/**
 * string → string; boolean; whole number → int, or bigint past 32 bits; other numbers and -0 → double; bigint → bigint, or decimal(38,0)
 * past 64 bits; DayTimeInterval and YearMonthInterval → intervals of their fields; Date and Timestamp → timestamp; LocalDateTime → timestamp_ntz; LocalDate → date; Decimal → decimal of its own digits.
 * Throws a user error UNSUPPORTED_LITERAL for anything else, undefined too.
 */
export function literalOf(value: unknown): Expr {
  switch (typeof value) {
    case 'string':
      return literal(value, STRING);
    case 'boolean':
      return literal(value, BOOLEAN);
    case 'number':
      return numberLiteral(value);
    case 'bigint':
      return bigintLiteral(value);
    case 'object':
      return objectLiteral(value);
    default:
      throw unsupported(value);
  }
}

export function literal(value: EngineValue | null, type: DataType): Expr {
  return Object.freeze({ kind: 'literal', value, type });
}

function numberLiteral(value: number): Expr {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return literal(value, FLOAT64);
  return value === (value | 0) ? literal(value, INT32) : literal(BigInt(value), INT64);
}

function bigintLiteral(value: bigint): Expr {
  if (BigInt.asIntN(64, value) === value) return literal(value, INT64);
  if (digitCount(value) > MAX_PRECISION) throw userError('UNSUPPORTED_LITERAL', `${value} has more than ${MAX_PRECISION} digits.`);
  return literal(value, decimal(MAX_PRECISION, 0));
}

function objectLiteral(value: object | null): Expr {
  if (value === null) return literal(null, NULL);
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw userError('UNSUPPORTED_LITERAL', 'An invalid Date cannot be a literal.');
    return literal(Timestamp.fromDate(value).micros, TIMESTAMP);
  }
  if (value instanceof Uint8Array) return literal(value.slice(), BINARY);
  if (value instanceof LocalDate) return literal(value.days, DATE);
  if (value instanceof Timestamp) return literal(value.micros, TIMESTAMP);
  if (value instanceof LocalDateTime) return literal(value.micros, TIMESTAMP_NTZ);
  if (value instanceof DayTimeInterval) return literal(value.micros, dayTimeInterval(value.from, value.to));
  if (value instanceof YearMonthInterval) return literal(value.months, yearMonthInterval(value.from, value.to));
  if (value instanceof Decimal) {
    const precision = Math.max(digitCount(value.unscaled), value.scale, 1);
    if (precision > MAX_PRECISION) throw userError('UNSUPPORTED_LITERAL', `${value} has more than ${MAX_PRECISION} digits.`);
    return literal(value.unscaled, decimal(precision, value.scale));
  }
  throw unsupported(value);
}

function unsupported(value: unknown) {
  const what =
    value === undefined ? 'undefined' : typeof value === 'object' ? `an object of class ${value?.constructor?.name}` : `a ${typeof value}`;
  const hint =
    value === undefined
      ? 'Was a variable never set? Use null for SQL NULL'
      : Array.isArray(value)
        ? 'Make an array column with array(lit(…), …)'
        : 'Literals are strings, numbers, bigints, booleans, null, Date, Uint8Array, Decimal, LocalDate, Timestamp, LocalDateTime and intervals';
  return userError('UNSUPPORTED_LITERAL', `The value ${what} cannot stand in an expression.`, { hint });
}
