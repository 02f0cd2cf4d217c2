/** Owns: functions of dates and timestamps. Formats are Spark's patterns (`yyyy-MM-dd HH:mm:ss`); clocks are the session time zone's. */
import type { DayTimeInterval, YearMonthInterval } from '../../data/interval.js';
import type { LocalDate, LocalDateTime, Timestamp } from '../../data/temporal.js';
import { type Column, exprOf, type Operand } from './column.js';
import { binary, call, columnExpr, nullary, unary, variadic, withValue, withValues } from './column-function.js';
import type { ColumnOrName, NamesIn, NamesInOperand } from './column-names.js';
import { literalOf } from './literal.js';

export const year = unary<number>('year');
export const quarter = unary<number>('quarter');
export const month = unary<number>('month');
export const weekofyear = unary<number>('weekofyear');
export const dayofyear = unary<number>('dayofyear');
export const dayofmonth = unary<number>('dayofmonth');
/** 1 is Sunday. */
export const dayofweek = unary<number>('dayofweek');
/** 0 is Monday. */
export const weekday = unary<number>('weekday');
export const hour = unary<number>('hour');
export const minute = unary<number>('minute');
export const second = unary<number>('second');
export const lastDay = unary<LocalDate>('last_day');
export const nextDay = withValue<LocalDate>('next_day');

export const currentDate = nullary<LocalDate>('current_date');
export const currentTimestamp = nullary<Timestamp>('current_timestamp');

/** An interval of days, hours, minutes and seconds, each of which may be left out from the end. */
export const makeDtInterval = variadic<DayTimeInterval>('make_dt_interval');
/** An interval of years and months. */
export const makeYmInterval = variadic<YearMonthInterval>('make_ym_interval');

/** A part of a date, a timestamp or an interval: `extract('hour', 'at')`. Of seconds with their fraction. */
export function extract<const C extends ColumnOrName>(field: string, column: C): Column<number, string, NamesIn<C>> {
  return call('extract', literalOf(field), columnExpr(column));
}

/** Text, ISO or in a format, as a date. Text that is none is an error. */
export const toDate = parsing<LocalDate>('to_date');
export const toTimestamp = parsing<Timestamp>('to_timestamp');
export const tryToTimestamp = parsing<Timestamp | null>('try_to_timestamp');

function parsing<T>(fn: string) {
  return <const C extends ColumnOrName>(column: C, format?: string): Column<T, string, NamesIn<C>> =>
    format === undefined ? call(fn, columnExpr(column)) : call(fn, columnExpr(column), literalOf(format));
}

export function dateFormat<const C extends ColumnOrName>(column: C, format: string): Column<string, string, NamesIn<C>> {
  return call('date_format', columnExpr(column), literalOf(format));
}

/** The start of the `'year'`, `'month'`, `'day'`, `'hour'`, … that a timestamp lies in. */
export function dateTrunc<const C extends ColumnOrName>(unit: string, column: C): Column<Timestamp, string, NamesIn<C>> {
  return call('date_trunc', literalOf(unit), columnExpr(column));
}

/** The start of the `'year'`, `'month'`, … that a date lies in. */
export function trunc<const C extends ColumnOrName>(column: C, unit: string): Column<LocalDate, string, NamesIn<C>> {
  return call('trunc', columnExpr(column), literalOf(unit));
}

/** Seconds since 1970; of text, in a format. Without arguments, now. */
export function unixTimestamp<const C extends ColumnOrName = never>(column?: C, format?: string): Column<bigint, string, NamesIn<C>> {
  if (column === undefined) return call('unix_timestamp');
  return format === undefined ? call('unix_timestamp', columnExpr(column)) : call('unix_timestamp', columnExpr(column), literalOf(format));
}

/** Seconds since 1970 as text. */
export function fromUnixtime<const C extends ColumnOrName>(column: C, format = 'yyyy-MM-dd HH:mm:ss'): Column<string, string, NamesIn<C>> {
  return call('from_unixtime', columnExpr(column), literalOf(format));
}

export const timestampSeconds = unary<Timestamp>('timestamp_seconds');
export const timestampMillis = unary<Timestamp>('timestamp_millis');
export const timestampMicros = unary<Timestamp>('timestamp_micros');
export const unixSeconds = unary<bigint>('unix_seconds');
export const unixMillis = unary<bigint>('unix_millis');
export const unixMicros = unary<bigint>('unix_micros');
export const unixDate = unary<number>('unix_date');
export const dateFromUnixDate = unary<LocalDate>('date_from_unix_date');
export const dateAdd = withValue<LocalDate>('date_add');
export const dateSub = withValue<LocalDate>('date_sub');
export const addMonths = withValue<LocalDate>('add_months');
/** Days from the second to the first. */
export const datediff = binary<number>('datediff');
export const monthsBetween = binary<number>('months_between');
export const makeDate = variadic<LocalDate>('make_date');
export const makeTimestamp = variadic<Timestamp>('make_timestamp');
export const fromUtcTimestamp = withValues<Timestamp>('from_utc_timestamp');
export const toUtcTimestamp = withValues<Timestamp>('to_utc_timestamp');
export const tryToDate = parsing<LocalDate | null>('try_to_date');
export const toTimestampLtz = parsing<Timestamp>('to_timestamp_ltz');
export const toTimestampNtz = parsing<LocalDateTime>('to_timestamp_ntz');
export const toUnixTimestamp = parsing<bigint>('to_unix_timestamp');
export const day = unary<number>('dayofmonth');
/** `Mon`, `Tue`, … */
export const dayname = unary<string>('dayname');
/** `Jan`, `Feb`, … */
export const monthname = unary<string>('monthname');
export const datePart = extract;
export const curdate = nullary<LocalDate>('current_date');
export const now = nullary<Timestamp>('current_timestamp');
/** What a clock of the session's time zone shows. */
export const localtimestamp = nullary<LocalDateTime>('localtimestamp');
export const currentTimezone = nullary<string>('current_timezone');
/** Of six parts, and for instants a time zone other than the session's. */
export const makeTimestampLtz = variadic<Timestamp>('make_timestamp_ltz');
export const makeTimestampNtz = variadic<LocalDateTime>('make_timestamp_ntz');
export const tryMakeTimestamp = variadic<Timestamp | null>('try_make_timestamp');

/** What a clock of zone `to` shows when one of `from` (the session's where it is null) shows the column. */
export function convertTimezone<V extends Operand, const C extends ColumnOrName>(
  from: Operand | null,
  to: V,
  column: C,
): Column<LocalDateTime, string, NamesIn<C> | NamesInOperand<V>> {
  const zones = from === null ? [exprOf(to)] : [exprOf(from), exprOf(to)];
  return call('convert_timezone', ...zones, columnExpr(column));
}

/** Moved by so many of a unit (`'MONTH'`, `'HOUR'`, …). */
export function timestampAdd<V extends Operand, const C extends ColumnOrName>(
  unit: string,
  count: V,
  column: C,
): Column<Timestamp, string, NamesIn<C> | NamesInOperand<V>> {
  return call('timestampadd', literalOf(unit), exprOf(count), columnExpr(column));
}

/** Whole units from the first to the second. */
export function timestampDiff<const C extends ColumnOrName, const D extends ColumnOrName>(
  unit: string,
  start: C,
  end: D,
): Column<bigint, string, NamesIn<C | D>> {
  return call('timestampdiff', literalOf(unit), columnExpr(start), columnExpr(end));
}

/**
 * The stretch of fixed length that a timestamp lies in, a struct of `start` and `end`: `groupBy(window('at', '10 minutes'))`. Stretches are counted
 * from 1970 in UTC, and from `startTime` after it; they do not overlap.
 */
export function window(
  column: ColumnOrName,
  length: string,
  startTime = '0 seconds',
): Column<{ start: Timestamp; end: Timestamp }, 'window'> {
  return call('window', columnExpr(column), literalOf(length), literalOf(length), literalOf(startTime)) as never;
}

/** The last instant of a stretch that window() made. */
export const windowTime = unary<Timestamp>('window_time');
