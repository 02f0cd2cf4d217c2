import { describe, expect, test } from 'vitest';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '2', 'batch.rows': '4', 'batch.bytes': '4k' });
const collected = async <T>(dataset: { collect(): Promise<T[]> }): Promise<T[]> => dataset.collect();

describe('one element at a time', () => {
  test('map, flatMap, filter, over rows, values and elements', async () => {
    const rows = spark
      .createDataFrame(
        [
          [1, 'a'],
          [null, 'b'],
        ],
        'n int, s string',
      )
      .toDataset();
    expect(await collected(rows.map(({ n, s }) => `${n}${s}`))).toEqual(['1a', 'nullb']);
    expect(await collected(rows.filter(({ n }) => n !== null))).toEqual([{ n: 1, s: 'a' }]);
    const numbers = spark.parallelize([3, 1, 2], 2);
    expect(await collected(numbers.flatMap((n) => Array.from({ length: n }, (_, i) => [n, i])))).toEqual([
      [3, 0],
      [3, 1],
      [3, 2],
      [1, 0],
      [2, 0],
      [2, 1],
    ]);
    expect(await collected(numbers.flatMap(() => []))).toEqual([]);
  });

  test('an element is any value', async () => {
    const values = [
      null,
      undefined,
      Number.NaN,
      -0,
      9007199254740993n,
      'ä',
      new Date(0),
      new Map([[1, { a: [2] }]]),
      new Set(['x']),
      new Uint8Array([1]),
    ];
    expect(await collected(spark.parallelize([0]).flatMap(() => values))).toEqual(values);
  });

  test('keyBy, mapValues, keys, values', async () => {
    const pairs = spark
      .parallelize(['ab', 'c'])
      .keyBy((s) => s.length)
      .mapValues((s) => s.toUpperCase());
    expect(await collected(pairs)).toEqual([
      [2, 'AB'],
      [1, 'C'],
    ]);
    expect(await collected(pairs.keys())).toEqual([2, 1]);
    expect(await collected(pairs.values())).toEqual(['AB', 'C']);
  });

  test('functions learn where they run', async () => {
    const places = spark.parallelize([7, 8], 2).map((_, { partition, attempt }) => [partition, attempt]);
    expect(await collected(places)).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });
});

describe('many from one', () => {
  test('a generator without end, under a limit', async () => {
    const endless = spark.parallelize([1]).flatMap(function* (n) {
      for (let i = n; ; i++) yield i;
    });
    expect(await endless.take(10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('batches stay small', async () => {
    const sizes: number[] = [];
    const texts = spark.parallelize([1]).flatMap(() => Array.from({ length: 20 }, () => 'x'.repeat(2000)));
    for await (const batch of (await backend.execute(texts.plan)).batches) sizes.push(batch.length);
    expect(sizes).toEqual([3, 3, 3, 3, 3, 3, 2]);
  });
});

describe('a partition at a time', () => {
  test('mapPartitions sees each partition once, also an empty one', async () => {
    const sums = spark
      .parallelize([1, 2, 3, 4], 2)
      .filter((n) => n < 3)
      .mapPartitions((all) => [[...all].reduce((a, b) => a + b, 0)]);
    expect(await collected(sums)).toEqual([3, 0]);
  });
});

describe('what functions do wrong is the error of the user', () => {
  const boom = (): never => {
    throw new RangeError('boom');
  };
  const numbers = () => spark.parallelize([1, 2]);
  const failing = (condition: string) => ({ kind: 'user', condition });

  test('throwing', async () => {
    const cases = [
      numbers().map(boom),
      numbers().filter(boom),
      numbers().flatMap(boom),
      numbers().mapPartitions(boom),
      numbers().flatMap(function* () {
        yield 1;
        boom();
      }),
      numbers().mapPartitions(function* () {
        yield 1;
        boom();
      }),
      numbers()
        .keyBy(() => 1)
        .reduceByKey(boom),
    ];
    for (const dataset of cases)
      await expect(dataset.collect()).rejects.toMatchObject({
        ...failing('UDF_FAILED'),
        message: expect.stringContaining('RangeError: boom'),
      });
  });

  test('giving what is no iterable, no pair, no element, no key', async () => {
    await expect(
      numbers()
        .flatMap((() => 5) as never)
        .collect(),
    ).rejects.toMatchObject(failing('NOT_ITERABLE'));
    await expect(
      numbers()
        .flatMap((() => null) as never)
        .collect(),
    ).rejects.toMatchObject(failing('NOT_ITERABLE'));
    await expect(
      numbers()
        .map(() => Symbol.iterator)
        .collect(),
    ).rejects.toMatchObject(failing('INVALID_ELEMENT'));
    await expect((numbers().map((n) => n) as never as ReturnType<typeof pairs>).reduceByKey((a) => a).collect()).rejects.toMatchObject(
      failing('NOT_A_PAIR'),
    );
    await expect(
      numbers()
        .keyBy(() => new Map())
        .groupByKey()
        .collect(),
    ).rejects.toMatchObject(failing('INVALID_KEY'));
  });
  const pairs = () => numbers().keyBy((n) => n);

  test('being async', async () => {
    const cases = [
      numbers().map(async (n) => n),
      numbers().filter((async () => true) as never),
      numbers().flatMap((async () => [1]) as never),
      numbers()
        .keyBy(() => 1)
        .reduceByKey((async (a: number) => a) as never),
    ];
    for (const dataset of cases)
      await expect((dataset as { collect(): Promise<unknown> }).collect()).rejects.toMatchObject({ kind: 'user' });
  });
});
