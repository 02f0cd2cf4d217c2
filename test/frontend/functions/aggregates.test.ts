/** Aggregates row by row, split at any place and merged; and the exact sums of generated code. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BOOLEAN, type DataType, decimal, FLOAT64, INT32, INT64, STRING } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { addBig, carryWhole, wholeTotal } from '../../../src/frontend/functions/aggregate-sum.js';
import type { AggregateFunction, Call } from '../../../src/frontend/functions/definition.js';
import { findFunction } from '../../../src/frontend/functions/registry.js';

type Row = readonly (EngineValue | null)[];

/** The result over rows in one piece, and in two that are merged through their partial columns. */
function results(fn: string, types: readonly DataType[], rows: readonly Row[], split: number, literals: Row = []): readonly unknown[] {
  const definition = findFunction(fn) as AggregateFunction;
  const args = types.map((type, i) => ({ type, nullable: true, literal: literals[i] ?? undefined }));
  const call: Call = { fn, args, type: definition.resolve(args).result };
  const accumulator = definition.accumulator(call);
  const run = (part: readonly Row[]): unknown => part.reduce<unknown>((state, row) => accumulator.update(state, row), accumulator.init());
  const partials = [rows.slice(0, split), rows.slice(split)].map((part) => accumulator.partial(run(part)));
  const merged = partials.reduce<unknown>((state, partial) => accumulator.merge(state, partial), accumulator.init());
  expect(definition.partialTypes(call).length).toBe(partials[0].length);
  return [accumulator.finish(run(rows)), accumulator.finish(merged)];
}

const one = (...values: readonly (EngineValue | null)[]): Row[] => values.map((value) => [value]);

const table: readonly (readonly [string, readonly DataType[], readonly Row[], EngineValue | null])[] = [
  ['count', [INT32], one(1, null, 3), 2n],
  ['count', [INT32], [], 0n],
  ['sum', [INT32], one(1, null, 3), 4n],
  ['sum', [INT32], one(null), null],
  ['sum', [decimal(10, 2)], one(150n, 250n), 400n],
  ['sum', [FLOAT64], one(0.5, 0.25), 0.75],
  ['avg', [INT32], one(1, 2, null), 1.5],
  ['avg', [decimal(10, 2)], one(100n, 200n, 200n), 1666667n],
  ['min', [STRING], one('b', null, 'B'), 'B'],
  ['max', [FLOAT64], one(1, Number.NaN, 5), Number.NaN],
  ['first', [INT32], one(null, 2), null],
  ['last', [INT32], one(1, 2), 2],
  ['count_if', [BOOLEAN], one(true, null, false, true), 2n],
  ['bool_and', [BOOLEAN], one(true, null), true],
  ['bool_or', [BOOLEAN], one(null), null],
  ['collect_list', [INT32], one(3, null, 3), [3, 3]],
  ['collect_set', [INT32], one(3, null, 3), [3]],
  [
    'max_by',
    [STRING, INT32],
    [
      ['a', 1],
      ['b', 3],
      ['c', null],
    ],
    'b',
  ],
  ['mode', [STRING], one('x', 'y', 'x'), 'x'],
  ['stddev_samp', [FLOAT64], one(2), null],
  ['var_pop', [FLOAT64], one(1, 3), 1],
  ['median', [FLOAT64], one(1, 4, 2), 2],
  ['approx_count_distinct', [INT32], one(1, 2, 2, 3), 3n],
];

test.each(table)('%s of %o over %o', (fn, types, rows, expected) => {
  for (let split = 0; split <= rows.length; split++) expect(results(fn, types, rows, split)).toEqual([expected, expected]);
});

test('first and last skip nulls when told', () => {
  expect(
    results(
      'first',
      [INT32, BOOLEAN],
      [
        [null, true],
        [2, true],
      ],
      1,
      [null, true],
    ),
  ).toEqual([2, 2]);
});

test('a sum beyond bigint is an error, not a wrap', () => {
  expect(() => results('sum', [INT64], one(2n ** 63n - 1n, 1n), 2)).toThrow('sum overflowed');
});

test('the sums of generated code are exact for any values of 64 bits', () => {
  const values = fc.array(
    fc.oneof(
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      fc.bigInt(-(2n ** 52n), 2n ** 52n),
      fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 0n),
    ),
  );
  fc.assert(
    fc.property(values, (list) => {
      const slots = { low: [0], high: [0], beyond: [] as bigint[] };
      for (const value of list) {
        if (value <= 2n ** 52n && value >= -(2n ** 52n)) {
          slots.low[0] += Number(value);
          if (Math.abs(slots.low[0]) > 2 ** 52) carryWhole(slots.low, slots.high, slots.beyond, 0);
        } else addBig(slots.low, slots.high, slots.beyond, 0, value);
      }
      expect(wholeTotal(slots.low, slots.high, slots.beyond, 0)).toBe(list.reduce((sum, value) => sum + value, 0n));
    }),
  );
});

test('a sum that passes 2^96 in doubles goes on in a BigInt', () => {
  const slots = { low: [0], high: [2 ** 52], beyond: [] as bigint[] };
  addBig(slots.low, slots.high, slots.beyond, 0, 2n ** 63n - 1n);
  expect(wholeTotal(slots.low, slots.high, slots.beyond, 0)).toBe(2n ** 96n + 2n ** 63n - 1n);
  expect(slots.high[0]).toBe(0);
});
