/** Owns: intervals in SQL text: `INTERVAL '1' DAY`, `INTERVAL 3 HOURS 20 MINUTES`, `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '1 day 2 hours'`. */
import {
  DAY_TIME_FIELDS,
  type DayTimeField,
  FIELD_UNIT,
  parseInterval,
  YEAR_MONTH_FIELDS,
  type YearMonthField,
} from '../../data/interval.js';
import { type DataType, dayTimeInterval, yearMonthInterval } from '../../data/types.js';
import type { Expr } from '../plan/expression.js';
import type { Cursor } from './cursor.js';
import { literal } from './nodes.js';

type Field = DayTimeField | YearMonthField;

interface Unit {
  /** The field that it counts as in the interval's type. */
  readonly field: Field;
  /** Microseconds or months. */
  readonly size: bigint;
}

const UNITS: Readonly<Record<string, Unit>> = {
  year: { field: 'year', size: FIELD_UNIT.year },
  month: { field: 'month', size: FIELD_UNIT.month },
  week: { field: 'day', size: 7n * FIELD_UNIT.day },
  day: { field: 'day', size: FIELD_UNIT.day },
  hour: { field: 'hour', size: FIELD_UNIT.hour },
  minute: { field: 'minute', size: FIELD_UNIT.minute },
  second: { field: 'second', size: FIELD_UNIT.second },
  millisecond: { field: 'second', size: 1000n },
  microsecond: { field: 'second', size: 1n },
};

function unitOf(word: string): Unit | null {
  const name = word.toLowerCase().replace(/s$/, '');
  return Object.hasOwn(UNITS, name) ? UNITS[name] : null;
}

/** Whether an interval begins at the word INTERVAL here, rather than a column of that name. */
export function isInterval(cursor: Cursor): boolean {
  const sign = cursor.isSign('-', 1) || cursor.isSign('+', 1) ? 1 : 0;
  const { kind } = cursor.peek(1 + sign);
  const unit = cursor.peek(2 + sign);
  if (kind === 'string' && sign === 0) return true;
  return (kind === 'string' || kind === 'number') && unit.kind === 'word' && unitOf(unit.text) !== null;
}

/** Throws INVALID_INTERVAL_FORMAT.…, INVALID_TYPED_LITERAL. */
export function intervalLiteral(cursor: Cursor): Expr {
  const start = cursor.next().at;
  if (cursor.peek().kind === 'string' && !(cursor.peek(1).kind === 'word' && unitOf(cursor.peek(1).text))) return typedLiteral(cursor);
  const parts: Part[] = [];
  do {
    const negative = cursor.isSign('-');
    if (negative || cursor.isSign('+')) cursor.next();
    const value = cursor.next();
    const unit = cursor.next();
    if (parts.length === 0 && cursor.isWord('to')) return fromTo(cursor, start, value.text, unit.text, negative);
    parts.push({ amount: value.text, unit: unit.text, negative, at: value.at });
  } while (startsPart(cursor));
  return ofParts(cursor, parts);
}

/** Whether another value and unit follow. */
function startsPart(cursor: Cursor): boolean {
  const sign = cursor.isSign('-') || cursor.isSign('+') ? 1 : 0;
  const unit = cursor.peek(1 + sign);
  return ['string', 'number'].includes(cursor.peek(sign).kind) && unit.kind === 'word' && unitOf(unit.text) !== null;
}

interface Part {
  readonly amount: string;
  readonly unit: string;
  readonly negative: boolean;
  readonly at: number;
}

function ofParts(cursor: Cursor, parts: readonly Part[]): Expr {
  const units = parts.map(({ unit }) => unitOf(unit) as Unit);
  const fields = units.map(({ field }) => field);
  const isYearMonth = (YEAR_MONTH_FIELDS as readonly Field[]).includes(fields[0]);
  const order: readonly Field[] = isYearMonth ? YEAR_MONTH_FIELDS : DAY_TIME_FIELDS;
  const places = fields.map((field) => order.indexOf(field));
  if (places.includes(-1)) {
    throw cursor.wrong(parts[0].at, 'an interval cannot have years or months beside days or smaller units', {
      condition: 'INVALID_INTERVAL_FORMAT.INVALID_UNIT',
      hint: 'Add two intervals one after the other',
    });
  }
  const total = parts.reduce((sum, part, i) => sum + amountOf(cursor, part, units[i]), 0n);
  const [from, to] = [order[Math.min(...places)], order[Math.max(...places)]];
  return checked(cursor, total, from, to, parts[0].at);
}

const AMOUNT = /^\s*([+-]?)\s*(\d*)(?:\.(\d*))?\s*$/;

function amountOf(cursor: Cursor, { amount, negative, unit, at }: Part, { size }: Unit): bigint {
  const match = AMOUNT.exec(amount);
  if (match === null || `${match[2]}${match[3] ?? ''}` === '') {
    throw cursor.wrong(at, `'${amount}' is no number of ${unit}`, { condition: 'INVALID_INTERVAL_FORMAT.INVALID_VALUE' });
  }
  const [, sign, whole, fraction] = match;
  if (fraction !== undefined && size !== FIELD_UNIT.second) {
    throw cursor.wrong(at, `only seconds have a fraction, and ${amount} is of ${unit}`, {
      condition: 'INVALID_INTERVAL_FORMAT.INVALID_FRACTION',
    });
  }
  const value = BigInt(whole || '0') * size + BigInt((fraction ?? '').padEnd(6, '0').slice(0, 6));
  return (sign === '-') === negative ? value : -value;
}

function checked(cursor: Cursor, value: bigint, from: Field, to: Field, at: number): Expr {
  const type = typeOf(from, to);
  const bits = type.kind === 'day_time_interval' ? 64 : 32;
  if (BigInt.asIntN(bits, value) !== value)
    throw cursor.wrong(at, 'the interval is too long', { condition: 'INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION' });
  return literal(bits === 64 ? value : Number(value), type);
}

const typeOf = (from: Field, to: Field): DataType =>
  from === 'year' || from === 'month' ? yearMonthInterval(from, to as YearMonthField) : dayTimeInterval(from, to as DayTimeField);

/** `'1 02:03' DAY TO MINUTE`, at TO. */
function fromTo(cursor: Cursor, at: number, text: string, first: string, negative: boolean): Expr {
  cursor.expectWord('to');
  const last = cursor.next().text;
  const [from, to] = [first, last].map((word) => word.toLowerCase() as Field);
  const order = [YEAR_MONTH_FIELDS, DAY_TIME_FIELDS].find((fields) => (fields as readonly Field[]).includes(from)) as
    | readonly Field[]
    | undefined;
  if (order === undefined || order.indexOf(to) <= order.indexOf(from)) {
    throw cursor.wrong(at, `there are no intervals from ${first} to ${last}`, {
      condition: 'INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION',
      hint: 'They go from DAY down to SECOND, or from YEAR to MONTH',
    });
  }
  const amount = parseInterval(text, from, to);
  if (amount === null) {
    throw cursor.wrong(at, `'${text}' is no interval from ${first} to ${last}`, {
      condition: 'INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING',
      hint: "Write it like '1 02:03:04' DAY TO SECOND or '1-2' YEAR TO MONTH",
    });
  }
  return checked(cursor, negative ? -amount : amount, from, to, at);
}

/** A string of amounts and units, at the string. */
function typedLiteral(cursor: Cursor): Expr {
  const { text, at } = cursor.next();
  const words = text
    .trim()
    .replace(/^interval\s+/i, '')
    .split(/\s+/);
  const parts = Array.from({ length: Math.ceil(words.length / 2) }, (_, i): Part => {
    return { amount: words[2 * i], unit: words[2 * i + 1] ?? '', negative: false, at };
  });
  if (!parts.every(({ unit, amount }) => unitOf(unit) !== null && AMOUNT.test(amount))) {
    throw cursor.wrong(at, `'${text}' is no INTERVAL`, { condition: 'INVALID_TYPED_LITERAL', hint: "Write it like '1 day 2 hours'" });
  }
  return ofParts(cursor, parts);
}
