import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import { type DataType, decimal, FLOAT64, INT32, INT64, STRING } from '../../../src/data/types.js';
import { compareValues, type EngineValue } from '../../../src/data/value.js';
import { hashPartition, rangePartition, roundRobinPartition } from '../../../src/runtime/shuffle/partitioner.js';

const ASC = { ascending: true, nullsFirst: true };
const range = (type: DataType, keys: EngineValue[], bounds: EngineValue[], order = ASC) => [
  ...rangePartition([columnOf(type, keys)], [type], keys.length, [order], [columnOf(type, bounds)]),
];

describe('hashPartition', () => {
  it('is pmod of the key hash, as in Spark', () => {
    // Spark: SELECT id, pmod(hash(id), 5) FROM VALUES (0), (1), (2), (3), (42): hashes 933211791, -559580957, 1765031574, -1823081949, 29417773.
    expect([...hashPartition([columnOf(INT32, [0, 1, 2, 3, 42])], [INT32], 5, 5)]).toEqual([1, 3, 4, 1, 3]);
    expect([...hashPartition([columnOf(INT32, [7, 8])], [INT32], 2, 1)]).toEqual([0, 0]);
  });
});

describe('rangePartition', () => {
  it('puts a row equal to a bound to its left', () => {
    expect(range(INT32, [-5, 10, 11, 20, 21, null], [10, 20])).toEqual([0, 0, 1, 1, 2, 0]);
  });

  it('follows direction and null order', () => {
    expect(range(INT32, [30, 20, 15, 10, 5, null], [20, 10], { ascending: false, nullsFirst: false })).toEqual([0, 0, 1, 1, 2, 2]);
    expect(range(INT32, [null, 1], [null, 5])).toEqual([0, 1]);
  });

  it('compares by value: 64 bits, NaN, bytes', () => {
    expect(range(INT64, [-(2n ** 40n), 2n ** 32n, 2n ** 32n + 2n, 2n ** 63n - 1n], [-1n, 2n ** 32n + 1n])).toEqual([0, 1, 2, 2]);
    expect(range(FLOAT64, [-0, Number.NaN, Number.POSITIVE_INFINITY], [0, Number.POSITIVE_INFINITY])).toEqual([0, 2, 1]);
    expect(range(STRING, ['a', 'ab', 'é', '😀', '￿'], ['aa', '￿'])).toEqual([0, 1, 1, 2, 1]);
  });

  it('goes by later keys where earlier ones are equal', () => {
    const keys = [columnOf(STRING, ['a', 'a', 'b']), columnOf(INT32, [1, 9, 0])];
    const bounds = [columnOf(STRING, ['a']), columnOf(INT32, [5])];
    expect([...rangePartition(keys, [STRING, INT32], 3, [ASC, { ...ASC, ascending: false }], bounds)]).toEqual([1, 0, 1]);
  });

  it('looks an entry of a dictionary up once, nulls included', () => {
    const dictionary = columnOf(STRING, ['x', 'm', 'a']);
    const coded = (validity: Uint8Array | null): Column => ({
      layout: 'dictionary',
      length: 5,
      validity,
      codes: Int32Array.of(0, 1, 2, 2, 0),
      dictionary,
    });
    const bounds = [columnOf(STRING, ['b', 'n'])];
    expect([...rangePartition([coded(null)], [STRING], 5, [ASC], bounds)]).toEqual([2, 1, 0, 0, 2]);
    expect([...rangePartition([coded(Uint8Array.of(0b01110))], [STRING], 5, [ASC], bounds)]).toEqual([0, 1, 0, 0, 0]);
  });

  it('agrees with a linear search, for any keys and sorted bounds', () => {
    const type = decimal(30, 2);
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -50n, max: 50n })), fc.array(fc.bigInt({ min: -50n, max: 50n })), (keys, bounds) => {
        const sorted = [...bounds].sort((a, b) => compareValues(a, b, type));
        expect(range(type, keys, sorted)).toEqual(keys.map((key) => sorted.filter((bound) => bound < key).length));
      }),
    );
  });

  it('has one partition without bounds', () => {
    expect(range(INT32, [1, 2], [])).toEqual([0, 0]);
    expect([...rangePartition([columnOf(INT32, [1])], [INT32], 1, [ASC], [])]).toEqual([0]);
  });
});

describe('roundRobinPartition', () => {
  it('starts where it is told', () => {
    expect([...roundRobinPartition(5, 3, 2)]).toEqual([2, 0, 1, 2, 0]);
    expect([...roundRobinPartition(2, 3, 7)]).toEqual([1, 2]);
  });
});
