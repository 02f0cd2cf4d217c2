import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-text.js';
import { FLOAT64, INT32, INT64 } from '../../../src/data/types.js';
import type { Aggregated, BoundExpr } from '../../../src/frontend/plan/resolved.js';
import type { PhysicalOp } from '../../../src/planner/physical/operators.js';
import { input, literal, type Row, rowsLeaf, runPlan } from './task.js';

const count: Aggregated<BoundExpr> = {
  id: 1,
  name: 'n',
  fn: 'count',
  args: [literal(1, INT32)],
  distinct: false,
  filter: null,
  type: INT64,
  nullable: false,
  site: null,
};

function aggregate(child: PhysicalOp, keys: readonly string[], aggregates: readonly Aggregated<BoundExpr>[], ddl: string): PhysicalOp {
  return { kind: 'hashAggregate', schema: parseSchema(ddl), child, mode: 'complete', keys: keys.map((k) => input(child, k)), aggregates };
}

const sum = (child: PhysicalOp, name: string): Aggregated<BoundExpr> => ({
  ...count,
  name: 'sum',
  fn: 'sum',
  args: [input(child, name)],
  type: INT64,
  nullable: true,
});

describe('keys', () => {
  test('strings, with null as a key of its own', async () => {
    const leaf = rowsLeaf('word string', [['a'], ['b'], [null], ['a'], [''], [null]]);
    const { rows } = await runPlan(aggregate(leaf, ['word'], [count], 'word string, n bigint'));
    expect(rows).toEqual([
      ['a', 2n],
      ['b', 1n],
      [null, 2n],
      ['', 1n],
    ]);
  });

  test('64-bit integers beyond 2^53 stay apart', async () => {
    const big = 9007199254740993n;
    const leaf = rowsLeaf('id bigint', [[big], [big - 1n], [big], [-1n], [null], [-1n]]);
    const { rows } = await runPlan(aggregate(leaf, ['id'], [count], 'id bigint, n bigint'));
    expect(rows).toEqual([
      [big, 2n],
      [big - 1n, 1n],
      [-1n, 2n],
      [null, 1n],
    ]);
  });

  test('doubles: NaN is one key, -0 and 0 are one', async () => {
    const leaf = rowsLeaf('x double', [[Number.NaN], [0], [-0], [Number.NaN], [1.5]]);
    const { rows } = await runPlan(aggregate(leaf, ['x'], [count], 'x double, n bigint'));
    expect(rows.map(([x, n]) => [String(x), n])).toEqual([
      ['NaN', 2n],
      ['0', 2n],
      ['1.5', 1n],
    ]);
  });

  test('several columns of several types', async () => {
    const leaf = rowsLeaf('a string, b bigint, c boolean', [
      ['x', 1n, true],
      ['x', 1n, false],
      ['x', 1n, true],
      [null, 1n, true],
      ['', null, null],
      ['', null, null],
    ]);
    const { rows } = await runPlan(aggregate(leaf, ['a', 'b', 'c'], [count], 'a string, b bigint, c boolean, n bigint'));
    expect(rows).toEqual([
      ['x', 1n, true, 2n],
      ['x', 1n, false, 1n],
      [null, 1n, true, 1n],
      ['', null, null, 2n],
    ]);
  });

  test('arrays', async () => {
    const leaf = rowsLeaf('a array<int>', [[[1, 2]], [[1]], [[1, 2]], [[]]]);
    const { rows } = await runPlan(aggregate(leaf, ['a'], [count], 'a array<int>, n bigint'));
    expect(rows).toEqual([
      [[1, 2], 2n],
      [[1], 1n],
      [[], 1n],
    ]);
  });

  test('none: one row, also of no input', async () => {
    expect((await runPlan(aggregate(rowsLeaf('x int', [[1], [2]]), [], [count], 'n bigint'))).rows).toEqual([[2n]]);
    expect((await runPlan(aggregate(rowsLeaf('x int', []), [], [count], 'n bigint'))).rows).toEqual([[0n]]);
  });

  test('no rows and a key: no groups', async () => {
    expect((await runPlan(aggregate(rowsLeaf('x int', []), ['x'], [count], 'x int, n bigint'))).rows).toEqual([]);
  });
});

test('a sum of longs is exact where doubles are not', async () => {
  const leaf = rowsLeaf('k int, x bigint', [
    [1, 9007199254740993n],
    [1, 9007199254740993n],
    [2, null],
    [1, -5n],
  ]);
  const { rows } = await runPlan(aggregate(leaf, ['k'], [sum(leaf, 'x')], 'k int, s bigint'));
  expect(rows).toEqual([
    [1, 18014398509481981n],
    [2, null],
  ]);
});

test('DISTINCT counts each value once a group', async () => {
  const leaf = rowsLeaf('k int, x string', [
    [1, 'a'],
    [1, 'a'],
    [1, 'b'],
    [2, null],
    [2, 'a'],
  ]);
  const distinct = { ...count, args: [input(leaf, 'x')], distinct: true };
  const { rows } = await runPlan(aggregate(leaf, ['k'], [distinct], 'k int, n bigint'));
  expect(rows).toEqual([
    [1, 2n],
    [2, 1n],
  ]);
});

test('FILTER takes some of the rows', async () => {
  const leaf = rowsLeaf('k int, ok boolean', [
    [1, true],
    [1, false],
    [1, null],
    [2, false],
  ]);
  const { rows } = await runPlan(aggregate(leaf, ['k'], [{ ...count, filter: input(leaf, 'ok') }], 'k int, n bigint'));
  expect(rows).toEqual([
    [1, 1n],
    [2, 0n],
  ]);
});

test('partial then final is what complete is', async () => {
  const leaf = rowsLeaf('k string, x double', [
    ['a', 1.5],
    ['b', 2],
    ['a', null],
    ['a', 3],
  ]);
  const avg: Aggregated<BoundExpr> = { ...count, fn: 'avg', name: 'avg', args: [input(leaf, 'x')], type: FLOAT64, nullable: true };
  const partial: PhysicalOp = {
    kind: 'hashAggregate',
    schema: parseSchema('k string, s double, c bigint, n bigint'),
    child: leaf,
    mode: 'partial',
    keys: [input(leaf, 'k')],
    aggregates: [avg, count],
  };
  const final: PhysicalOp = {
    ...partial,
    schema: parseSchema('k string, avg double, n bigint'),
    child: partial,
    mode: 'final',
    keys: [input(partial, 'k')],
  };
  expect((await runPlan(final)).rows).toEqual([
    ['a', 2.25, 3n],
    ['b', 2, 1n],
  ]);
});

test('over its budget it spills and gives the same groups', async () => {
  const rows: Row[] = Array.from({ length: 60_000 }, (_, i) => [`key ${(i * 7919) % 30_000}`, BigInt(i)]);
  const leaf = rowsLeaf('k string, x bigint', rows);
  const plan = aggregate(leaf, ['k'], [count, sum(leaf, 'x')], 'k string, n bigint, s bigint');
  const small = await runPlan(plan, { config: { memory: '1m', 'batch.rows': '1000' } });
  const large = await runPlan(plan);
  const byKey = (a: Row, b: Row): number => (String(a[0]) < String(b[0]) ? -1 : 1);
  expect(small.metrics.spilledBytes).toBeGreaterThan(0);
  expect(large.metrics.spilledBytes).toBe(0);
  expect(small.rows.sort(byKey)).toEqual(large.rows.sort(byKey));
  expect(small.rows.length).toBe(30_000);
});

test('random keys and values group as a naive loop groups them', async () => {
  const key = fc.option(fc.constantFrom('', 'a', 'b', 'ä', 'a long key that is longer than a few bytes'), { nil: null });
  const row = fc.tuple(key, fc.option(fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), { nil: null }));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 200 }), fc.constantFrom('1', '7', '100'), async (rows, batchRows) => {
      const expected = new Map<string | null, [bigint, bigint | null]>();
      for (const [k, x] of rows) {
        const [n, s] = expected.get(k) ?? [0n, null];
        expected.set(k, [n + 1n, x === null ? s : (s ?? 0n) + x]);
      }
      fc.pre([...expected.values()].every(([, s]) => s === null || BigInt.asIntN(64, s) === s));
      const leaf = rowsLeaf('k string, x bigint', rows);
      const plan = aggregate(leaf, ['k'], [count, sum(leaf, 'x')], 'k string, n bigint, s bigint');
      const { rows: groups } = await runPlan(plan, { config: { 'batch.rows': batchRows } });
      expect(groups).toEqual([...expected].map(([k, [n, s]]) => [k, n, s]));
    }),
    { numRuns: 60 },
  );
});

describe('a partial aggregate of more groups than are held', () => {
  const partial = (values: readonly Row[]): PhysicalOp => {
    const leaf = rowsLeaf('k bigint', values);
    return {
      ...(aggregate(leaf, ['k'], [count, sum(leaf, 'k')], 'k bigint, n bigint, s bigint') as object),
      mode: 'partial',
    } as PhysicalOp;
  };
  const totals = (rows: readonly Row[]): Map<unknown, [bigint, bigint]> => {
    const found = new Map<unknown, [bigint, bigint]>();
    for (const [k, n, s] of rows as [bigint, bigint, bigint][]) {
      const [before, total] = found.get(k) ?? [0n, 0n];
      found.set(k, [before + n, total + s]);
    }
    return found;
  };

  test('in the order of the key it hands groups on as it goes, some of them in two parts', async () => {
    const values = Array.from({ length: 300_000 }, (_, i): Row => [BigInt(i >> 1)]);
    const { rows } = await runPlan(partial(values));
    const found = totals(rows);
    expect(found.size).toBe(150_000);
    expect(rows.length).toBeLessThan(150_010);
    for (const k of [0n, 65_535n, 65_536n, 149_999n]) expect(found.get(k)).toEqual([2n, 2n * k]);
  });

  test('of keys that come again it keeps them', async () => {
    // Xorshift: as good as drawn by lot.
    let state = 1;
    const next = (): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    };
    const values = Array.from({ length: 400_000 }, (): Row => [BigInt(next() % 80_000)]);
    const { rows } = await runPlan(partial(values));
    expect(rows.length).toBe(totals(rows).size);
  });

  test('sums below and beyond 2^53 come out alike', async () => {
    const near = 2n ** 52n;
    for (const values of [
      [near, near - 1n, -near],
      [near, near, near],
      [-near, -near, -1n],
      [2n ** 61n, 2n ** 61n, 1n],
    ]) {
      const leaf = rowsLeaf(
        'k bigint, v bigint',
        values.map((v): Row => [1n, v]),
      );
      const { rows } = await runPlan(aggregate(leaf, ['k'], [sum(leaf, 'v')], 'k bigint, s bigint'));
      expect(rows).toEqual([[1n, values.reduce((a, b) => a + b)]]);
    }
  });
});

test('a partial aggregate that memory made hand on its groups judges by the rows since then whether keys recur', async () => {
  let state = 1;
  const random = (): bigint => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return BigInt(Math.floor((state / 2 ** 32) * 100_000));
  };
  const leaf = rowsLeaf(
    'k bigint',
    Array.from({ length: 400_000 }, () => [random()]),
  );
  const plan: PhysicalOp = { ...aggregate(leaf, ['k'], [count], 'k bigint, n bigint'), mode: 'partial' } as PhysicalOp;
  const { rows } = await runPlan(plan, { config: { memory: '6MB', 'batch.rows': '8192' } });
  expect(rows.reduce((sum, [, n]) => sum + Number(n), 0)).toBe(400_000);
  // Once for memory, and what is left: each about 90,000 groups.
  expect(rows.length).toBeLessThan(190_000);
});
