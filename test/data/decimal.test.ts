import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal, digitCount, fitsPrecision, formatDecimal, parseDecimal, rescale } from '../../src/data/decimal.js';

test.each([
  [0n, 0, '0'],
  [0n, 10, '0.0000000000'],
  [-5n, 2, '-0.05'],
  [12345n, 2, '123.45'],
  [10n ** 37n, 38, '0.10000000000000000000000000000000000000'],
])('%s with scale %i is %s', (unscaled, scale, text) => {
  expect(formatDecimal(unscaled, scale)).toBe(text);
});

test('texts come back', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.nat({ max: 38 }), (unscaled, scale) => {
      expect(parseDecimal(formatDecimal(unscaled, scale))).toEqual({ unscaled, scale });
    }),
  );
});

test.each([
  ['1.50', 150n, 2],
  [' -.5 ', -5n, 1],
  ['7.', 7n, 0],
  ['+1e3', 1000n, 0],
  ['1.5E-3', 15n, 4],
])('reads %s', (text, unscaled, scale) => {
  expect(parseDecimal(text)).toEqual({ unscaled, scale });
});

test.each(['', '.', 'x', '1.2.3', '1e', '0x1', '1 2', 'NaN', 'Infinity', '1e99999'])('refuses %j', (text) => {
  expect(parseDecimal(text)).toBe(null);
  expect(() => Decimal.parse(text)).toThrow(`'${text}' is not a decimal number`);
});

describe('rescale', () => {
  test.each([
    [125n, 2, 1, 13n],
    [-125n, 2, 1, -13n],
    [124n, 2, 1, 12n],
    [-124n, 2, 1, -12n],
    [5n, 1, 0, 1n],
    [4n, 1, 3, 400n],
    [49n, 2, 0, 0n],
  ])('%s from scale %i to %i', (unscaled, from, to, expected) => {
    expect(rescale(unscaled, from, to)).toBe(expected);
  });
});

test('numbers and digits', () => {
  expect(Decimal.from(0.1).toString()).toBe('0.1');
  expect(Decimal.from(1e21).toString()).toBe('1000000000000000000000');
  expect(Decimal.from('1.0').equals(Decimal.from('1.00'))).toBe(true);
  expect(Decimal.from('1.0').compareTo(Decimal.from('0.999'))).toBe(1);
  expect(Decimal.from('2.345').withScale(2).toString()).toBe('2.35');
  expect(Decimal.from('-2.5').toNumber()).toBe(-2.5);
  expect(JSON.stringify({ d: Decimal.from('1.10') })).toBe('{"d":"1.10"}');
  expect([digitCount(0n), digitCount(-999n), digitCount(1000n)]).toEqual([1, 3, 4]);
  expect([fitsPrecision(999n, 3), fitsPrecision(-1000n, 3)]).toEqual([true, false]);
});
