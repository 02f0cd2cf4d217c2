/** Whole queries on planner and engine, where several operators or representations of a value meet. */
import { describe, expect, test } from 'vitest';
import {
  array,
  col,
  collectList,
  concat,
  count,
  countDistinct,
  explode,
  explodeOuter,
  max,
  regexpReplace,
  size,
  split,
  struct,
  sum,
  sumDistinct,
  udf,
  when,
} from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '3' });
const table = () =>
  spark.createDataFrame(
    [
      { s: 'a,b', n: 1 },
      { s: null, n: 2 },
      { s: 'c', n: null },
    ],
    's string, n int',
  );

describe('values in generated code', () => {
  test('a loop value over computed text is used twice', async () => {
    const parts = table().select(split(regexpReplace(col('s'), 'a|z', 'x'), ',').as('p'));
    expect(await parts.select(concat(col('p'), col('p')).as('twice'), size(col('p')).as('n')).collect()).toEqual([
      { twice: ['x', 'b', 'x', 'b'], n: 2 },
      { twice: null, n: null },
      { twice: ['c', 'c'], n: 1 },
    ]);
  });

  test.each(['decimal(30,2)', 'decimal(10,2)', 'array<int>', 'struct<a:int>', 'map<string,int>', 'string', 'timestamp', 'boolean', 'void'])(
    'a left join with nothing gives nulls of type %s',
    async (type) => {
      const right = spark.createDataFrame([], `k int, v ${type}`);
      const rows = await table()
        .select('n')
        .join(right, col('n').eq(col('k')), 'left')
        .collect();
      expect(rows).toEqual([1, 2, null].map((n) => ({ n, k: null, v: null })));
    },
  );

  test('stacked filters, joins and generates in one function', async () => {
    const names = spark.createDataFrame(
      [
        { id: 'a', name: 'Ada' },
        { id: 'c', name: 'Cy' },
        { id: null, name: 'nobody' },
      ],
      'id string, name string',
    );
    const rows = await table()
      .select(explodeOuter(split(col('s'), ',')).as('part'), 'n')
      .join(names, col('part').eq(col('id')), 'left')
      .where(col('n').isNull().or(col('n').lt(2)))
      .select(explode(array(col('part'), col('name'))).as('x'), 'n')
      .where(col('x').isNotNull())
      .collect();
    expect(rows).toEqual([
      { x: 'a', n: 1 },
      { x: 'Ada', n: 1 },
      { x: 'b', n: 1 },
      { x: 'c', n: null },
      { x: 'Cy', n: null },
    ]);
  });
});

describe('two functions of one name', () => {
  const next = udf((x: number) => x + 1, 'int');
  const tenfold = udf((x: number) => x * 10, 'int');
  const present = () => table().where(col('n').isNotNull());

  test('are two arguments of an aggregate', async () => {
    expect(
      await present()
        .agg(sum(next(col('n'))).as('a'), sum(tenfold(col('n'))).as('b'))
        .collect(),
    ).toEqual([{ a: 5n, b: 30n }]);
  });

  test('one is not grouped by where the other is', async () => {
    await expect(
      present()
        .groupBy(next(col('n')))
        .agg(tenfold(col('n')))
        .collect(),
    ).rejects.toMatchObject({
      condition: 'MISSING_AGGREGATION',
    });
  });

  test('one function is the same, whatever the case of its columns', async () => {
    const rows = await present()
      .groupBy(next(col('n')))
      .agg(next(col('N')).as('again'), count('*').as('rows'))
      .orderBy('again')
      .collect();
    expect(rows.map(({ again, rows }) => [again, rows])).toEqual([
      [2, 1n],
      [3, 1n],
    ]);
  });
});

describe('keys', () => {
  test('nested: -0 is 0, NaN is NaN, null is no NaN', async () => {
    const doubles = spark.createDataFrame([[0], [-0], [Number.NaN], [Number.NaN], [null]], 'x double');
    const rows = await doubles
      .groupBy(array(col('x')).as('a'), struct(col('x')).as('s'))
      .agg(count('*').as('n'))
      .orderBy('a')
      .collect();
    expect(rows.map(({ n }) => n)).toEqual([1n, 2n, 2n]);
  });

  test('are one column of a select twice', async () => {
    const rows = await table().select('n', col('n').as('m')).distinct().orderBy('m').collect();
    expect(rows).toEqual([
      { n: null, m: null },
      { n: 1, m: 1 },
      { n: 2, m: 2 },
    ]);
  });
});

describe('beyond the memory budget', () => {
  const small = openInProcess({ memory: '1500k', 'shuffle.partitions': '2', 'batch.rows': '4096' });

  test('DISTINCT spills and stays exact', async () => {
    const rows = await small.spark
      .range(0, 60_000, 1, 2)
      .groupBy(col('id').mod(20_000).as('k'))
      .agg(countDistinct(col('id').mod(40_000)).as('d'), sumDistinct(col('id').mod(2)).as('s'), count('*').as('n'))
      .agg(count('*').as('groups'), sum('d').as('d'), sum('s').as('s'), sum('n').as('n'))
      .collect();
    expect(rows).toEqual([{ groups: 20_000n, d: 40_000n, s: 10_000n, n: 60_000n }]);
    expect(small.backend.metrics.spilledBytes).toBeGreaterThan(0);
  });

  test('lists of few groups count for their length', async () => {
    const lists = small.spark.range(0, 100_000, 1, 2).groupBy(col('id').mod(8).as('k')).agg(collectList('id').as('ids'));
    const rows = await lists
      .select('k', size(col('ids')).as('n'))
      .orderBy('k')
      .collect();
    expect(rows).toEqual(Array.from({ length: 8 }, (_, k) => ({ k: BigInt(k), n: 12_500 })));
    expect(small.backend.metrics.spilledBytes).toBeGreaterThan(0);
  });

  test('after groups were handed on, the next are kept again', async () => {
    const frequent = when(col('id').mod(2).eq(0), col('id').mod(2000)).otherwise(col('id'));
    const rows = await small.spark.range(0, 200_000, 1, 2).groupBy(frequent.as('k')).agg(count('*'), sum('id'), max('id')).collect();
    expect(rows.length).toBe(101_000);
    // Each odd number once, and a thousand frequent keys each of a few times.
    expect(small.backend.metrics.shuffleWriteRows).toBeLessThan(125_000);
  });

  test('a sort that nobody reads to its end leaves no files', async () => {
    const rows = await small.spark.range(0, 200_000, 1, 1).sortWithinPartitions(col('id').desc()).limit(3).collect();
    expect(rows).toEqual([{ id: 199_999n }, { id: 199_998n }, { id: 199_997n }]);
    expect(small.backend.metrics.spilledBytes).toBeGreaterThan(0);
  });

  test('nor does an aggregate', async () => {
    const rows = await small.spark.range(0, 100_000, 1, 1).groupBy('id').count().limit(5).collect();
    expect(rows.length).toBe(5);
    expect(small.backend.metrics.spilledBytes).toBeGreaterThan(0);
  });
});

test('a plan prints text that looks like a column number', async () => {
  const { backend } = openInProcess();
  expect(await backend.explain(table().where(col('s').eq('input[9]')).plan)).toBe("Filter (s = 'input[9]')\n+- LocalRows [s, n]");
});
