/** What depends on a row's place, wherever batches change their shape or partitions come together in one task. */
import { expect, test } from 'vitest';
import { array, col, explode, lit, monotonicallyIncreasingId, rand, randn, sparkPartitionId, sum, uuid, when } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'batch.rows': '4' });
const half = 2n ** 33n;

test('ids count up in each partition, over batches of any shape', async () => {
  const rows = spark
    .range(0n, 12n, 1n, 2)
    .select(when(col('id').mod(5n).ne(0n), col('id')).as('n'), explode(array(lit('x'), lit('y'))).as('s'))
    .select('n', 's', monotonicallyIncreasingId().as('id'), sparkPartitionId().as('p'));
  const result = await rows.collect();
  expect(result.map(({ id }) => id)).toEqual(Array.from({ length: 24 }, (_, i) => BigInt(i % 12) + (i < 12 ? 0n : half)));
  expect(result.map(({ p }) => p)).toEqual(Array.from({ length: 24 }, (_, i) => (i < 12 ? 0 : 1)));
});

test('partitions that one task reads keep their ids apart', async () => {
  const result = await spark.range(0n, 9n, 1n, 3).select(monotonicallyIncreasingId().as('id'), rand(1).as('r')).coalesce(1).collect();
  expect(new Set(result.map(({ id }) => id)).size).toBe(9);
  expect(new Set(result.map(({ r }) => r)).size).toBe(9);
});

test('a seed gives the same numbers again, and no seed others for each query', async () => {
  const draw = (...seed: [number?]) =>
    spark
      .range(3n)
      .select(rand(...seed).as('r'), randn(...seed).as('n'))
      .collect();
  expect(await draw(0)).toEqual(await draw(0));
  expect((await draw(0))[0]).toEqual({ r: 0.7604953758285915, n: 1.6034991609278433 });
  expect(await draw()).not.toEqual(await draw());
  expect(new Set((await spark.range(5n).select(uuid().as('u')).collect()).map(({ u }) => u)).size).toBe(5);
});

test('a seed is a constant', async () => {
  const frame = spark.range(3n);
  expect(await frame.selectExpr('rand(1 + 1) AS r').collect()).toEqual(await frame.select(rand(2).as('r')).collect());
  for (const sql of ['rand(id)', 'randn(id + 1)', 'rand(rand())']) {
    await expect(frame.selectExpr(sql).schema()).rejects.toMatchObject({ condition: 'SEED_EXPRESSION_IS_UNFOLDABLE', kind: 'user' });
  }
});

test('a filter above does not change them', async () => {
  const result = await spark
    .range(0n, 6n, 1n, 1)
    .withColumn('n', monotonicallyIncreasingId())
    .where(col('id').ge(4n))
    .agg(sum('n').as('s'))
    .collect();
  expect(result).toEqual([{ s: 9n }]);
});
