/**
 * Owns: `+ - * /` where an interval takes part, or two dates or timestamps are subtracted: types, evaluators, and code where it is a sum of integers.
 * Whatever leaves 64 bits of microseconds, 32 of months or the days of a date is an error.
 */
import { userError } from '../../core/errors.js';
import { powerOfTen } from '../../data/decimal.js';
import { FIELD_UNIT } from '../../data/interval.js';
import { formatMicros, MICROS_PER_DAY } from '../../data/temporal.js';
import {
  type DataType,
  dayTimeInterval,
  FLOAT64,
  INT64,
  type IntervalType,
  isFloat,
  isInteger,
  isInterval,
  isNumeric,
  STRING,
  TIMESTAMP,
  yearMonthInterval,
} from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { clockOf, movedOnClock, type Zone, zoneOf } from '../../data/zone.js';
import { divideHalfUp } from './arithmetic-decimal.js';
import { datetimeOverflow, intervalDividedByZero, intervalOverflow } from './arithmetic-errors.js';
import type { Argument, Call, Signature } from './definition.js';
import { bigValue, intValue } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { addMonths, daysOf } from './temporal-fields.js';
import { tightestCommonType } from './type-coercion.js';

export const isMoment = (type: DataType): boolean => ['date', 'timestamp', 'timestamp_ntz'].includes(type.kind);

/** Types of `a operator b`; null where it is no arithmetic of intervals or moments. */
export function intervalSignature(operator: string, a: Argument, b: Argument): Signature | null {
  if (operator === '-' && isMoment(a.type) && isMoment(b.type)) return difference(a.type, b.type);
  if (operator === '-' && (isMoment(a.type) || isMoment(b.type)) && [a, b].some(({ type }) => type.kind === 'string')) {
    const other = isMoment(a.type) ? a.type : b.type;
    return difference(other, other);
  }
  const moment = [a.type, b.type].find(isMoment);
  if (moment && (operator === '+' || operator === '-') && [a, b].some(({ type }) => type.kind === 'null'))
    return besideNull(operator, moment, a);
  if (!isInterval(a.type) && !isInterval(b.type)) return null;
  if (operator === '*' || operator === '/') return scaling(operator, a.type, b.type);
  if (operator !== '+' && operator !== '-') return null;
  if (isInterval(a.type) && (isInterval(b.type) || (operator === '-' && b.type.kind === 'null'))) return sumOf(a.type, b.type);
  if (isInterval(b.type)) return shifted(a.type, b.type, false);
  return operator === '+' && isInterval(a.type) ? shifted(b.type, a.type, true) : null;
}

/** NULL stands for an interval behind a plus, and for a moment of the same kind behind a minus. */
function besideNull(operator: string, moment: DataType, { type: first }: Argument): Signature | null {
  if (operator === '-') return first.kind === 'null' ? null : difference(moment, moment);
  const from = moment.kind === 'date' ? TIMESTAMP : moment;
  return { args: first.kind === 'null' ? [dayTimeInterval(), from] : [from, dayTimeInterval()], result: from };
}

function difference(a: DataType, b: DataType): Signature {
  if (a.kind === 'date' && b.kind === 'date') return { args: [a, b], result: dayTimeInterval('day', 'day') };
  const common = tightestCommonType(a, b) as DataType;
  return { args: [common, common], result: dayTimeInterval() };
}

function sumOf(a: DataType, b: DataType): Signature | null {
  const common = tightestCommonType(a, b);
  return common && { args: [common, common], result: common };
}

/** A moment moved by an interval; `swapped` where the interval stands first. */
function shifted(moment: DataType, interval: IntervalType, swapped: boolean): Signature | null {
  const signature = (from: DataType, result = from): Signature => ({ args: swapped ? [interval, from] : [from, interval], result });
  switch (moment.kind) {
    case 'null':
      return signature(interval, interval);
    case 'date':
      return interval.kind === 'year_month_interval' || interval.to === 'day' ? signature(moment) : signature(TIMESTAMP);
    case 'timestamp':
    case 'timestamp_ntz':
      return signature(moment);
    case 'string':
      return interval.kind === 'day_time_interval' ? signature(TIMESTAMP, STRING) : null;
    default:
      return null;
  }
}

function scaling(operator: string, a: DataType, b: DataType): Signature | null {
  const [interval, number] = isInterval(a) ? [a, b] : [b, a];
  if (isInterval(number) || (operator === '/' && !isInterval(a))) return null;
  const factor = isInteger(number) ? INT64 : isNumeric(number) && !isFloat(number) ? number : FLOAT64;
  if (!isNumeric(number) && number.kind !== 'string' && number.kind !== 'null') return null;
  const result = interval.kind === 'day_time_interval' ? dayTimeInterval() : yearMonthInterval();
  return { args: isInterval(a) ? [interval, factor] : [factor, interval], result };
}

export const isIntervalArithmetic = ({ args }: Call): boolean =>
  args.length === 2 && (args.some(({ type }) => isInterval(type)) || args.every(({ type }) => isMoment(type)));

type Operation = (a: EngineValue, b: EngineValue) => EngineValue;

export function intervalOperation(operator: string, { args, type, zone: named }: Call): Operation {
  const zone = named === undefined ? null : zoneOf(named);
  const [a, b] = args.map((arg) => arg.type);
  if (!isInterval(a) && !isInterval(b)) return subtraction(a, zone);
  if (operator === '*') return isInterval(a) ? product(a, b) : flipped(product(b, a));
  if (operator === '/') return quotient(a, b);
  if (isInterval(a) && isInterval(b)) return sum(operator, type);
  const move = isInterval(b) ? movement(a, b, operator === '-', zone) : flipped(movement(b, a, false, zone));
  if (type.kind !== 'string') return move;
  return (x, y) => formatMicros(zone === null ? (move(x, y) as bigint) : clockOf(move(x, y) as bigint, zone));
}

const flipped =
  (operation: Operation): Operation =>
  (a, b) =>
    operation(b, a);

/** Of instants what lies between their clocks. */
function subtraction(type: DataType, zone: Zone | null): Operation {
  if (type.kind === 'date') return (a, b) => BigInt((a as number) - (b as number)) * MICROS_PER_DAY;
  const clock = (value: bigint): bigint => (zone !== null && type.kind === 'timestamp' ? clockOf(value, zone) : value);
  return (a, b) => inInterval(clock(a as bigint) - clock(b as bigint), '-', dayTimeInterval());
}

/** The amount as the interval's engine value, or INTERVAL_ARITHMETIC_OVERFLOW. */
export function inInterval(amount: bigint, operator: string, type: DataType): bigint | number {
  const bits = type.kind === 'day_time_interval' ? 64 : 32;
  if (BigInt.asIntN(bits, amount) !== amount) throw intervalOverflow(operator);
  return bits === 64 ? amount : Number(amount);
}

function sum(operator: string, type: DataType): Operation {
  const sign = operator === '-' ? -1n : 1n;
  return (a, b) => inInterval(BigInt(a as bigint) + sign * BigInt(b as bigint), operator, type);
}

/** Moves a date or a timestamp by months, or by microseconds whose whole days are those of a clock; for frames of windows. */
export function moverOf(
  moment: DataType,
  by: 'months' | 'dayTime',
  zone: Zone | null,
): (value: number | bigint, amount: number | bigint) => number | bigint {
  const move = movement(moment, by === 'months' ? yearMonthInterval() : dayTimeInterval(), false, zone);
  return (value, amount) => move(value, by === 'months' ? Number(amount) : BigInt(amount)) as number | bigint;
}

function movement(moment: DataType, interval: DataType, isBack: boolean, of: Zone | null): Operation {
  const zone = moment.kind === 'timestamp' ? of : null;
  const sign = isBack ? -1 : 1;
  if (interval.kind === 'year_month_interval') {
    if (moment.kind === 'date') return (day, months) => dayPlusMonths(day as number, sign * (months as number));
    return (micros, months) =>
      movedOnClock(micros as bigint, zone, (clock) => {
        const day = daysOf(clock);
        const time = clock - BigInt(day) * MICROS_PER_DAY;
        return inTimestamp(BigInt(dayPlusMonths(day, sign * (months as number))) * MICROS_PER_DAY + time);
      });
  }
  if (moment.kind === 'date') return (day, micros) => inDate((day as number) + sign * Number((micros as bigint) / FIELD_UNIT.day));
  if (zone === null) return (micros, span) => inTimestamp((micros as bigint) + BigInt(sign) * (span as bigint));
  return (micros, span) => plusDayTime(micros as bigint, BigInt(sign) * (span as bigint), zone);
}

/** Days are those of the clock, the rest is time that passes. */
function plusDayTime(micros: bigint, span: bigint, zone: Zone): bigint {
  const days = (span / MICROS_PER_DAY) * MICROS_PER_DAY;
  const moved = days === 0n ? micros : movedOnClock(micros, zone, (clock) => inTimestamp(clock + days));
  return inTimestamp(moved + span - days);
}

function dayPlusMonths(day: number, months: number): number {
  try {
    return addMonths(day, months);
  } catch {
    throw datetimeOverflow();
  }
}

function inDate(day: number): number {
  if ((day | 0) !== day) throw datetimeOverflow();
  return day;
}

export function inTimestamp(micros: bigint): bigint {
  if (BigInt.asIntN(64, micros) !== micros) throw datetimeOverflow();
  return micros;
}

function roundedFloat(value: number, operator: string, type: DataType): bigint | number {
  if (!Number.isFinite(value)) throw intervalOverflow(operator);
  // Math.round takes halves up, where Java's HALF_UP takes them away from zero.
  return inInterval(BigInt(Math.sign(value) * Math.round(Math.abs(value))), operator, type);
}

function product(interval: DataType, number: DataType): Operation {
  if (number.kind === 'decimal') {
    const unit = powerOfTen(number.scale);
    return (amount, factor) => inInterval(divideHalfUp(BigInt(amount as bigint) * (factor as bigint), unit), '*', interval);
  }
  if (isFloat(number)) return (amount, factor) => roundedFloat(Number(amount) * (factor as number), '*', interval);
  return (amount, factor) => inInterval(BigInt(amount as bigint) * (factor as bigint), '*', interval);
}

function quotient(interval: DataType, number: DataType): Operation {
  const unit = number.kind === 'decimal' ? powerOfTen(number.scale) : 1n;
  return (amount, by) => {
    if (Number(by) === 0) throw intervalDividedByZero();
    if (isFloat(number)) return roundedFloat(Number(amount) / (by as number), '/', interval);
    return inInterval(divideHalfUp(BigInt(amount as bigint) * unit, by as bigint), '/', interval);
  };
}

/** Sums of integers; null for what the evaluator does. */
export function generateInterval(
  emit: Emitter,
  operator: string,
  args: readonly (() => Value)[],
  { args: of, type, zone }: Call,
): Value | null {
  const [a, b] = of.map((arg) => arg.type);
  if (zone !== undefined || operator === '*' || operator === '/' || type.kind === 'string' || type.kind === 'year_month_interval')
    return null;
  if (type.kind === 'date' || (isMoment(a) && isMoment(b) && a.kind === 'date')) return null;
  if ([a, b].some(({ kind }) => kind === 'year_month_interval')) return null;
  const [x, y] = [args[0](), args[1]()];
  if (x.rep === 'int' && y.rep === 'int' && Math.max(x.bits, y.bits) < 53)
    return intValue(type, emit.let('n', `${x.code} ${operator} ${y.code}`), Math.max(x.bits, y.bits) + 1);
  const result = emit.let('n', `${emit.toBig(x).code} ${operator} ${emit.toBig(y).code}`);
  const fail = isInterval(type) ? intervalOverflow : datetimeOverflow;
  emit.branch(`BigInt.asIntN(64, ${result}) !== ${result}`, () => emit.fail(fail, JSON.stringify(operator)));
  return bigValue(type, result);
}

/** What intervals cannot do, for messages. */
export const wrongIntervalOperands = (operator: string, a: string, b: string) =>
  userError(
    a === b ? 'DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE' : 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES',
    `The operator ${operator} does not take ${a} and ${b}.`,
    {
      hint: 'Intervals are added to dates, timestamps and intervals of their kind, and multiplied or divided by numbers',
    },
  );
