/** Owns: parts of dates and timestamps (`year`, `hour`, `weekofyear`, …) as a clock of the call's time zone shows them, dates from parts, and Unix times. */

import { userError } from '../../core/errors.js';
import { civilFromDays, daysFromCivil, daysInMonth, MICROS_PER_DAY } from '../../data/temporal.js';
import { DATE, type DataType, FLOAT64, INT32, INT64, STRING, TIMESTAMP } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { clockOf, clockOfDouble, startOfDay, type Zone, zoneOf } from '../../data/zone.js';
import { overflow } from './arithmetic-errors.js';
import type { Call, Evaluator, ScalarFunction } from './definition.js';
import { intValue } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { scalar, touchesInstant } from './scalar.js';
import { type Accept, CLOCK, castTypes, DAY, DAY_OR_INSTANT, DOUBLE, INSTANT, INT, ONLY_CLOCK, ONLY_WHOLE } from './signature.js';

export const floorDiv = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;
export const floorMod = (a: bigint, b: bigint): bigint => ((a % b) + b) % b;

/** Days of a date (number) or a timestamp (microseconds). */
export const daysOf = (value: number | bigint): number => (typeof value === 'number' ? value : Number(floorDiv(value, MICROS_PER_DAY)));

/** ISO: 1 is Monday. */
export const weekdayOf = (days: number): number => (((days + 3) % 7) + 7) % 7;

function weekOfYear(days: number): number {
  const thursday = days - weekdayOf(days) + 3;
  const firstDay = daysFromCivil(civilFromDays(thursday).year, 1, 1);
  return Math.floor((thursday - firstDay) / 7) + 1;
}

export const dayOfYear = (days: number): number => days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1;

/** A part of the day's date; timestamps are cut to it. */
const datePart = (name: string, part: (days: number) => number): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => ({ args: castTypes(name, args, [DAY_OR_DATE]), result: INT32 }),
  evaluator: (call) => {
    const clock = clockFor(call);
    return ((v: number | bigint) => part(daysOf(typeof v === 'bigint' ? clock(v) : v))) as Evaluator;
  },
  zoned: touchesInstant,
  generate: (emit, [arg], call) => {
    const value = arg();
    if (value.rep !== 'int') return null;
    const day = value.type.kind === 'date' ? value.code : `Math.floor(${clockCode(emit, value, call)} / ${DAY_MICROS})`;
    return intValue(INT32, emit.let('part', `${emit.constant(name, part)}(${day})`), 24);
  },
});

const DAY_MICROS = 86_400e6;

/** What a clock of the call's zone shows; only of timestamps that are instants. */
function clockFor({ zone, args }: Call): (micros: bigint) => bigint {
  if (zone === undefined || args[0].type.kind !== 'timestamp') return (micros) => micros;
  const of = zoneOf(zone);
  return (micros) => clockOf(micros, of);
}

/** The same in generated code, where the microseconds are a whole double. */
function clockCode(emit: Emitter, value: Value & { rep: 'int' }, { zone, args }: Call): string {
  if (zone === undefined || args[0].type.kind !== 'timestamp') return value.code;
  const of = zoneOf(zone);
  return emit.let('clock', `${emit.constant('clockOf', (micros: number) => clockOfDouble(micros, of))}(${value.code})`);
}

const DAY_OR_DATE: Accept = { label: 'date or timestamp', cast: (type) => (type.kind === 'string' ? DATE : DAY_OR_INSTANT.cast(type)) };

const timePart = (name: string, unit: bigint, count: bigint): ScalarFunction => {
  const part = (v: bigint) => Number(floorMod(floorDiv(v, unit), count));
  return {
    ...scalar(name, [CLOCK], INT32, part),
    zoned: touchesInstant,
    evaluator: (call) => {
      const clock = clockFor(call);
      return ((v: bigint) => part(clock(v))) as Evaluator;
    },
    generate: (emit, [arg], call) => {
      const value = arg();
      if (value.rep !== 'int') return null;
      const units = emit.let('units', `Math.floor(${clockCode(emit, value, call)} / ${unit})`);
      return intValue(INT32, emit.let('part', `${units} - Math.floor(${units} / ${count}) * ${count}`), 6);
    },
  };
};

/** Days that an int holds, or ARITHMETIC_OVERFLOW. */
function checkedDay(days: number, name: string): number {
  if ((days | 0) !== days) throw overflow(name);
  return days;
}

export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilFromDays(days);
  const total = year * 12 + month - 1 + months;
  const [y, m] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  return checkedDay(daysFromCivil(y, m, Math.min(day, daysInMonth(y, m))), 'add_months');
}

const SECOND = 1_000_000n;

function outOfBounds(what: string) {
  return userError('DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION', `There is no date or time with ${what}.`, {
    hint: 'Correct the parts',
  });
}

function makeDate(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    throw outOfBounds(`year ${year}, month ${month} and day ${day}`);
  return checkedDay(daysFromCivil(year, month, day), 'make_date');
}

/** What a clock shows, in microseconds. Throws DATETIME_FIELD_OUT_OF_BOUNDS, ARITHMETIC_OVERFLOW. */
export function makeClock(year: number, month: number, day: number, hour: number, minute: number, seconds: number): bigint {
  const micros = Math.round(seconds * 1e6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || micros < 0 || micros > 60e6)
    throw outOfBounds(`hour ${hour}, minute ${minute} and second ${seconds}`);
  return checkedLong(
    BigInt(makeDate(year, month, day)) * MICROS_PER_DAY + BigInt(hour * 3600 + minute * 60) * SECOND + BigInt(micros),
    'make_timestamp',
  );
}

function checkedLong(value: bigint, name: string): bigint {
  if (BigInt.asIntN(64, value) !== value) throw overflow(name);
  return value;
}

function monthsBetween(a: bigint, b: bigint, rounds = true, zone: Zone | null = null): number {
  const dayOf = (v: bigint): number => daysOf(zone === null ? v : clockOf(v, zone));
  const [x, y] = [civilFromDays(dayOf(a)), civilFromDays(dayOf(b))];
  const months = (x.year - y.year) * 12 + (x.month - y.month);
  const isLast = ({ year, month, day }: typeof x): boolean => day === daysInMonth(year, month);
  if (x.day === y.day || (isLast(x) && isLast(y))) return months;
  const secondsInDay = (v: bigint): number =>
    Number((zone === null ? floorMod(v, MICROS_PER_DAY) : v - startOfDay(dayOf(v), zone)) / SECOND);
  const difference = (x.day - y.day) * 86400 + secondsInDay(a) - secondsInDay(b);
  const result = months + difference / (31 * 86400);
  return rounds ? Math.round(result * 1e8) / 1e8 : result;
}

const NUMBER_OF_SECONDS: Accept = {
  label: 'a number',
  cast: (type: DataType) => (type.kind.startsWith('int') || type.kind === 'null' ? INT64 : DOUBLE.cast(type)),
};

function timestampSeconds(value: bigint | number): EngineValue | null {
  if (typeof value === 'bigint') return checkedLong(value * SECOND, 'timestamp_seconds');
  if (!Number.isFinite(value)) return null;
  const micros = Math.trunc(value * 1e6);
  if (!Number.isFinite(micros)) throw overflow('timestamp_seconds');
  return checkedLong(BigInt(micros), 'timestamp_seconds');
}

const DAY_NAMES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

function nextDay(days: number, name: string): number {
  const wanted = DAY_NAMES.indexOf(name.slice(0, 2).toUpperCase());
  const isName = wanted >= 0 && /^(mo(n(day)?)?|tue?(sday)?|wed?(nesday)?|thu?(rsday)?|fri?(day)?|sat?(urday)?|sun?(day)?)$/i.test(name);
  if (!isName) throw userError('ILLEGAL_DAY_OF_WEEK', `'${name}' is no day of the week.`, { hint: 'Write MON, TUE, … or the whole name' });
  return days + ((wanted - weekdayOf(days) + 6) % 7) + 1;
}

/** The English name of a part of the day's date, in three letters. */
function partName(name: string, names: string, index: (days: number) => number): ScalarFunction {
  const part = (day: number): string => names.slice(3 * index(day), 3 * index(day) + 3);
  return scalar(name, [DAY], STRING, part);
}

export const TEMPORAL_FIELDS: readonly ScalarFunction[] = [
  datePart('year', (days) => civilFromDays(days).year),
  datePart('quarter', (days) => Math.ceil(civilFromDays(days).month / 3)),
  datePart('month', (days) => civilFromDays(days).month),
  datePart('dayofmonth', (days) => civilFromDays(days).day),
  datePart('dayofyear', dayOfYear),
  datePart('weekofyear', weekOfYear),
  datePart('dayofweek', (days) => ((weekdayOf(days) + 1) % 7) + 1),
  datePart('weekday', weekdayOf),
  datePart('dayofweek_iso', (days) => weekdayOf(days) + 1),
  datePart('yearofweek', (days) => civilFromDays(days - weekdayOf(days) + 3).year),
  partName('dayname', 'MonTueWedThuFriSatSun', weekdayOf),
  partName('monthname', 'JanFebMarAprMayJunJulAugSepOctNovDec', (days) => civilFromDays(days).month - 1),
  timePart('hour', 3600n * SECOND, 24n),
  timePart('minute', 60n * SECOND, 60n),
  timePart('second', SECOND, 60n),
  scalar('last_day', [DAY], DATE, (days: number) => {
    const { year, month } = civilFromDays(days);
    return daysFromCivil(year, month, daysInMonth(year, month));
  }),
  scalar('next_day', [DAY, { label: 'string', cast: (type) => (type.kind === 'string' ? type : null) }], DATE, nextDay),
  scalar('date_add', [DAY, INT], DATE, (days: number, n: number) => checkedDay(days + n, 'date_add')),
  scalar('date_sub', [DAY, INT], DATE, (days: number, n: number) => checkedDay(days - n, 'date_sub')),
  scalar('add_months', [DAY, INT], DATE, addMonths),
  scalar('datediff', [DAY, DAY], INT32, (end: number, start: number) => checkedDay(end - start, 'datediff')),
  scalar(
    'months_between',
    [INSTANT, INSTANT, { label: 'boolean', cast: (type) => (type.kind === 'boolean' ? type : null) }],
    FLOAT64,
    monthsBetween,
    { required: 2, inZone: (zone) => (a: bigint, b: bigint, rounds?: boolean) => monthsBetween(a, b, rounds, zone) },
  ),
  scalar('make_date', [INT, INT, INT], DATE, makeDate),
  scalar(
    'unix_date',
    [{ label: 'date', cast: (type) => (type.kind === 'date' || type.kind === 'null' ? DATE : null) }],
    INT32,
    (days: number) => days,
  ),
  scalar('date_from_unix_date', [INT], DATE, (days: number) => days),
  scalar('unix_seconds', [ONLY_CLOCK], INT64, (v: bigint) => floorDiv(v, SECOND)),
  scalar('unix_millis', [ONLY_CLOCK], INT64, (v: bigint) => floorDiv(v, 1000n)),
  scalar('unix_micros', [ONLY_CLOCK], INT64, (v: bigint) => v),
  scalar('timestamp_seconds', [NUMBER_OF_SECONDS], TIMESTAMP, timestampSeconds, { nullable: true }),
  scalar('timestamp_millis', [ONLY_WHOLE], TIMESTAMP, (v: bigint) => checkedLong(v * 1000n, 'timestamp_millis')),
  scalar('timestamp_micros', [ONLY_WHOLE], TIMESTAMP, (v: bigint) => v),
];
