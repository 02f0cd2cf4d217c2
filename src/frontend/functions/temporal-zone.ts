/** Owns: timestamps from parts of a clock, moved and counted in units of a clock, from one zone to another; and the session's own zone. */
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { civilFromDays, MICROS_PER_DAY } from '../../data/temporal.js';
import { type DataType, INT64, STRING, TIMESTAMP, TIMESTAMP_NTZ } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { clockOf, instantOf, movedOnClock, type Zone, zoneOf } from '../../data/zone.js';
import { datetimeOverflow } from './arithmetic-errors.js';
import type { Argument, Evaluator, ScalarFunction } from './definition.js';
import { inTimestamp } from './interval-arithmetic.js';
import { scalar, touchesInstant } from './scalar.js';
import { accept, CLOCK, castType, checkCount, DOUBLE, INT, LONG, TEXT } from './signature.js';
import { addMonths, daysOf, floorMod, makeClock } from './temporal-fields.js';

const zoneFor = (zone: string | undefined): Zone | null => (zone === undefined ? null : zoneOf(zone));
const PARTS = [INT, INT, INT, INT, INT, DOUBLE];

/** Six parts, of instants also a zone: what the clock of which shows. `safe`: null for parts that no clock shows. */
function making(name: string, result: DataType, safe: boolean): ScalarFunction {
  const isLocal = result.kind === 'timestamp_ntz';
  const accepts = isLocal ? PARTS : [...PARTS, TEXT];
  const base = scalar(name, accepts, result, makeClock as never, { required: PARTS.length, nullable: safe });
  return {
    ...base,
    zoned: touchesInstant,
    evaluator: ({ zone: named }) => {
      const own = zoneFor(named);
      const make = (...args: readonly never[]): EngineValue => {
        const clock = makeClock(...(args.slice(0, PARTS.length) as unknown as Parameters<typeof makeClock>));
        const zone = args.length > PARTS.length ? zoneOf(args[PARTS.length]) : own;
        return zone === null ? clock : instantOf(clock, zone);
      };
      return (safe ? nullWithoutClock(make) : make) as Evaluator;
    },
  };
}

function nullWithoutClock(make: (...args: readonly never[]) => EngineValue): (...args: readonly never[]) => EngineValue | null {
  return (...args) => {
    try {
      return make(...args);
    } catch (error) {
      if ((error as { condition?: string }).condition?.startsWith('DATETIME_FIELD_OUT_OF_BOUNDS')) return null;
      throw error;
    }
  };
}

/** What a unit is: months, days, or microseconds that every clock agrees on. */
type Unit = { readonly months: number } | { readonly days: number } | { readonly micros: bigint };

const SECOND = 1_000_000n;
const UNITS: Readonly<Record<string, Unit>> = {
  MICROSECOND: { micros: 1n },
  MILLISECOND: { micros: 1000n },
  SECOND: { micros: SECOND },
  MINUTE: { micros: 60n * SECOND },
  HOUR: { micros: 3600n * SECOND },
  DAY: { days: 1 },
  DAYOFYEAR: { days: 1 },
  WEEK: { days: 7 },
  MONTH: { months: 1 },
  QUARTER: { months: 3 },
  YEAR: { months: 12 },
};

/** The unit that the first argument names. Throws INVALID_PARAMETER_VALUE.DATETIME_UNIT. */
function unitOf(name: string, { literal }: Argument): Unit {
  const unit = typeof literal === 'string' && Object.hasOwn(UNITS, literal.toUpperCase()) ? UNITS[literal.toUpperCase()] : undefined;
  if (unit) return unit;
  throw userError('INVALID_PARAMETER_VALUE.DATETIME_UNIT', `${name} takes a unit such as MONTH, not ${literal}.`, {
    hint: didYouMean(String(literal), Object.keys(UNITS)) || `There are ${Object.keys(UNITS).join(', ')}`,
  });
}

/** A clock moved by months and days. Throws DATETIME_OVERFLOW. */
function shiftClock(clock: bigint, months: number, days: number): bigint {
  const day = daysOf(clock);
  const next = (months === 0 ? day : addMonths(day, months)) + days;
  if (!Number.isSafeInteger(next)) throw datetimeOverflow();
  return inTimestamp(BigInt(next) * MICROS_PER_DAY + floorMod(clock, MICROS_PER_DAY));
}

const timestampAdd: ScalarFunction = {
  kind: 'scalar',
  name: 'timestampadd',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('timestampadd', args.length, 3);
    unitOf('timestampadd', args[0]);
    const of = castType('timestampadd', args[2], CLOCK, 2);
    return { args: [STRING, castType('timestampadd', args[1], LONG, 1), of], result: of };
  },
  zoned: touchesInstant,
  evaluator: ({ args, zone: named }) => {
    const unit = unitOf('timestampadd', args[0]);
    const zone = args[2].type.kind === 'timestamp' ? zoneFor(named) : null;
    if ('micros' in unit) return ((_: string, count: bigint, at: bigint) => inTimestamp(at + count * unit.micros)) as Evaluator;
    const [months, days] = 'months' in unit ? [unit.months, 0] : [0, unit.days];
    return ((_: string, count: bigint, at: bigint) =>
      movedOnClock(at, zone, (clock) => shiftClock(clock, months * Number(count), days * Number(count)))) as Evaluator;
  },
};

/** Whole units from one clock to the other, toward zero. */
function between(unit: Unit, start: bigint, end: bigint): bigint {
  if ('micros' in unit) return (end - start) / unit.micros;
  if ('days' in unit) return (end - start) / (BigInt(unit.days) * MICROS_PER_DAY);
  const [a, b] = [civilFromDays(daysOf(start)), civilFromDays(daysOf(end))];
  const place = (day: number, clock: bigint): bigint => BigInt(day) * MICROS_PER_DAY + floorMod(clock, MICROS_PER_DAY);
  let months = (b.year - a.year) * 12 + b.month - a.month;
  const [from, to] = [place(a.day, start), place(b.day, end)];
  if (months > 0 && to < from) months--;
  if (months < 0 && to > from) months++;
  return BigInt(Math.trunc(months / unit.months));
}

const timestampDiff: ScalarFunction = {
  kind: 'scalar',
  name: 'timestampdiff',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('timestampdiff', args.length, 3);
    unitOf('timestampdiff', args[0]);
    const instant = accept(TIMESTAMP);
    return { args: [STRING, ...[1, 2].map((i) => castType('timestampdiff', args[i], instant, i))], result: INT64 };
  },
  zoned: touchesInstant,
  evaluator: ({ args, zone: named }) => {
    const unit = unitOf('timestampdiff', args[0]);
    const zone = zoneFor(named);
    const clock = (at: bigint): bigint => (zone === null ? at : clockOf(at, zone));
    return ((_: string, start: bigint, end: bigint) => between(unit, clock(start), clock(end))) as Evaluator;
  },
};

/** From the zone of the first argument, or the session's, to that of the second. */
const convertTimezone: ScalarFunction = {
  kind: 'scalar',
  name: 'convert_timezone',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('convert_timezone', args.length, 2, 3);
    const accepts = [...args.slice(1).map(() => TEXT), accept(TIMESTAMP_NTZ)];
    return { args: args.map((arg, i) => castType('convert_timezone', arg, accepts[i], i)), result: TIMESTAMP_NTZ };
  },
  zoned: (args) => args.length === 2,
  evaluator: ({ args, zone }) => {
    if (args.length === 2)
      return ((to: string, clock: bigint) => clockOf(instantOf(clock, zoneOf(zone ?? 'UTC')), zoneOf(to))) as Evaluator;
    return ((from: string, to: string, clock: bigint) => clockOf(instantOf(clock, zoneOf(from)), zoneOf(to))) as Evaluator;
  },
};

const currentTimezone: ScalarFunction = {
  ...scalar('current_timezone', [], STRING, () => 'UTC'),
  zoned: () => true,
  evaluator:
    ({ zone }) =>
    () =>
      zone ?? 'UTC',
};

const localTimestamp: ScalarFunction = {
  ...scalar('localtimestamp', [], TIMESTAMP_NTZ, () => BigInt(Date.now()) * 1000n),
  zoned: () => true,
  evaluator: ({ zone }) => {
    const own = zoneOf(zone ?? 'UTC');
    return () => clockOf(BigInt(Date.now()) * 1000n, own);
  },
};

export const TEMPORAL_ZONE: readonly ScalarFunction[] = [
  making('make_timestamp', TIMESTAMP, false),
  making('try_make_timestamp', TIMESTAMP, true),
  making('make_timestamp_ltz', TIMESTAMP, false),
  making('try_make_timestamp_ltz', TIMESTAMP, true),
  making('make_timestamp_ntz', TIMESTAMP_NTZ, false),
  making('try_make_timestamp_ntz', TIMESTAMP_NTZ, true),
  timestampAdd,
  timestampDiff,
  convertTimezone,
  currentTimezone,
  localTimestamp,
];
