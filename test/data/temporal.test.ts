import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  formatDate,
  formatMicros,
  LocalDate,
  LocalDateTime,
  parseIsoDate,
  parseIsoMicros,
  Timestamp,
} from '../../src/data/temporal.js';

describe('days', () => {
  test.each([
    [0, '1970-01-01'],
    [-1, '1969-12-31'],
    [19782, '2024-02-29'],
    [-719162, '0001-01-01'],
    [-719165, '0000-12-29'],
    [-719529, '-0001-12-31'],
    [2932897, '+10000-01-01'],
  ])('%i is %s', (days, text) => {
    expect(formatDate(days)).toBe(text);
  });

  test('agree with JavaScript over its whole range', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (days) => {
        const date = new Date(days * 86_400_000);
        const civil = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
        expect(civilFromDays(days)).toEqual(civil);
        expect(daysFromCivil(civil.year, civil.month, civil.day)).toBe(days);
      }),
      { numRuns: 1000 },
    );
  });

  test('come back from their text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 10_000_000 }), (days) => {
        expect(parseIsoDate(formatDate(days))).toBe(days);
      }),
    );
  });

  test('months have their lengths', () => {
    expect([1900, 2000, 2023, 2024].map((year) => daysInMonth(year, 2))).toEqual([28, 29, 28, 29]);
    expect([1, 4, 12].map((month) => daysInMonth(2023, month))).toEqual([31, 30, 31]);
  });
});

describe('microseconds', () => {
  test.each([
    [0n, '1970-01-01 00:00:00'],
    [-1n, '1969-12-31 23:59:59.999999'],
    [500_000n, '1970-01-01 00:00:00.5'],
    [1_709_168_523_500_000n, '2024-02-29 01:02:03.5'],
    [-62_135_596_800_000_000n, '0001-01-01 00:00:00'],
  ])('%s is %s', (micros, text) => {
    expect(formatMicros(micros)).toBe(text);
    expect(parseIsoMicros(text)).toEqual({ micros, zoned: false });
  });

  test.each([
    ['2024-02-29T13:05Z', 1_709_211_900_000_000n],
    ['2024-02-29T13:05:00+01:00', 1_709_208_300_000_000n],
    ['2024-02-29T13:05:00.1234567-0130', 1_709_217_300_123_456n],
  ])('reads %s', (text, micros) => {
    expect(parseIsoMicros(text)).toEqual({ micros, zoned: true });
  });

  test.each(['', '2024-02-30', '2024-13-01', '2024-01-01T24:00:00', '2024-01-01T10:60', '2024-1-1', '24-01-01', '2024-01-01x'])(
    'refuses %j',
    (text) => {
      expect(parseIsoMicros(text)).toBe(null);
    },
  );
});

test('what users see', () => {
  expect(String(LocalDate.of(2024, 2, 29))).toBe('2024-02-29');
  expect(() => LocalDate.of(2023, 2, 29)).toThrow('There is no date with year 2023, month 2 and day 29.');
  const date = LocalDate.parse('2024-02-29');
  expect([date.year, date.month, date.day, date.days]).toEqual([2024, 2, 29, 19782]);
  expect(date.toDate().toISOString()).toBe('2024-02-29T00:00:00.000Z');
  expect(date > LocalDate.parse('2024-02-28')).toBe(true);
  expect(date.equals(new LocalDate(19782))).toBe(true);
  const time = Timestamp.fromDate(new Date('2024-02-29T13:05:00.250Z'));
  expect(String(time)).toBe('2024-02-29 13:05:00.25');
  expect(new Timestamp(-1n).toDate().getTime()).toBe(-1);
  expect(time > Timestamp.parse('2024-02-29T13:05:00Z')).toBe(true);
  expect(JSON.stringify([date, time, LocalDateTime.parse('1970-01-01T00:00:01')])).toBe(
    '["2024-02-29","2024-02-29 13:05:00.25","1970-01-01 00:00:01"]',
  );
  expect(() => LocalDateTime.parse('1970-01-01T00:00:01Z')).toThrow('is not a local date and time');
  expect(() => Timestamp.parse('now')).toThrow("'now' is not a timestamp such as 2024-02-29T13:05:00Z.");
});
