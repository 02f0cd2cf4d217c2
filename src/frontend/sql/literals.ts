/** Owns: constants of SQL text: numbers with their suffixes, DATE '…', TIMESTAMP '…', X'…', with the types that Spark gives them. */
import { digitCount, MAX_PRECISION, parseDecimal } from '../../data/decimal.js';
import { parseClock, parseDate } from '../../data/temporal-text.js';
import {
  BINARY,
  DATE,
  type DataType,
  decimal,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  TIMESTAMP,
  TIMESTAMP_NTZ,
} from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { parseTimestamp, parseTimestampNtz } from '../../data/zone.js';
import type { Expr } from '../plan/expression.js';
import type { Cursor } from './cursor.js';
import { literal } from './nodes.js';
import type { Token } from './tokens.js';

const SUFFIXES: Readonly<Record<string, DataType>> = { L: INT64, S: INT16, Y: INT8, F: FLOAT32, D: FLOAT64 };
const BITS: Readonly<Record<string, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 };

/**
 * Whole numbers are int, bigint past 32 bits, decimal past 64; with a point they are decimals of their own digits; with an exponent, doubles.
 * Throws INVALID_NUMERIC_LITERAL_RANGE, DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION.
 */
export function numberLiteral(cursor: Cursor, token: Token, negative: boolean): Expr {
  const [, digits, suffix] = /^(.*?)(BD|[LSYFD])?$/i.exec(token.text) as RegExpExecArray;
  const text = negative ? `-${digits}` : digits;
  const kind = suffix?.toUpperCase();
  if (kind === 'D' || kind === 'F' || (kind === undefined && /e/i.test(digits))) {
    const value = kind === 'F' ? Math.fround(Number(text)) : Number(text);
    if (!Number.isFinite(value)) throw outOfRange(cursor, token, kind === 'F' ? 'a float' : 'a double');
    return literal(value, kind === 'F' ? FLOAT32 : FLOAT64);
  }
  if (kind !== undefined && kind !== 'BD') {
    if (!/^\d+$/.test(digits)) throw cursor.wrong(token.at, `${token.text} is no whole number, so it cannot end in ${suffix}`);
    return wholeLiteral(cursor, token, BigInt(text), SUFFIXES[kind]);
  }
  if (kind === undefined && /^\d+$/.test(digits)) {
    const value = BigInt(text);
    if (fits(value, 32)) return literal(Number(value), INT32);
    if (fits(value, 64)) return literal(value, INT64);
  }
  return decimalLiteral(cursor, token, text);
}

const fits = (value: bigint, bits: number): boolean => BigInt.asIntN(bits, value) === value;

function wholeLiteral(cursor: Cursor, token: Token, value: bigint, type: DataType): Expr {
  if (!fits(value, BITS[type.kind])) throw outOfRange(cursor, token, `${BITS[type.kind]} bits`);
  return literal(type.kind === 'int64' ? value : Number(value), type);
}

function decimalLiteral(cursor: Cursor, token: Token, text: string): Expr {
  const { unscaled, scale } = parseDecimal(text) as { unscaled: bigint; scale: number };
  const precision = Math.max(digitCount(unscaled), scale);
  if (precision > MAX_PRECISION) {
    throw cursor.wrong(token.at, `${token.text} has more than ${MAX_PRECISION} digits`, {
      condition: 'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION',
      hint: 'Write it as a double: with an exponent, or with D behind it',
    });
  }
  return literal(unscaled, decimal(precision, scale));
}

function outOfRange(cursor: Cursor, token: Token, type: string) {
  return cursor.wrong(token.at, `${token.text} does not fit ${type}`, { condition: 'INVALID_NUMERIC_LITERAL_RANGE' });
}

interface TypedLiteral {
  readonly type: DataType;
  readonly example: string;
  readonly read: (text: string) => EngineValue;
}

const TIMESTAMP_LITERAL: TypedLiteral = { type: TIMESTAMP, example: '2024-02-29 13:05:00', read: (text) => parseTimestamp(text) };

const TYPED: Readonly<Record<string, TypedLiteral>> = {
  date: { type: DATE, example: '2024-02-29', read: parseDate },
  timestamp: TIMESTAMP_LITERAL,
  timestamp_ltz: TIMESTAMP_LITERAL,
  timestamp_ntz: { type: TIMESTAMP_NTZ, example: '2024-02-29 13:05:00', read: parseTimestampNtz },
  x: { type: BINARY, example: '1C7F', read: hexBytes },
};

/** A word and a string: `DATE '2024-02-29'`. Throws INVALID_TYPED_LITERAL, UNSUPPORTED_TYPED_LITERAL. */
export function typedLiteral(cursor: Cursor): Expr {
  const word = cursor.next();
  const string = cursor.next();
  const name = word.text.toLowerCase();
  if (!Object.hasOwn(TYPED, name)) {
    throw cursor.wrong(word.at, `there are no literals of a type '${word.text}'`, {
      condition: 'UNSUPPORTED_TYPED_LITERAL',
      hint: `There are ${Object.keys(TYPED).join(', ').toUpperCase()}`,
    });
  }
  const { type, example, read } = TYPED[name];
  const value = read(string.text);
  if (value === null) {
    throw cursor.wrong(string.at, `'${string.text}' is no ${word.text.toUpperCase()}`, {
      condition: 'INVALID_TYPED_LITERAL',
      hint: `Write it like '${example}'`,
    });
  }
  if (type.kind === 'timestamp' && parseClock(string.text)?.zone === '')
    return Object.freeze({ kind: 'literal', value, type, clock: true });
  return literal(value, type);
}

/** An odd digit in front stands for a byte of its own, as in Spark. */
function hexBytes(text: string): Uint8Array | null {
  if (!/^[0-9a-fA-F]*$/.test(text)) return null;
  return new Uint8Array(Buffer.from(text.length % 2 === 1 ? `0${text}` : text, 'hex'));
}
