/** Owns: text and numbers ↔ dates and timestamps by pattern, truncation to a unit, time zones, and the clock. */
import { userError } from '../../core/errors.js';
import { civilFromDays, daysFromCivil, MICROS_PER_DAY } from '../../data/temporal.js';
import { parseOffset } from '../../data/temporal-text.js';
import { DATE, type DataType, INT64, STRING, TIMESTAMP } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { casterOf } from './cast-values.js';
import { formatPattern, parsePattern } from './datetime-pattern.js';
import type { Evaluator, ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { castTypes, checkCount, DAY, DAY_OR_INSTANT, INSTANT, LONG, TEXT } from './signature.js';
import { daysOf, floorDiv, weekdayOf } from './temporal-fields.js';

const DEFAULT_PATTERN = 'yyyy-MM-dd HH:mm:ss';

const unparsable = (text: string, pattern: string) =>
  userError('CANNOT_PARSE_TIMESTAMP', `'${text}' does not follow the pattern ${pattern}.`, {
    hint: 'Correct the pattern, or use try_to_timestamp to get null instead',
  });

function parseOrFail(text: string, pattern: string): bigint {
  const micros = parsePattern(text, pattern);
  if (micros === null) throw unparsable(text, pattern);
  return micros;
}

const toDays = (micros: bigint): number => daysOf(micros);

/** Without a pattern a cast; with one the text is read by it. */
function converting(name: string, result: DataType, convert: (micros: bigint) => EngineValue, safe: boolean): ScalarFunction {
  const isText = (type: DataType): boolean => type.kind === 'string' || type.kind === 'null';
  return {
    kind: 'scalar',
    name,
    nulls: 'propagate',
    resolve: (args) => {
      checkCount(name, args.length, 1, 2);
      const first = isText(args[0].type) ? STRING : castTypes(name, args.slice(0, 1), [DAY_OR_INSTANT])[0];
      return { args: args.length === 1 ? [first] : [first, STRING], result, nullable: safe };
    },
    evaluator: ({ args }) => {
      const from = args[0].type;
      if (args.length === 1 || !isText(from)) return casterOf(from, result, safe) as Evaluator;
      if (!safe) return ((text: string, pattern: string) => convert(parseOrFail(text, pattern))) as Evaluator;
      return ((text: string, pattern: string) => {
        const micros = parsePattern(text, pattern);
        return micros === null ? null : convert(micros);
      }) as Evaluator;
    },
  };
}

/** The day that starts the unit, or null for a unit that is none of dates. */
function truncDays(days: number, unit: string): number | null {
  const { year, month } = civilFromDays(days);
  switch (unit.toUpperCase()) {
    case 'YEAR':
    case 'YYYY':
    case 'YY':
      return daysFromCivil(year, 1, 1);
    case 'QUARTER':
      return daysFromCivil(year, month - ((month - 1) % 3), 1);
    case 'MONTH':
    case 'MON':
    case 'MM':
      return daysFromCivil(year, month, 1);
    case 'WEEK':
      return days - weekdayOf(days);
    default:
      return null;
  }
}

const UNITS: Readonly<Record<string, bigint>> = {
  DAY: MICROS_PER_DAY,
  DD: MICROS_PER_DAY,
  HOUR: 3_600_000_000n,
  MINUTE: 60_000_000n,
  SECOND: 1_000_000n,
  MILLISECOND: 1000n,
  MICROSECOND: 1n,
};

function dateTrunc(unit: string, micros: bigint): bigint | null {
  const fixed = UNITS[unit.toUpperCase()];
  if (fixed !== undefined) return floorDiv(micros, fixed) * fixed;
  const days = truncDays(daysOf(micros), unit);
  return days === null ? null : BigInt(days) * MICROS_PER_DAY;
}

const unixTimestamp: ScalarFunction = {
  kind: 'scalar',
  name: 'unix_timestamp',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('unix_timestamp', args.length, 0, 2);
    if (args.length === 0) return { args: [], result: INT64, nullable: false };
    const first =
      args[0].type.kind === 'string' || args[0].type.kind === 'null'
        ? STRING
        : castTypes('unix_timestamp', args.slice(0, 1), [DAY_OR_INSTANT])[0];
    return { args: args.length === 1 ? [first] : [first, STRING], result: INT64 };
  },
  evaluator: ({ args }) => {
    if (args.length === 0) return () => floorDiv(now(), 1_000_000n);
    const from = args[0].type;
    if (from.kind === 'string')
      return ((text: string, pattern: string = DEFAULT_PATTERN) => floorDiv(parseOrFail(text, pattern), 1_000_000n)) as Evaluator;
    const toTimestamp = casterOf(from, TIMESTAMP, false);
    return (value) => floorDiv(toTimestamp(value as EngineValue) as bigint, 1_000_000n);
  },
};

const now = (): bigint => BigInt(Date.now()) * 1000n;

/** Seconds east of UTC of a zone at an instant: offsets by themselves, regions by the system's tables. */
function zoneSeconds(zone: string, micros: bigint): number {
  const fixed = parseOffset(zone);
  if (fixed !== null) return fixed;
  const date = new Date(Number(floorDiv(micros, 1000n)));
  try {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(date);
    return parseOffset(parts.find((part) => part.type === 'timeZoneName')?.value ?? '') ?? 0;
  } catch (cause) {
    throw userError('INVALID_TIMEZONE', `There is no time zone '${zone}'.`, {
      hint: 'Write a region such as Europe/Paris or an offset such as +01:00',
      cause,
    });
  }
}

const fromUtc = (micros: bigint, zone: string): bigint => micros + BigInt(zoneSeconds(zone, micros)) * 1_000_000n;

function toUtc(micros: bigint, zone: string): bigint {
  const guess = micros - BigInt(zoneSeconds(zone, micros)) * 1_000_000n;
  return micros - BigInt(zoneSeconds(zone, guess)) * 1_000_000n;
}

export const TEMPORAL_CONVERT: readonly ScalarFunction[] = [
  converting('to_date', DATE, toDays, false),
  converting('date', DATE, toDays, false),
  converting('to_timestamp', TIMESTAMP, (micros) => micros, false),
  converting('try_to_timestamp', TIMESTAMP, (micros) => micros, true),
  scalar('date_format', [INSTANT, TEXT], STRING, formatPattern),
  scalar(
    'from_unixtime',
    [LONG, TEXT],
    STRING,
    (seconds: bigint, pattern = DEFAULT_PATTERN) => formatPattern(seconds * 1_000_000n, pattern),
    { required: 1 },
  ),
  scalar('date_trunc', [TEXT, INSTANT], TIMESTAMP, dateTrunc, { nullable: true }),
  scalar('trunc', [DAY, TEXT], DATE, truncDays, { nullable: true }),
  unixTimestamp,
  scalar('from_utc_timestamp', [INSTANT, TEXT], TIMESTAMP, fromUtc),
  scalar('to_utc_timestamp', [INSTANT, TEXT], TIMESTAMP, toUtc),
  scalar('current_date', [], DATE, () => Math.floor(Date.now() / 86_400_000)),
  scalar('current_timestamp', [], TIMESTAMP, now),
];
