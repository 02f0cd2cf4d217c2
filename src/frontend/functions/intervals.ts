/** Owns: `make_dt_interval`, `make_ym_interval`, and the parts of intervals that `extract` gives. */
import { FIELD_UNIT, fieldsBetween, type IntervalField } from '../../data/interval.js';
import { type DataType, dayTimeInterval, decimal, INT8, INT32, type IntervalType, yearMonthInterval } from '../../data/types.js';
import { intervalOverflow } from './arithmetic-errors.js';
import type { Argument, ScalarFunction } from './definition.js';
import { inInterval } from './interval-arithmetic.js';
import { scalar } from './scalar.js';
import { accept, castType, checkCount, INT } from './signature.js';

const SECONDS = accept(decimal(18, 6));

/** Days, hours, minutes and seconds, each of which may be left out from the end. */
const makeDayTime = scalar(
  'make_dt_interval',
  [INT, INT, INT, SECONDS],
  dayTimeInterval(),
  (days = 0, hours = 0, minutes = 0, micros = 0n as bigint) =>
    inInterval(
      BigInt(days) * FIELD_UNIT.day + BigInt(hours) * FIELD_UNIT.hour + BigInt(minutes) * FIELD_UNIT.minute + micros,
      'make_dt_interval',
      dayTimeInterval(),
    ),
  { required: 0 },
);

const makeYearMonth = scalar(
  'make_ym_interval',
  [INT, INT],
  yearMonthInterval(),
  (years = 0, months = 0) => {
    const total = years * 12 + months;
    if ((total | 0) !== total) throw intervalOverflow('make_ym_interval');
    return total;
  },
  { required: 0 },
);

const PART_TYPE: Readonly<Record<IntervalField, DataType>> = {
  year: INT32,
  month: INT8,
  day: INT32,
  hour: INT8,
  minute: INT8,
  second: decimal(8, 6),
};

/** How many of a field the next larger one holds; the largest of all are not bounded. */
const WITHIN: Readonly<Partial<Record<IntervalField, bigint>>> = { month: 12n, hour: 24n, minute: 60n };

/** The part of an interval that a field names, with the interval's sign; null where the interval has no such field. */
export function intervalPart(field: string, type: IntervalType): ScalarFunction | null {
  const found = fieldsBetween(type.from, type.to).find((name) => name === field);
  if (found === undefined) return null;
  const name = `extract ${found}`;
  return {
    kind: 'scalar',
    name,
    nulls: 'propagate',
    resolve: (args: readonly Argument[]) => {
      checkCount(name, args.length, 1);
      return { args: [castType(name, args[0], accept(type), 0)], result: PART_TYPE[found] };
    },
    evaluator: () => (value) => {
      const whole = BigInt(value as bigint | number);
      if (found === 'second') return whole % FIELD_UNIT.minute;
      const amount = whole / FIELD_UNIT[found];
      const within = WITHIN[found];
      return Number(within === undefined ? amount : amount % within);
    },
  };
}

export const INTERVALS: readonly ScalarFunction[] = [makeDayTime, makeYearMonth];
