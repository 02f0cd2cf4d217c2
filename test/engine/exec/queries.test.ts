/** Whole queries on planner and engine, where several operators or representations of a value meet. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  array,
  avg,
  type Column,
  col,
  collectList,
  collectSet,
  concat,
  count,
  countDistinct,
  explode,
  explodeOuter,
  lit,
  max,
  min,
  rand,
  regexpReplace,
  round,
  type Session,
  sequence,
  size,
  sortArray,
  split,
  stddev,
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

  test('a sort of more runs than are merged at once, equal rows in their order', async () => {
    const wide = (n: number) => `${n % 100}`.padStart(200, 'x');
    const fill = udf((id: bigint) => wide(Number(id)), 'string');
    const finer = openInProcess({ memory: '1m', 'batch.rows': '512' });
    const sorted = finer.spark
      .range(0, 60_000, 1, 1)
      .withColumn('s', fill(col('id')))
      .sortWithinPartitions('s')
      .select('id');
    const expected = Array.from({ length: 60_000 }, (_, i) => i).sort((a, b) => (wide(a) < wide(b) ? -1 : wide(a) > wide(b) ? 1 : a - b));
    expect((await sorted.collect()).map(({ id }) => Number(id))).toEqual(expected);
    // Some of the twelve megabytes were written twice.
    expect(finer.backend.metrics.spilledBytes).toBeGreaterThan(18e6);
  });

  test('every kind of state is the same through partial results and spills', async () => {
    const grouped = (spark: Session) => {
      const rows = spark
        .range(0, 30_000, 1, 3)
        .select(
          struct(col('id').mod(5_000).as('a'), when(col('id').mod(7).eq(0), lit(null)).otherwise(col('id').mod(3)).as('b')).as('k'),
          'id',
          concat(lit('text '), col('id').mod(100).cast('string')).as('s'),
          col('id').cast('decimal(20,2)').as('d'),
        );
      return rows
        .groupBy('k')
        .agg(
          count('id').as('n'),
          sum('d').as('d'),
          min('s').as('low'),
          max('id').as('high'),
          avg('id').as('mean'),
          stddev('id').as('dev'),
          collectSet('s').as('set'),
          sumDistinct(col('id').mod(5)).as('five'),
        )
        .select('k', 'n', 'd', 'low', 'high', 'mean', round(col('dev'), 6).as('dev'), sortArray(col('set')).as('set'), 'five')
        .orderBy(col('k').getField('a'), col('k').getField('b'));
    };
    const rows = await grouped(small.spark).collect();
    expect(small.backend.metrics.spilledBytes).toBeGreaterThan(0);
    expect(rows).toEqual(await grouped(spark).collect());
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

describe('random numbers', () => {
  test('are the same wherever a plan runs its rows twice', async () => {
    const some = spark.range(0, 50, 1, 2).select('id', rand().as('x')).where(col('x').lt(0.5));
    const rows = await some.join(spark.range(0, 50, 1, 2).select('id', lit(1).as('y')), 'id', 'full').collect();
    expect(rows.map(({ id }) => id).sort()).toEqual(Array.from({ length: 50 }, (_, i) => BigInt(i)).sort());
  });

  test('of one seed repeat, but not from partition to partition', async () => {
    const draw = async () => (await spark.range(0, 8, 1, 2).select(rand(7).as('x')).collect()).map(({ x }) => x);
    const drawn = await draw();
    expect(new Set(drawn).size).toBe(8);
    expect(await draw()).toEqual(drawn);
  });

  test('of no seed differ', async () => {
    const [row] = await spark.range(0, 1, 1, 1).select(rand().as('x'), rand().as('y')).collect();
    expect(row.x).not.toBe(row.y);
  });
});

describe('a row that becomes many', () => {
  test('a product of a billion rows is not made for its first three', async () => {
    const product = spark.range(0, 30_000, 1, 1).crossJoin(spark.range(0, 30_000, 1, 1).select(col('id').as('other')));
    const rows = await product.select('id').limit(3).collect();
    expect(rows.map(({ id }) => id)).toEqual([0n, 0n, 0n]);
  });

  test('groups of what was taken apart stay in their budget', async () => {
    const small = openInProcess({ memory: '1m' });
    const from = col('id').times(50);
    const many = small.spark.range(0, 4096, 1, 2).select(explode(sequence(from, from.plus(49))).as('n'));
    expect((await many.groupBy('n').count().collect()).length).toBe(204_800);
    expect(small.backend.metrics.peakMemoryBytes).toBeLessThan(4 << 20);
  });
});

describe('plans as programs make them', () => {
  test('a thousand conditions and more', async () => {
    const all = Array.from({ length: 1500 }, (_, i) => col('id').ne(-i - 1)).reduce<Column>((a, b) => a.and(b), lit(true));
    const any = Array.from({ length: 1500 }, (_, i) => col('id').eq(i * 2)).reduce<Column>((a, b) => a.or(b), lit(false));
    expect(await spark.range(0, 3, 1, 1).where(all).where(any).collect()).toEqual([{ id: 0n }, { id: 2n }]);
  });

  test('a hundred unions are one', async () => {
    let all = spark.range(0, 1, 1, 1);
    for (let i = 1; i <= 100; i++) all = all.union(spark.range(i, i + 1, 1, 1));
    expect((await all.collect()).map(({ id }) => Number(id))).toEqual(Array.from({ length: 101 }, (_, i) => i));
  });

  test('no columns at all', async () => {
    const none = (rows: number) => spark.range(0, rows, 1, 2).drop('id');
    expect(await none(3).collect()).toEqual([{}, {}, {}]);
    expect(await none(3).count()).toBe(3);
    expect((await none(3).repartition(2).limit(2).collect()).length).toBe(2);
    expect((await none(3).distinct().collect()).length).toBe(1);
    expect((await none(0).distinct().collect()).length).toBe(0);
  });
});

test('a schema that is given for files does not keep their nulls out', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'minispark-queries-'));
  try {
    writeFileSync(join(dir, 'a.csv'), '1,x\n,y\n');
    const rows = spark.read.schema('id int not null, s string not null').csv(join(dir, 'a.csv'));
    expect(await rows.where(col('id').isNull()).select('s').collect()).toEqual([{ s: 'y' }]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.each<readonly [unknown, string]>([
  [null, 'null'],
  ['text', 'text'],
  [Object.create(null), '(a value without text)'],
])('a function that throws %o', async (thrown, text) => {
  const failing = spark.parallelize([1]).map(() => {
    throw thrown;
  });
  await expect(failing.collect()).rejects.toMatchObject({ condition: 'UDF_FAILED', message: expect.stringContaining(`threw ${text}`) });
});
