import { expect, test } from 'vitest';
import { Decimal } from '../../../src/data/decimal.js';
import { LocalDate, Timestamp } from '../../../src/data/temporal.js';
import { firstDifference } from '../../../src/lab/grade/compare-rows.js';
import { plain, rowsOf } from '../../../src/lab/grade/rows.js';

test('values become plain, whatever they were made of', () => {
  expect(plain({ n: 3n, big: 2n ** 60n, f: 0.5, nan: Number.NaN, none: undefined, b: new Uint8Array([1, 255]) })).toEqual({
    ...{ n: 3, big: '1152921504606846976', f: 0.5, nan: 'NaN', none: null, b: '01ff' },
  });
  expect([plain(Decimal.parse('12.50')), plain(Decimal.parse('7'))]).toEqual([12.5, 7]);
  expect(plain(new LocalDate(0))).toBe('1970-01-01');
  const instant = new Date('2024-05-06T07:08:09.500Z');
  expect(plain(instant)).toBe('2024-05-06 07:08:09.5');
  expect(plain(new Timestamp(BigInt(instant.getTime()) * 1000n))).toBe(plain(instant));
  expect(rowsOf(new Map([['a', 1]]))).toEqual([['a', 1]]);
  expect(rowsOf(4n)).toEqual([4]);
});

const rows = [
  { word: 'a', n: 3, share: 0.1 + 0.2 },
  { word: 'b', n: 1, share: 2 },
];

test('the same rows in another order, rounded otherwise', () => {
  const other = [
    { n: 1, share: 2.0000000000000004, word: 'b' },
    { word: 'a', n: 3, share: 0.3 },
  ];
  expect(firstDifference(rows, other, false)).toBeNull();
  expect(firstDifference(rows, other, true)?.text).toContain('at row 1');
  expect(firstDifference([], [], false)).toBeNull();
});

test.each([
  [rows, [rows[0], { ...rows[1], n: 2 }], 'expected {"word":"b","n":1,"share":2}, got {"word":"b","n":2,"share":2}'],
  [rows, [rows[0]], 'expected {"word":"b","n":1,"share":2}, which is missing'],
  [['x', 'y'], ['x', 'x', 'y'], 'got "x", which was not expected'],
  [['x', 'y', 'y'], ['x', 'y'], 'expected "y", which is missing'],
  [[1, 2], [1, 2.5], 'expected 2, which is missing'],
  [[['a', 1]], [['a', 2]], 'expected ["a",1], got ["a",2]'],
  [[{ a: null }], [{ a: 0 }], 'got {"a":0}, which was not expected'],
  [[{ a: 1 }], [{ b: 1 }], 'expected rows with the columns a, got rows with the columns b'],
])('%j is not %j', (expected, got, text) => {
  expect(firstDifference(expected, got, false)).toMatchObject({ text, expectedRows: expected.length, gotRows: got.length });
});

test('rows that agree but for rounding meet, though their numbers sort between others', () => {
  const expected = Array.from({ length: 50 }, (_, id) => ({ avg: 1 / 3, id }));
  const got = expected.map(({ id }) => ({ avg: 1 / 3 + (id % 3) * 1e-16, id }));
  expect(firstDifference(expected, got.reverse(), false)).toBeNull();
  expect(firstDifference([{ s: 10 ** 15 }], [{ s: 10 ** 15 + 1 }], false)).not.toBeNull();
});
