/** Percentiles, bits, regressions, histograms and joined text: over rows in one piece, and in two that are merged through partial columns. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrayOf, BINARY, DATE, type DataType, decimal, FLOAT64, INT8, INT32, INT64, STRING, typeName } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import type { AggregateFunction } from '../../../src/frontend/functions/definition.js';
import { QuantileSketch } from '../../../src/frontend/functions/quantile-sketch.js';
import { findFunction } from '../../../src/frontend/functions/registry.js';

type Row = readonly (EngineValue | null)[];

function results(fn: string, types: readonly DataType[], rows: readonly Row[], split: number, constants: Row): readonly unknown[] {
  const definition = findFunction(fn) as AggregateFunction;
  const given = types.map((type, i) => ({ type, nullable: true, literal: constants[i] ?? undefined }));
  const signature = definition.resolve(given);
  const args = given.map((arg, i) => ({ ...arg, type: signature.args[i] }));
  const call = { fn: definition.name, args, type: signature.result };
  const accumulator = definition.accumulator(call);
  const run = (part: readonly Row[]): unknown => part.reduce<unknown>((state, row) => accumulator.update(state, row), accumulator.init());
  const partials = [rows.slice(0, split), rows.slice(split)].map((part) => accumulator.partial(run(part)));
  expect(definition.partialTypes(call).length).toBe(partials[0].length);
  const merged = partials.reduce<unknown>((state, partial) => accumulator.merge(state, partial), accumulator.init());
  return [typeName(signature.result), accumulator.finish(run(rows)), accumulator.finish(merged)];
}

const one = (...values: readonly (EngineValue | null)[]): Row[] => values.map((value) => [value]);
const withArgs = (values: readonly (EngineValue | null)[], ...more: EngineValue[]): Row[] => values.map((value) => [value, ...more]);
const pairs: Row[] = [
  [1, 2],
  [2, 4],
  [4, 5],
  [null, 9],
  [9, null],
];

const table: readonly (readonly [string, readonly DataType[], readonly Row[], string, EngineValue | null])[] = [
  ['percentile', [INT32, FLOAT64], withArgs([0, 10], 0.3), 'double', 3],
  ['percentile', [INT32, arrayOf(FLOAT64, false)], withArgs([0, 10, null], [0.25, 0.75]), 'array<double>', [2.5, 7.5]],
  [
    'percentile',
    [INT32, FLOAT64, INT32],
    [
      [0, 0.5, 2n],
      [10, 0.5, 1n],
      [7, 0.5, 0n],
    ],
    'double',
    0,
  ],
  ['percentile', [INT32, FLOAT64], withArgs([null], 0.3), 'double', null],
  ['percentile_cont', [INT32, FLOAT64], withArgs([0, 1, 2, 10], 0.5), 'double', 1.5],
  ['percentile_disc', [INT32, FLOAT64], withArgs([0, 1, 2, 10], 0.5), 'double', 1],
  ['median', [FLOAT64], one(1, Number.NaN, 4), 'double', 4],
  ['approx_percentile', [INT32, FLOAT64], withArgs([0, 6, 7, 9, 10], 0.5), 'int', 7],
  ['percentile_approx', [INT64, arrayOf(FLOAT64, false)], withArgs([0n, 1n, 2n, 10n], [0.5, 0.4, 0.1]), 'array<bigint>', [1n, 1n, 0n]],
  ['approx_percentile', [decimal(5, 2), FLOAT64], withArgs([150n, 250n], 1), 'decimal(5,2)', 250n],
  ['approx_percentile', [DATE, FLOAT64], withArgs([19000, 19001], 0), 'date', 19000],
  ['approx_percentile', [INT32, FLOAT64], withArgs([null], 0.5), 'int', null],
  ['bit_and', [INT32], one(3, 5, null), 'int', 1],
  ['bit_or', [INT8], one(3, 5), 'tinyint', 7],
  ['bit_xor', [INT64], one(3n, 5n, 2n ** 40n), 'bigint', 6n ^ (2n ** 40n)],
  ['bit_xor', [INT32], one(null), 'int', null],
  ['regr_count', [FLOAT64, FLOAT64], pairs, 'bigint', 3n],
  ['regr_avgx', [FLOAT64, FLOAT64], pairs, 'double', 11 / 3],
  ['regr_avgy', [FLOAT64, FLOAT64], pairs, 'double', 7 / 3],
  ['regr_sxx', [FLOAT64, FLOAT64], pairs, 'double', 14 / 3],
  ['regr_syy', [FLOAT64, FLOAT64], pairs, 'double', 14 / 3],
  ['regr_sxy', [FLOAT64, FLOAT64], pairs, 'double', 13 / 3],
  ['regr_slope', [FLOAT64, FLOAT64], pairs, 'double', 13 / 14],
  ['regr_intercept', [FLOAT64, FLOAT64], pairs, 'double', 7 / 3 - (13 / 14) * (11 / 3)],
  ['regr_r2', [FLOAT64, FLOAT64], pairs, 'double', (13 / 14) ** 2],
  ['regr_slope', [FLOAT64, FLOAT64], [[1, 2]], 'double', null],
  ['listagg', [STRING], one('a', null, 'b'), 'string', 'ab'],
  ['string_agg', [STRING], one(null), 'string', null],
  ['listagg', [BINARY], one(Uint8Array.of(1), Uint8Array.of(2)), 'binary', Uint8Array.of(1, 2)],
];

test.each(table)('%s of %o over %o', (fn, types, rows, type, expected) => {
  const close = typeof expected === 'number' ? expect.closeTo(expected, 12) : expected;
  for (let split = 0; split <= rows.length; split++) expect(results(fn, types, rows, split, [])).toEqual([type, close, close]);
});

test('a delimiter, and a number of bins', () => {
  expect(results('listagg', [STRING, STRING], withArgs(['a', 'b', 'c'], ', '), 2, [null, ', '])).toEqual(['string', 'a, b, c', 'a, b, c']);
  const bins = [
    [0, 1],
    [1.25, 2],
    [10, 1],
  ];
  expect(results('histogram_numeric', [FLOAT64, INT32], withArgs([0, 1, 1.5, 10], 3), 4, [null, 3])).toEqual([
    'array<struct<x:double,y:double>>',
    bins,
    bins,
  ]);
});

describe('what is refused', () => {
  test.each([
    ['percentile', [INT32, STRING], [], 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
    ['approx_percentile', [INT32, FLOAT64, INT32], [null, null, 0], 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE'],
    ['approx_percentile', [INT32, FLOAT64, INT32], [], 'DATATYPE_MISMATCH.NON_FOLDABLE_INPUT'],
    ['histogram_numeric', [INT32, INT32], [null, 1], 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE'],
    ['listagg', [STRING, STRING], [], 'DATATYPE_MISMATCH.NON_FOLDABLE_INPUT'],
    ['bit_and', [FLOAT64], [], 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
  ] as const)('%s of %o, constants %o', (fn, types, constants, condition) => {
    expect(() => results(fn, types, [], 0, constants)).toThrow(expect.objectContaining({ condition }));
  });

  test('shares that differ from row to row, or are null', () => {
    const shares: readonly (readonly [DataType, EngineValue | null, EngineValue, string])[] = [
      [FLOAT64, 0.1, 0.9, 'DATATYPE_MISMATCH.NON_FOLDABLE_INPUT'],
      [arrayOf(FLOAT64, false), [0.1], [0.1, 0.9], 'DATATYPE_MISMATCH.NON_FOLDABLE_INPUT'],
      [FLOAT64, null, 0.5, 'DATATYPE_MISMATCH.UNEXPECTED_NULL'],
    ];
    for (const fn of ['percentile', 'approx_percentile', 'percentile_disc'])
      for (const [type, first, second, condition] of shares)
        for (const split of [0, 1]) {
          const rows: Row[] = [
            [1, first],
            [2, second],
          ];
          expect(() => results(fn, [INT32, type], rows, split, [])).toThrow(expect.objectContaining({ condition, kind: 'user' }));
        }
  });

  test('a share outside of 0 to 1', () => {
    for (const fn of ['percentile', 'approx_percentile']) {
      expect(() => results(fn, [INT32, FLOAT64], withArgs([1], 1.5), 0, [])).toThrow(
        expect.objectContaining({ condition: 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE' }),
      );
    }
  });
});

describe('quantile sketch', () => {
  test('small inputs are answered by the value at the rank', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.001, max: 0.998, noNaN: true }),
        (values, share) => {
          const sketch = new QuantileSketch(1e-4);
          for (const value of values) sketch.insert(value);
          expect(sketch.quantile(share)).toBe([...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1]);
        },
      ),
    );
  });

  test('large ones within the error, in bounded space, merged too', () => {
    const error = 1e-3;
    const n = 400_000;
    const parts = Array.from({ length: 4 }, () => new QuantileSketch(error));
    for (let i = 0; i < n; i++) parts[i & 3].insert((i * 7919) % n);
    const all = new QuantileSketch(error);
    for (const part of parts) {
      expect(part.parts().values.length).toBeLessThan(60_000);
      all.merge(part.parts());
    }
    for (const share of [0.01, 0.25, 0.5, 0.9, 0.999])
      expect(Math.abs((all.quantile(share) as number) - share * n)).toBeLessThan(2 * error * n);
  });
});
