import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatExact, formatRate } from '../../src/core/units.js';

test.each([
  [0, '0 B'],
  [812, '812 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1024 * 1024 - 1, '1.0 MiB'],
  [35_756_441, '34.1 MiB'],
  [2 ** 40, '1.0 TiB'],
])('%d bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, '0'],
  [999, '999'],
  [84_213, '84.2k'],
  [999_960, '1.0M'],
  [1_204_332, '1.2M'],
])('%d rows', (count, text) => expect(formatCount(count)).toBe(text));

test.each([
  [0, '0'],
  [123, '123'],
  [1234, '1,234'],
  [1_204_332, '1,204,332'],
])('%d exactly', (count, text) => expect(formatExact(count)).toBe(text));

test.each([
  [0.2, '0 ms'],
  [87, '87 ms'],
  [999.6, '1.0 s'],
  [2149, '2.1 s'],
  [59_960, '1 m 00 s'],
  [65_000, '1 m 05 s'],
  [7_380_000, '2 h 03 m'],
])('%d ms', (ms, text) => expect(formatDuration(ms)).toBe(text));

test('a rate needs bytes and time', () => {
  expect(formatRate(1 << 20, 500)).toBe('2.0 MiB/s');
  expect(formatRate(0, 500)).toBe('');
  expect(formatRate(5, 0)).toBe('');
});
