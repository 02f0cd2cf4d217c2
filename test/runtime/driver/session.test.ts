/** The public API on the real engine, in a session made by hand: rows in, rows out. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  avg,
  col,
  count,
  countDistinct,
  type DataFrame,
  explode,
  lit,
  lower,
  type Session,
  Session as Sessions,
  split,
  sum,
  udf,
  upper,
} from '../../../src/index.js';

let spark: Session;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-session-'));
  spark = await Sessions.builder().master('local').config('storage.root', dir).config('shuffle.partitions', 3).getOrCreate();
});

afterAll(async () => {
  await spark.stop();
  rmSync(dir, { recursive: true });
});

const people = () =>
  spark.createDataFrame(
    [
      { name: 'Ada', age: 36, city: 'London' },
      { name: 'Bob', age: null, city: 'Rome' },
      { name: 'Cy', age: 20, city: 'Rome' },
      { name: 'Di', age: 50, city: null },
    ],
    'name string, age int, city string',
  );

const names = async (rows: Promise<readonly { name: string | null }[]>) => (await rows).map((row) => row.name);

test('what a writer is told wrongly is refused before anything runs', async () => {
  const write = spark.range(2).write;
  await expect(write.option('compresion', 'zstd').parquet('refused')).rejects.toMatchObject({
    condition: 'UNKNOWN_OPTION',
    hint: 'Did you mean compression?',
    site: { file: expect.stringContaining('session.test.ts') },
  });
  expect(() => write.mode('overwritten' as never)).toThrow(expect.objectContaining({ hint: 'Did you mean overwrite?' }));
  expect(readdirSync(dir)).toEqual([]);
});

describe('rows of one table', () => {
  test('select, where, withColumn, rename, drop', async () => {
    const rows = await people()
      .where(col('age').gt(20))
      .withColumn('next', col('age').plus(1))
      .withColumnRenamed('name', 'who')
      .drop('city')
      .select('who', 'next', upper(col('who')).as('loud'))
      .collect();
    expect(rows).toEqual([
      { who: 'Ada', next: 37, loud: 'ADA' },
      { who: 'Di', next: 51, loud: 'DI' },
    ]);
  });

  test('orderBy with nulls, limit, take', async () => {
    expect(await names(people().orderBy(col('age').desc()).collect())).toEqual(['Di', 'Ada', 'Cy', 'Bob']);
    expect(await names(people().orderBy('age').limit(2).collect())).toEqual(['Bob', 'Cy']);
    expect(await names(people().orderBy('name').take(1))).toEqual(['Ada']);
  });

  test('distinct, union, count', async () => {
    const cities = people().select('city').union(people().select('city')).distinct();
    expect((await cities.collect()).map((r) => r.city).sort()).toEqual(['London', 'Rome', null].sort());
    expect(await cities.count()).toBe(3);
  });

  test('explode and split', async () => {
    const words = spark.createDataFrame([{ line: 'B a  b' }], 'line string').select(explode(split(lower(col('line')), ' ')).as('word'));
    expect(await words.collect()).toEqual([{ word: 'b' }, { word: 'a' }, { word: '' }, { word: 'b' }]);
  });

  test('a udf made here runs in this process', async () => {
    const suffix = '!';
    const shout = udf((name: string) => name.toUpperCase() + suffix, 'string');
    expect(
      await people()
        .select(shout(col('name')).as('x'))
        .limit(2)
        .collect(),
    ).toEqual([{ x: 'ADA!' }, { x: 'BOB!' }]);
  });
});

describe('groups and joins', () => {
  test('aggregates over many partitions', async () => {
    const rows = await spark
      .range(0, 1000, 1, 7)
      .groupBy(col('id').mod(3).as('k'))
      .agg(count().as('n'), sum('id').as('s'), avg('id').as('a'), countDistinct(col('id').mod(2)).as('d'))
      .orderBy('k')
      .collect();
    expect(rows).toEqual([
      { k: 0n, n: 334n, s: 166833n, a: 499.5, d: 2n },
      { k: 1n, n: 333n, s: 166167n, a: 499, d: 2n },
      { k: 2n, n: 333n, s: 166500n, a: 500, d: 2n },
    ]);
  });

  test('inner, left, full and anti joins by equality', async () => {
    const towns = spark.createDataFrame(
      [
        { city: 'Rome', people: 3 },
        { city: 'Oslo', people: 1 },
      ],
      'city string, people int',
    );
    const inner = await people().join(towns, 'city').orderBy('name').collect();
    expect(inner).toEqual([
      { city: 'Rome', name: 'Bob', age: null, people: 3 },
      { city: 'Rome', name: 'Cy', age: 20, people: 3 },
    ]);
    const left = await people().join(towns, 'city', 'left').orderBy('name').select('name', 'people').collect();
    expect(left).toEqual([
      { name: 'Ada', people: null },
      { name: 'Bob', people: 3 },
      { name: 'Cy', people: 3 },
      { name: 'Di', people: null },
    ]);
    const full = await people().join(towns, 'city', 'full').select('city', 'name').orderBy('city', 'name').collect();
    expect(full).toEqual([
      { city: null, name: 'Di' },
      { city: 'London', name: 'Ada' },
      { city: 'Oslo', name: null },
      { city: 'Rome', name: 'Bob' },
      { city: 'Rome', name: 'Cy' },
    ]);
    expect(await names(people().join(towns, 'city', 'anti').orderBy('name').collect())).toEqual(['Ada', 'Di']);
  });

  test('shuffled joins give what broadcast ones give', async () => {
    const left = spark.range(0, 500, 1, 4).select(col('id'), col('id').mod(10).as('k'));
    const right = spark.range(0, 20, 1, 2).select(col('id').as('k'), lit('x').as('v'));
    const joined = left.repartition(5, col('k')).join(right.repartition(3), 'k');
    expect(await joined.count()).toBe(500);
  });

  test('repartition and coalesce keep every row', async () => {
    const ids = spark.range(0, 100, 1, 5);
    const sorted = async (df: { collect(): Promise<readonly { id: bigint }[]> }) =>
      (await df.collect()).map((r) => Number(r.id)).sort((a, b) => a - b);
    const all = Array.from({ length: 100 }, (_, i) => i);
    expect(await sorted(ids.repartition(7, col('id')))).toEqual(all);
    expect(await sorted(ids.repartition(2))).toEqual(all);
    expect((await ids.coalesce(2).collect()).map((r) => Number(r.id))).toEqual(all);
  });
});

describe('files', () => {
  const rows = [
    { id: 1n, name: 'Ada', part: 'x' },
    { id: 2n, name: null, part: 'y' },
    { id: 3n, name: 'ünï,"q"', part: 'x' },
  ];
  const table = () => spark.createDataFrame(rows, 'id bigint, name string, part string');

  test.each(['csv', 'json', 'parquet', 'arrow'] as const)('%s there and back, by partition directories', async (format) => {
    const path = `table-${format}`;
    const writer = table().write.partitionBy('part');
    await (format === 'csv' ? writer.option('header', true) : writer)[format](path);
    expect(readdirSync(join(dir, path)).sort()).toEqual(['_SUCCESS', 'part=x', 'part=y']);
    const reader = spark.read.option('header', true);
    const back: DataFrame = format === 'csv' ? reader.schema('id bigint, name string, part string').csv(path) : spark.read[format](path);
    expect(await back.orderBy('id').collect()).toEqual(rows);
  });

  test('modes: error, append, overwrite, ignore', async () => {
    const one = spark.range(1);
    await one.write.parquet('modes');
    await expect(one.write.parquet('modes')).rejects.toMatchObject({ condition: 'PATH_EXISTS' });
    await one.write.mode('append').parquet('modes');
    expect(await spark.read.parquet('modes').count()).toBe(2);
    await one.write.mode('ignore').parquet('modes');
    expect(await spark.read.parquet('modes').count()).toBe(2);
    await one.write.mode('overwrite').parquet('modes');
    expect(await spark.read.parquet('modes').count()).toBe(1);
  });

  test('a job that fails leaves nothing of its output', async () => {
    const broken = udf((_: string): string => {
      throw new Error('no');
    }, 'string');
    await expect(
      people()
        .select(broken(col('name')))
        .write.csv('failed'),
    ).rejects.toMatchObject({ condition: 'UDF_FAILED' });
    expect(readdirSync(dir)).not.toContain('failed');
  });

  test('globs, directories, gzip and CRLF', async () => {
    writeFileSync(join(dir, 'a.txt'), 'one\r\ntwo');
    writeFileSync(join(dir, 'b.txt.gz'), gzipSync('three\nfour\n'));
    const lines = await spark.read.text('a.txt', 'b.*').collect();
    expect(lines).toEqual([{ value: 'one' }, { value: 'two' }, { value: 'three' }, { value: 'four' }]);
  });
});

describe('functional datasets', () => {
  test('map, flatMap, filter, mapPartitions', async () => {
    const squares = spark.parallelize([1, 2, 3, 4], 2).map((x) => x * x);
    expect(await squares.filter((x) => x % 2 === 0).collect()).toEqual([4, 16]);
    expect(await squares.flatMap((x) => [x, -x]).take(4)).toEqual([1, -1, 4, -4]);
    const sums = squares.mapPartitions((xs) => [[...xs].reduce((a, b) => a + b, 0)]);
    expect(await sums.collect()).toEqual([5, 25]);
  });

  test('reduceByKey, groupByKey, sortBy: keys equal by value', async () => {
    const pairs = spark.parallelize(['b', 'a', 'b', 'c'], 3).map((word): [string, number] => [word, 1]);
    expect((await pairs.reduceByKey((a, b) => a + b).collect()).sort()).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 1],
    ]);
    const byPair = spark.parallelize([1, 2, 3, 4]).map((n): [[string, boolean], number] => [['n', n % 2 === 0], n]);
    const grouped = await byPair.groupByKey().collect();
    expect(grouped.map(([key, values]) => [key, [...values].sort()])).toEqual(
      expect.arrayContaining([
        [
          ['n', false],
          [1, 3],
        ],
        [
          ['n', true],
          [2, 4],
        ],
      ]),
    );
    expect(
      await spark
        .parallelize([3, 1, 2], 2)
        .sortBy((x) => -x)
        .collect(),
    ).toEqual([3, 2, 1]);
  });

  test('objects of any shape travel', async () => {
    const rows = await spark
      .parallelize([{ when: new Date(0), tags: new Set(['x']) }])
      .map((r) => ({ ...r, n: 1n }))
      .collect();
    expect(rows).toEqual([{ when: new Date(0), tags: new Set(['x']), n: 1n }]);
  });

  test('saveAsTextFile', async () => {
    await spark.parallelize(['x', 'y'], 1).saveAsTextFile('lines');
    const [part] = readdirSync(join(dir, 'lines')).filter((name) => name.startsWith('part-'));
    expect(readFileSync(join(dir, 'lines', part), 'utf8')).toBe('x\ny\n');
  });
});

test('toArrow gives a table of apache-arrow', async () => {
  const table = await people().select('name', 'age').toArrow();
  expect(table.numRows).toBe(4);
  expect(table.getChild('age')?.toArray()).toHaveLength(4);
});

test('show prints as Spark does', async () => {
  expect(await people().select('name', 'age').limit(2).showString()).toBe(
    ['+----+----+', '|name| age|', '+----+----+', '| Ada|  36|', '| Bob|NULL|', '+----+----+', ''].join('\n'),
  );
});

test('explain() names its modes', async () => {
  await expect(spark.range(1).explain('whi' as 'why')).rejects.toMatchObject({ condition: 'INVALID_ARGUMENT', hint: 'Did you mean why?' });
});

test('an unknown column is named with its neighbours and the line here', async () => {
  const error = await people()
    .select('nme' as 'name')
    .collect()
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ condition: 'UNRESOLVED_COLUMN', kind: 'user', hint: expect.stringContaining('name') });
  expect((error as { site?: { file: string } }).site?.file).toContain('session.test.ts');
});
