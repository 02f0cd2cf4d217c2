/** Global sorts over several partitions: sample, bounds, range exchange, sort. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-text.js';
import { col } from '../../../src/index.js';
import type { PhysicalOp } from '../../../src/planner/physical/operators.js';
import { openInProcess } from './in-process.js';
import { input, type Row, rowsLeaf, runPlan } from './task.js';

const sampled = (rows: readonly Row[], most: number): PhysicalOp => {
  const leaf = rowsLeaf('x int', rows);
  const keys = [{ expr: input(leaf, 'x'), ascending: true, nullsFirst: true }];
  return { kind: 'sample', schema: parseSchema('x int, weight double not null'), child: leaf, keys, rows: most };
};

describe('sample', () => {
  test('a few rows are all taken, each for itself', async () => {
    expect((await runPlan(sampled([[3], [null], [1]], 5))).rows).toEqual([
      [3, 1],
      [null, 1],
      [1, 1],
    ]);
  });

  test('of many, as many as wanted, each for its share; the same ones each time', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [i]);
    const options = { config: { 'batch.rows': '64' } };
    const first = (await runPlan(sampled(rows, 50), options)).rows;
    expect(first.length).toBe(50);
    expect(first.every(([, weight]) => weight === 20)).toBe(true);
    expect(new Set(first.map(([x]) => x)).size).toBe(50);
    const mean = first.reduce((sum, [x]) => sum + (x as number), 0) / 50;
    expect(Math.abs(mean - 500)).toBeLessThan(150);
    expect((await runPlan(sampled(rows, 50), options)).rows).toEqual(first);
  });

  test('of nothing is nothing', async () => {
    expect((await runPlan(sampled([], 5))).rows).toEqual([]);
  });
});

const bounded = (rows: readonly Row[], partitions: number, ascending = true): PhysicalOp => {
  const leaf = rowsLeaf('x int, weight double', rows);
  const keys = [{ expr: input(leaf, 'x'), ascending, nullsFirst: ascending }];
  return { kind: 'rangeBounds', schema: parseSchema('x int'), child: leaf, keys, partitions };
};
const boundsOf = async (plan: PhysicalOp) => (await runPlan(plan)).rows.map(([x]) => x);

describe('bounds', () => {
  const even: Row[] = [5, 1, 3, 2, 4, 6].map((x) => [x, 1]);

  test('cut weights evenly, up or down', async () => {
    expect(await boundsOf(bounded(even, 3))).toEqual([2, 4]);
    expect(await boundsOf(bounded(even, 3, false))).toEqual([5, 3]);
    expect(await boundsOf(bounded([...even, [0, 6]], 3))).toEqual([0, 2]);
  });

  test('are never equal, nulls included, and fewer where there are fewer values', async () => {
    expect(
      await boundsOf(
        bounded(
          [
            [1, 1],
            [1, 1],
            [1, 1],
            [2, 1],
          ],
          4,
        ),
      ),
    ).toEqual([1, 2]);
    expect(
      await boundsOf(
        bounded(
          [
            [null, 5],
            [null, 5],
            [7, 1],
          ],
          3,
        ),
      ),
    ).toEqual([null, 7]);
    expect(await boundsOf(bounded([], 3))).toEqual([]);
    expect(await boundsOf(bounded(even, 1))).toEqual([]);
  });
});

const value = fc.constantFrom(null, Number.NaN, -0, 0, 1, 2, 3, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

test('a sort of any rows over any partitions is the sort of them all', async () => {
  const rank = (x: number | null): number =>
    x === null ? Number.NEGATIVE_INFINITY : Number.isNaN(x) ? 1e301 : Math.max(-1e300, Math.min(1e300, x));
  const by = (a: readonly (number | null)[], b: readonly (number | null)[]) => {
    const [p, q] = [rank(a[0]), rank(b[0])];
    return p === q ? (a[1] as number) - (b[1] as number) : p < q ? -1 : 1;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), fc.boolean(), async (xs, partitions, down) => {
      const { spark, backend } = openInProcess({ 'shuffle.partitions': String(partitions), 'batch.rows': '4' });
      const rows = xs.map((x, i) => [x, i] as const);
      const df = spark.createDataFrame(rows, 'x double, i int').repartition(2);
      const sorted = await df.orderBy(down ? col('x').desc() : col('x').asc(), down ? col('i').desc() : col('i').asc()).collect();
      const expected = [...rows].sort(by);
      if (down) expected.reverse();
      expect(sorted.map(({ i }) => i)).toEqual(expected.map(([, i]) => i));
      expect(backend.graph.stages.at(-1)?.tasks.length).toBe(partitions);
    }),
    { numRuns: 40 },
  );
});
