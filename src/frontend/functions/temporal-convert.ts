/** Owns: text and numbers ↔ dates and timestamps by pattern, truncation to a unit, and the clock. */
import { userError } from '../../core/errors.js';
import { civilFromDays, daysFromCivil, MICROS_PER_DAY } from '../../data/temporal.js';
import { DATE, type DataType, INT64, isNumeric, STRING, TIMESTAMP, TIMESTAMP_NTZ } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { clockOf, instantOf, movedOnClock, startOfDay, type Zone, zoneOf } from '../../data/zone.js';
import { casterOf } from './cast-values.js';
import { formatPattern, parsePattern } from './datetime-pattern.js';
import type { Evaluator, ScalarFunction } from './definition.js';
import { scalar, touchesInstant } from './scalar.js';
import { castTypes, checkCount, DAY, DAY_OR_INSTANT, INSTANT, LONG, TEXT } from './signature.js';
import { daysOf, floorDiv, weekdayOf } from './temporal-fields.js';

const DEFAULT_PATTERN = 'yyyy-MM-dd HH:mm:ss';

const unparsable = (text: string, pattern: string) =>
  userError('CANNOT_PARSE_TIMESTAMP', `'${text}' does not follow the pattern ${pattern}.`, {
    hint: 'Correct the pattern, or use try_to_timestamp to get null instead',
  });

function parseOrFail(text: string, pattern: string, zone: Zone | null): bigint {
  const micros = parsePattern(text, pattern, zone);
  if (micros === null) throw unparsable(text, pattern);
  return micros;
}

/** What the text's clock shows, whatever zone it names. */
function clockOrFail(text: string, pattern: string): bigint {
  const micros = parsePattern(text, pattern, null, true);
  if (micros === null) throw unparsable(text, pattern);
  return micros;
}

const toDays = (micros: bigint, zone: Zone | null): number => daysOf(zone === null ? micros : clockOf(micros, zone));

const zoneFor = (zone: string | undefined): Zone | null => (zone === undefined ? null : zoneOf(zone));

/** Without a pattern a cast; with one the text is read by it. */
function converting(
  name: string,
  result: DataType,
  convert: (micros: bigint, zone: Zone | null) => EngineValue,
  safe: boolean,
): ScalarFunction {
  const isText = (type: DataType): boolean => type.kind === 'string' || type.kind === 'null';
  return {
    kind: 'scalar',
    name,
    nulls: 'propagate',
    resolve: (args) => {
      checkCount(name, args.length, 1, 2);
      // Seconds since the epoch, where nothing says how a text would read.
      const isSeconds = isNumeric(args[0].type) && result.kind === 'timestamp' && args.length === 1;
      const first = isSeconds ? args[0].type : isText(args[0].type) ? STRING : castTypes(name, args.slice(0, 1), [DAY_OR_INSTANT])[0];
      return { args: args.length === 1 ? [first] : [first, STRING], result, nullable: safe };
    },
    zoned: ([from], result) => result.kind !== 'timestamp_ntz' && (touchesInstant([from], result) || isText(from)),
    evaluator: ({ args, zone: named }) => {
      const from = args[0].type;
      const zone = zoneFor(named);
      if (args.length === 1 || !isText(from)) return casterOf(from, result, safe, zone) as Evaluator;
      if (result.kind === 'timestamp_ntz') return ((text: string, pattern: string) => clockOrFail(text, pattern)) as Evaluator;
      if (!safe) return ((text: string, pattern: string) => convert(parseOrFail(text, pattern, zone), zone)) as Evaluator;
      return ((text: string, pattern: string) => {
        const micros = parsePattern(text, pattern, zone);
        return micros === null ? null : convert(micros, zone);
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

/** Minutes, hours and days begin on the clock; shorter units are the same everywhere, longer ones are of dates. */
function dateTruncIn(unit: string, micros: bigint, zone: Zone): bigint | null {
  const fixed = UNITS[unit.toUpperCase()];
  if (fixed === undefined) {
    const clock = clockOf(micros, zone);
    const days = truncDays(daysOf(clock), unit);
    return days === null ? null : startOfDay(days, zone, Number((clock - micros) / 1_000_000n));
  }
  if (fixed < UNITS['MINUTE']) return dateTrunc(unit, micros);
  return movedOnClock(micros, zone, (clock) => floorDiv(clock, fixed) * fixed);
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
  zoned: (args) => args.length > 0,
  evaluator: ({ args, zone: named }) => {
    if (args.length === 0) return () => floorDiv(now(), 1_000_000n);
    const from = args[0].type;
    const zone = zoneFor(named);
    if (from.kind === 'string')
      return ((text: string, pattern: string = DEFAULT_PATTERN) => floorDiv(parseOrFail(text, pattern, zone), 1_000_000n)) as Evaluator;
    const toTimestamp = casterOf(from, TIMESTAMP, false, zone);
    // Spark cuts toward zero here, and only here.
    return (value) => (toTimestamp(value as EngineValue) as bigint) / 1_000_000n;
  },
};

const now = (): bigint => BigInt(Date.now()) * 1000n;

/** What a clock of the zone shows when one of UTC shows `micros`. */
const fromUtc = (micros: bigint, zone: string): bigint => clockOf(micros, zoneOf(zone));
const toUtc = (micros: bigint, zone: string): bigint => instantOf(micros, zoneOf(zone));

const fromUnixTime = (seconds: bigint, pattern = DEFAULT_PATTERN, zone: Zone | null = null) =>
  // What does not fit wraps, as Spark's multiplication does.
  formatPattern(BigInt.asIntN(64, seconds * 1_000_000n), pattern, zone);

export const TEMPORAL_CONVERT: readonly ScalarFunction[] = [
  converting('to_date', DATE, toDays, false),
  converting('date', DATE, toDays, false),
  converting('to_timestamp', TIMESTAMP, (micros) => micros, false),
  converting('try_to_timestamp', TIMESTAMP, (micros) => micros, true),
  converting('try_to_date', DATE, toDays, true),
  converting('to_timestamp_ltz', TIMESTAMP, (micros) => micros, false),
  converting('to_timestamp_ntz', TIMESTAMP_NTZ, (micros) => micros, false),
  scalar('date_format', [INSTANT, TEXT], STRING, (micros: bigint, pattern: string) => formatPattern(micros, pattern), {
    inZone: (zone) => (micros: bigint, pattern: string) => formatPattern(micros, pattern, zone),
  }),
  {
    ...scalar('from_unixtime', [LONG, TEXT], STRING, fromUnixTime, { required: 1 }),
    zoned: () => true,
    evaluator: ({ zone: named }) => {
      const zone = zoneFor(named);
      return ((seconds: bigint, pattern?: string) => fromUnixTime(seconds, pattern, zone)) as Evaluator;
    },
  },
  scalar('date_trunc', [TEXT, INSTANT], TIMESTAMP, dateTrunc, {
    nullable: true,
    inZone: (zone) => (unit: string, micros: bigint) => dateTruncIn(unit, micros, zone),
  }),
  scalar('trunc', [DAY, TEXT], DATE, truncDays, { nullable: true }),
  unixTimestamp,
  scalar('from_utc_timestamp', [INSTANT, TEXT], TIMESTAMP, fromUtc),
  scalar('to_utc_timestamp', [INSTANT, TEXT], TIMESTAMP, toUtc),
  {
    ...scalar('current_date', [], DATE, () => daysOf(now())),
    zoned: () => true,
    evaluator:
      ({ zone }) =>
      () =>
        toDays(now(), zoneFor(zone)),
  },
  scalar('current_timestamp', [], TIMESTAMP, now),
];
