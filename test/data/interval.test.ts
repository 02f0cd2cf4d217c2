/** Intervals as text and back, and as values of users. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DAY_TIME_FIELDS,
  DayTimeInterval,
  FIELD_UNIT,
  formatInterval,
  type IntervalField,
  parseInterval,
  YEAR_MONTH_FIELDS,
  YearMonthInterval,
} from '../../src/data/interval.js';
import { parseType } from '../../src/data/schema-parse.js';
import { dayTimeInterval, typeName, yearMonthInterval } from '../../src/data/types.js';
import { fromApiValue, toApiValue } from '../../src/data/value.js';

test.each<[bigint, IntervalField, IntervalField, string]>([
  [0n, 'day', 'second', "INTERVAL '0 00:00:00' DAY TO SECOND"],
  [-93_784_500_000n, 'day', 'second', "INTERVAL '-1 02:03:04.5' DAY TO SECOND"],
  [93_784_500_000n, 'day', 'hour', "INTERVAL '1 02' DAY TO HOUR"],
  [93_784_500_000n, 'hour', 'second', "INTERVAL '26:03:04.5' HOUR TO SECOND"],
  [93_784_500_000n, 'second', 'second', "INTERVAL '93784.5' SECOND"],
  [4_000_001n, 'second', 'second', "INTERVAL '04.000001' SECOND"],
  [3_600_000_000n, 'hour', 'hour', "INTERVAL '01' HOUR"],
  [-(2n ** 63n), 'day', 'second', "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND"],
  [14n, 'year', 'month', "INTERVAL '1-2' YEAR TO MONTH"],
  [-14n, 'month', 'month', "INTERVAL '-14' MONTH"],
  [-(2n ** 31n), 'year', 'month', "INTERVAL '-178956970-8' YEAR TO MONTH"],
])('%s from %s to %s is %s', (value, from, to, text) => {
  expect(formatInterval(value, from, to)).toBe(text);
});

test('every text is read back, whole and without its frame', () => {
  const spans = [DAY_TIME_FIELDS, YEAR_MONTH_FIELDS].flatMap((fields: readonly IntervalField[]) =>
    fields.flatMap((from, i) => fields.slice(i).map((to) => [from, to] as const)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...spans), fc.bigInt({ min: -100_000_000n, max: 100_000_000n }), fc.boolean(), ([from, to], n, small) => {
      const unit = to === 'second' && small ? 1n : FIELD_UNIT[to];
      const value = from === 'year' || from === 'month' ? (n / unit) * unit : n * unit;
      const text = formatInterval(value, from, to);
      expect([text, parseInterval(text, from, to)]).toEqual([text, value]);
      expect(parseInterval(text.split("'")[1], from, to)).toBe(value);
    }),
  );
});

test.each<[string, IntervalField, IntervalField]>([
  ['', 'day', 'day'],
  ['1 24', 'day', 'hour'],
  ['1 02:60', 'day', 'minute'],
  ['1-12', 'year', 'month'],
  ['1.5', 'day', 'day'],
  ['106751992', 'day', 'day'],
  ['178956971', 'year', 'year'],
  ["INTERVAL '1' DAY", 'day', 'hour'],
  ["INTERVAL '1' MONTH", 'day', 'day'],
])("'%s' is no interval from %s to %s", (text, from, to) => {
  expect(parseInterval(text, from, to)).toBeNull();
});

test('types have names that are read back', () => {
  for (const type of [
    dayTimeInterval(),
    dayTimeInterval('day', 'day'),
    dayTimeInterval('hour', 'minute'),
    yearMonthInterval(),
    yearMonthInterval('year', 'year'),
  ])
    expect(parseType(typeName(type))).toEqual(type);
  expect(parseType('map<INTERVAL Day To Second, interval month>')).toEqual({
    kind: 'map',
    key: dayTimeInterval(),
    value: yearMonthInterval('month', 'month'),
    valueContainsNull: true,
  });
  for (const wrong of ['interval', 'interval day to year', 'interval month to year', 'interval week'])
    expect(() => parseType(wrong)).toThrow(expect.objectContaining({ condition: 'INVALID_SCHEMA' }));
});

test('users hand in and get classes, and may hand in text', () => {
  const [day, month] = [dayTimeInterval('day', 'hour'), yearMonthInterval()];
  const span = DayTimeInterval.of({ days: 1, hours: 2 });
  expect(String(span)).toBe("INTERVAL '1 02:00:00' DAY TO SECOND");
  expect(fromApiValue(span, day, 'x')).toBe(93_600_000_000n);
  expect(fromApiValue('1 02', day, 'x')).toBe(93_600_000_000n);
  expect(toApiValue(93_600_000_000n, day)).toEqual(new DayTimeInterval(93_600_000_000n, 'day', 'hour'));
  expect(fromApiValue(YearMonthInterval.of({ years: 1, months: -2 }), month, 'x')).toBe(10);
  expect(JSON.stringify({ m: toApiValue(10, month) })).toBe(`{"m":"INTERVAL '0-10' YEAR TO MONTH"}`);
  for (const [wrong, type] of [
    [DayTimeInterval.of({ minutes: 1 }), day],
    [new DayTimeInterval(2n ** 63n), dayTimeInterval()],
    [new YearMonthInterval(2 ** 31), month],
    [span, month],
    ['x', day],
    [5, day],
  ] as const)
    expect(() => fromApiValue(wrong, type, 'x')).toThrow(expect.objectContaining({ condition: 'INVALID_VALUE' }));
  for (const wrong of [{ days: 1.5 }, { seconds: Number.NaN }, { seconds: Number.POSITIVE_INFINITY }])
    expect(() => DayTimeInterval.of(wrong)).toThrow(expect.objectContaining({ condition: 'INVALID_VALUE' }));
  expect(DayTimeInterval.of({ seconds: 1e10 }).micros).toBe(10n ** 16n);
});
