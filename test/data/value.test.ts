import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MinisparkError } from '../../src/core/errors.js';
import { Decimal } from '../../src/data/decimal.js';
import { LocalDate, LocalDateTime, Timestamp } from '../../src/data/temporal.js';
import type { DataType } from '../../src/data/types.js';
import * as types from '../../src/data/types.js';
import { compareValues, type EngineValue, fromApiValue, toApiValue, valuesEqual } from '../../src/data/value.js';
import { anyType, anyValue, orNull } from './arbitraries.js';

const POINT = types.structOf([types.field('x', types.INT32), types.field('y', types.arrayOf(types.decimal(4, 2)))]);

describe('toApiValue', () => {
  test.each<[DataType, EngineValue, unknown]>([
    [types.INT64, 5n, 5n],
    [types.decimal(5, 2), 1250n, new Decimal(1250n, 2)],
    [types.DATE, 0, new LocalDate(0)],
    [types.TIMESTAMP, 1n, new Timestamp(1n)],
    [types.TIMESTAMP_NTZ, 1n, new LocalDateTime(1n)],
    [POINT, [1, [250n, null]], { x: 1, y: [new Decimal(250n, 2), null] }],
    [types.mapOf(types.STRING, types.DATE), [['a', 1]], new Map([['a', new LocalDate(1)]])],
    [types.STRING, null, null],
  ])('%j %s', (type, value, expected) => {
    expect(toApiValue(value, type)).toEqual(expected);
  });

  test('a field may have any name', () => {
    const odd = toApiValue([1], types.structOf([types.field('__proto__', types.INT32)])) as object;
    expect(Object.keys(odd)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(odd)).toBe(Object.prototype);
  });
});

describe('fromApiValue', () => {
  test('takes back what toApiValue gives', () => {
    const typed = anyType().chain((type) => fc.tuple(fc.constant(type), orNull(type)));
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const back = fromApiValue(toApiValue(value, type), type, 'v');
        // A Map keeps one of several equal keys.
        if (!JSON.stringify(type).includes('map')) expect(back === null ? value === null : valuesEqual(back, value, type)).toBe(true);
      }),
    );
  });

  test.each<[DataType, unknown, EngineValue]>([
    [types.INT32, 5n, 5],
    [types.INT32, -0, 0],
    [types.INT64, 5, 5n],
    [types.FLOAT32, 0.1, Math.fround(0.1)],
    [types.decimal(5, 2), 1.005, 101n],
    [types.decimal(5, 2), '-1.005', -101n],
    [types.decimal(5, 2), 7n, 700n],
    [types.decimal(38, 10), '1e3', 10_000_000_000_000n],
    [types.DATE, '2024-02-29', 19782],
    [types.DATE, new Date(Date.UTC(2024, 1, 29, 23)), 19782],
    [types.TIMESTAMP, new Date(1500), 1_500_000n],
    [types.TIMESTAMP, '1970-01-01T01:00:00.5+01:00', 500_000n],
    [types.TIMESTAMP_NTZ, '1970-01-01 00:00:01', 1_000_000n],
    [types.arrayOf(types.INT32), new Int16Array([1, 2]), [1, 2]],
    [types.mapOf(types.STRING, types.INT32), { a: 1, b: null }, [['a', 1], ['b', null]]], // biome-ignore format: one row a case
    [types.mapOf(types.INT32, types.INT32), new Map([[1, 2]]), [[1, 2]]],
    [POINT, { x: 1 }, [1, null]],
    [POINT, [1, ['2.5']], [1, [250n]]],
    [types.structOf([types.field('toString', types.STRING)]), {}, [null]],
    [types.STRING, undefined, null],
    [types.BINARY, Uint8Array.of(1), Uint8Array.of(1)],
  ])('%j takes %s', (type, value, expected) => {
    expect(fromApiValue(value, type, 'v')).toEqual(expected);
  });

  test.each<[DataType, unknown, string]>([
    [types.INT32, 'x', "v: expected int, got 'x'."],
    [types.INT32, 1.5, 'v: expected int, got 1.5 (not a whole number).'],
    [types.INT8, 128, 'v: expected tinyint, got 128 (out of range).'],
    [types.INT64, 2 ** 53, 'v: expected bigint, got 9007199254740992 (past 2^53 a number is not exact).'],
    [types.INT64, 2n ** 63n, 'v: expected bigint, got 9223372036854775808n (out of range).'],
    [types.FLOAT64, 1n, 'v: expected double, got 1n.'],
    [types.decimal(3, 2), 10, 'v: expected decimal(3,2), got 10 (too many digits).'],
    [types.decimal(3, 2), 'ten', "v: expected decimal(3,2), got 'ten'."],
    [types.decimal(3, 2), Number.NaN, 'v: expected decimal(3,2), got NaN.'],
    [types.STRING, 5, 'v: expected string, got 5.'],
    [types.BOOLEAN, 'true', "v: expected boolean, got 'true'."],
    [types.DATE, '2023-02-29', "v: expected date, got '2023-02-29'."],
    [types.TIMESTAMP, new Date(Number.NaN), 'v: expected timestamp, got an invalid Date.'],
    [types.TIMESTAMP_NTZ, '1970-01-01T00:00:00Z', "v: expected timestamp_ntz, got '1970-01-01T00:00:00Z'."],
    [types.arrayOf(types.INT32), [1, {}], 'v[1]: expected int, got an empty object.'],
    [types.arrayOf(POINT), [{ x: 1, y: [1, 'z'] }], "v[0].y[1]: expected decimal(4,2), got 'z'."],
    [
      POINT,
      { x: 1, z: 2 },
      "v: expected struct<x:int,y:array<decimal(4,2)>>, got an object with x, z (it has a field 'z' that the type has not).",
    ],
    [POINT, [1], 'v: expected struct<x:int,y:array<decimal(4,2)>>, got an array of 1 (1 values for 2 fields).'],
    [types.mapOf(types.STRING, types.INT32), { a: 'b' }, "v['a']: expected int, got 'b'."],
    [types.mapOf(types.STRING, types.INT32), new Map([[null, 1]]), 'v: expected map<string,int>, got a Map (a key is null).'],
    [types.mapOf(types.INT32, types.INT32), { 1: 1 }, 'v: expected map<int,int>, got an object with 1.'],
    [types.STRING, () => 1, 'v: expected string, got a function.'],
    [types.NULL, 1, 'v: expected void, got 1.'],
  ])('%j refuses %s', (type, value, message) => {
    const attempt = () => fromApiValue(value, type, () => 'v');
    expect(attempt).toThrow(MinisparkError);
    expect(attempt).toThrow(expect.objectContaining({ kind: 'user', condition: 'INVALID_VALUE', message }));
  });
});

describe('compareValues', () => {
  test.each<[DataType, EngineValue, EngineValue, number]>([
    [types.FLOAT64, Number.NaN, Number.POSITIVE_INFINITY, 1],
    [types.FLOAT64, Number.NaN, Number.NaN, 0],
    [types.FLOAT64, -0, 0, 0],
    [types.BOOLEAN, false, true, -1],
    [types.INT64, 2n ** 62n, 2n ** 62n + 1n, -1],
    [types.STRING, 'a', 'b', -1],
    [types.STRING, 'a', 'ab', -1],
    // By code point U+FF5E is before U+1F600; by UTF-16 unit it would be after.
    [types.STRING, '～', '😀', -1],
    [types.BINARY, Uint8Array.of(255), Uint8Array.of(1, 2), 1],
    [types.arrayOf(types.INT32), [1, null], [1, 0], -1],
    [types.arrayOf(types.INT32), [1], [1, null], -1],
    [POINT, [1, null], [1, null], 0],
  ])('%j: %s and %s', (type, a, b, expected) => {
    expect(Math.sign(compareValues(a, b, type))).toBe(expected);
    expect(Math.sign(compareValues(b, a, type))).toBe(expected === 0 ? 0 : -expected);
    expect(valuesEqual(a, b, type)).toBe(expected === 0);
  });

  test('is a total order', () => {
    const triples = anyType().chain((type) => fc.tuple(fc.constant(type), anyValue(type), anyValue(type), anyValue(type)));
    fc.assert(
      fc.property(triples, ([type, a, b, c]) => {
        const order = (x: EngineValue, y: EngineValue) => Math.sign(compareValues(x, y, type));
        expect(order(a, a)).toBe(0);
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('texts go by their UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareValues(a, b, types.STRING))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test('maps are equal whatever the order of their entries', () => {
    const type = types.mapOf(types.STRING, types.INT32);
    expect(valuesEqual([['a', 1], ['b', null]], [['b', null], ['a', 1]], type)).toBe(true); // biome-ignore format: short
    expect(valuesEqual([['a', 1]], [['a', 2]], type)).toBe(false);
  });
});
