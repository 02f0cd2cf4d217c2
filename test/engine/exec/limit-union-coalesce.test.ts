/** Limit, union, coalesce, range and local rows: what passes rows through or makes them. */
import { describe, expect, test } from 'vitest';
import { col, count, type DataFrame, lit, sum } from '../../../src/index.js';
import { openInProcess } from './in-process.js';
import { rowsLeaf, runPlan } from './task.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '3', 'batch.rows': '4' });
const numbers = async (df: DataFrame<{ id: bigint }> | DataFrame<{ id: number | bigint }>): Promise<number[]> =>
  (await df.collect()).map(({ id }) => Number(id));
const upTo = (n: number, from = 0): number[] => Array.from({ length: n - from }, (_, i) => from + i);
const tasks = (): number[] => backend.graph.stages.map((stage) => stage.tasks.length);

describe('limit', () => {
  const rows = upTo(10).map((n) => [n]);

  test.each([
    [0, 0, []],
    [3, 0, [0, 1, 2]],
    [3, 3, [3, 4, 5]],
    [3, 8, [8, 9]],
    [5, 10, []],
    [100, 4, [4, 5, 6, 7, 8, 9]],
  ])('%d rows after %d', async (limit, offset, expected) => {
    const child = rowsLeaf('n int', rows);
    const plan = { kind: 'limit' as const, schema: child.schema, child, limit, offset };
    expect((await runPlan(plan, { config: { 'batch.rows': '4' } })).rows.map(([n]) => n)).toEqual(expected);
  });

  test('over partitions: the first ones give the rows', async () => {
    expect(await numbers(spark.range(0, 10, 1, 4).limit(4))).toEqual([0, 1, 2, 3]);
    expect(tasks()).toEqual([4, 1]);
  });

  test('of a limit is the smaller one', async () => {
    expect(await numbers(spark.range(0, 10, 1, 4).limit(3).limit(5))).toEqual([0, 1, 2]);
    expect(await numbers(spark.range(0, 10, 1, 4).limit(5).limit(0))).toEqual([]);
  });

  test('of a sort keeps the first rows only', async () => {
    expect(await numbers(spark.range(0, 100, 1, 4).orderBy(col('id').desc()).limit(2))).toEqual([99, 98]);
  });
});

describe('range', () => {
  test.each<readonly [number | bigint, number | bigint, number, number[]]>([
    [0, 5, 2, [0, 2, 4]],
    [5, 0, -2, [5, 3, 1]],
    [0, 0, 1, []],
    [3, 0, 1, []],
    [-2, 3, 1, [-2, -1, 0, 1, 2]],
  ])('from %s to %s by %s', async (from, to, step, expected) => {
    for (const partitions of [1, 3, 7]) expect(await numbers(spark.range(from, to, step, partitions))).toEqual(expected);
  });

  test('around 2^53, 2^31 and the ends of 64 bits', async () => {
    const around = async (start: bigint, step = 1n) => (await spark.range(start, start + 3n * step, step, 2).collect()).map(({ id }) => id);
    for (const start of [2n ** 53n - 2n, 2n ** 31n - 1n, -(2n ** 31n) - 2n, -(2n ** 53n) - 1n, 2n ** 63n - 4n, -(2n ** 63n)])
      expect(await around(start)).toEqual([start, start + 1n, start + 2n]);
    expect(await around(-(2n ** 63n), 2n ** 61n)).toEqual([-(2n ** 63n), -(2n ** 63n) + 2n ** 61n, -(2n ** 63n) + 2n ** 62n]);
  });
});

describe('union', () => {
  test('sides in order, each with tasks of its own', async () => {
    const both = spark.range(0, 3, 1, 2).union(spark.range(10, 12, 1, 3));
    expect(await numbers(both)).toEqual([0, 1, 2, 10, 11]);
    expect(tasks()).toEqual([5]);
  });

  test('of a union, of itself, of nothing', async () => {
    const one = spark.range(0, 2, 1, 1);
    const none = spark.range(0, 0, 1, 2);
    expect(await numbers(one.union(one).union(none).union(one))).toEqual([0, 1, 0, 1, 0, 1]);
  });

  test('sides that aggregate, join and read a shuffle', async () => {
    const counted = spark.range(0, 6, 1, 2).groupBy(col('id').mod(2).as('id')).count().select('id');
    const joined = spark.range(0, 4, 1, 2).join(spark.range(2, 6, 1, 2), 'id');
    const rows = await numbers(counted.union(joined).union(spark.range(7, 8, 1, 1)));
    expect(rows.sort()).toEqual([0, 1, 2, 3, 7]);
  });

  test('types widen, nulls stay', async () => {
    const ints = spark.createDataFrame([[1], [null]], 'x int');
    const longs = spark.createDataFrame([[9007199254740993n]], 'x bigint');
    expect(await ints.union(longs as never).collect()).toEqual([{ x: 1n }, { x: null }, { x: 9007199254740993n }]);
  });

  test('a column that is selected twice stays two columns', async () => {
    const twice = spark.range(0, 1, 1, 1).select('id', col('id').as('b'));
    const other = spark.range(5, 6, 1, 1).select('id', lit(9n).as('b'));
    expect(await twice.union(other as never).collect()).toEqual([
      { id: 0n, b: 0n },
      { id: 5n, b: 9n },
    ]);
  });
});

describe('coalesce', () => {
  test('fewer tasks, the same rows in the same order', async () => {
    expect(await numbers(spark.range(0, 10, 1, 5).coalesce(2))).toEqual(upTo(10));
    expect(tasks()).toEqual([2]);
  });

  test('to more partitions than there are changes nothing', async () => {
    expect(await numbers(spark.range(0, 4, 1, 2).coalesce(5))).toEqual(upTo(4));
    expect(tasks()).toEqual([2]);
  });

  test('each partition below is still run by itself', async () => {
    const sorted = spark.range(0, 6, 1, 3).sortWithinPartitions(col('id').desc()).coalesce(1);
    expect(await numbers(sorted)).toEqual([1, 0, 3, 2, 5, 4]);
  });

  test('of a union, a coalesce and of both sides of a join', async () => {
    const left = spark
      .range(0, 4, 1, 4)
      .union(spark.range(4, 8, 1, 4))
      .coalesce(3)
      .coalesce(1);
    const right = spark.range(2, 12, 1, 5).coalesce(1);
    expect(await numbers(left.join(right, 'id'))).toEqual([2, 3, 4, 5, 6, 7]);
    expect(await numbers(left)).toEqual(upTo(8));
  });

  test('of a shuffle', async () => {
    const rows = await numbers(spark.range(0, 20, 1, 2).repartition(5, 'id').coalesce(2));
    expect(rows.sort((a, b) => a - b)).toEqual(upTo(20));
    expect(tasks()).toEqual([2, 2]);
  });
});

test('an aggregate without keys has one row, whatever comes', async () => {
  const all = (df: DataFrame<{ id: bigint }>) => df.agg(count('id').as('n'), sum('id').as('s')).collect();
  for (const partitions of [1, 3]) expect(await all(spark.range(0, 0, 1, partitions))).toEqual([{ n: 0n, s: null }]);
  expect(await all(spark.range(0, 5, 1, 3).where(col('id').gt(9)))).toEqual([{ n: 0n, s: null }]);
});
