import { describe, expect, test } from 'vitest';
import { reducedPairs } from '../../../src/frontend/api/map-reduce.js';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '2', 'batch.rows': '4' });
const pairs = <K, V>(items: readonly (readonly [K, V])[], partitions = 3) => spark.parallelize(items as readonly [K, V][], partitions);
const letters = () =>
  pairs([
    ['b', 1],
    ['a', 2],
    ['b', 3],
    ['c', 4],
    ['a', 5],
    ['b', 6],
  ]);

describe('reduceByKey', () => {
  test('folds before and after the shuffle, in order of arrival', async () => {
    const rows = await letters()
      .mapValues(String)
      .reduceByKey((x, y) => `${x}+${y}`, 1)
      .collect();
    expect(rows).toEqual([
      ['a', '2+5'],
      ['b', '1+3+6'],
      ['c', '4'],
    ]);
  });

  test('one row a key and task is shuffled', async () => {
    await pairs(
      Array.from({ length: 60 }, (_, i): [number, number] => [i % 2, 1]),
      3,
    )
      .reduceByKey((x, y) => x + y)
      .collect();
    expect(backend.metrics.shuffleWriteRows).toBe(6);
  });

  test('keys of every kind: -0 and 0, 1 and 1n, NaN, null, lists', async () => {
    const keys = [0, -0, 1, 1n, Number.NaN, Number.NaN, null, 'null', [1, 'a'], [1, 'a'], true];
    const rows = await pairs(
      keys.map((k): [unknown, number] => [k, 1]),
      2,
    )
      .reduceByKey((x, y) => x + y, 1)
      .collect();
    expect(rows.reduce((sum, [, n]) => sum + n, 0)).toBe(keys.length);
    const counts = rows.map(([k, n]) => [typeof k === 'bigint' ? `${k}n` : String(k), n]);
    expect(counts).toContainEqual(['NaN', 2]);
    expect(counts).toContainEqual(['1,a', 2]);
  });

  test('of nothing', async () => {
    expect(
      await pairs<string, number>([])
        .reduceByKey((x, y) => x + y)
        .collect(),
    ).toEqual([]);
  });

  test('over its budget it hands on early and stays exact', async () => {
    const small = openInProcess({ memory: '1m', 'shuffle.partitions': '2' });
    const rows = await small.spark
      .parallelize([0, 1])
      .flatMap((n) => Array.from({ length: 40_000 }, (_, i) => [`key ${(i * 7) % 20_000}`, n] as [string, number]))
      .reduceByKey((x, y) => x + y)
      .collect();
    expect(rows.length).toBe(20_000);
    expect(rows.every(([, n]) => n === 2)).toBe(true);
    expect(small.backend.metrics.spilledBytes).toBeGreaterThan(0);
  });
});

test('groupByKey: every value, keys ascending in a partition, over batch boundaries', async () => {
  const items = Array.from({ length: 25 }, (_, i) => [i % 3, i] as const);
  const rows = await pairs(items, 1).groupByKey(1).collect();
  expect(rows).toEqual([0, 1, 2].map((k) => [k, items.filter(([key]) => key === k).map(([, v]) => v)]));
});

describe('reduce', () => {
  const lines = () => spark.createDataFrame([['b a'], ['a b b'], [''], ['c']], 'value string').toDataset() as never;
  const words = (line: { value: string }, emit: (key: string, value: number) => void): void => {
    for (const word of line.value.split(' ')) if (word !== '') emit(word, 1);
  };
  const sumOf = (values: Iterable<number>): number => [...values].reduce((x, y) => x + y, 0);

  test.each([true, false])('with a combiner %s: any number of pairs out of each key', async (combines) => {
    const reduced = reducedPairs(
      lines(),
      {
        map: words as never,
        ...(combines ? { combine: (_: string, values: Iterable<number>) => sumOf(values) } : {}),
        reduce: (key: string, values: Iterable<number>, emit) => {
          if (key === 'c') return;
          const n = sumOf(values);
          emit(key, n);
          emit(key.toUpperCase(), n);
        },
      },
      1,
    );
    expect(await reduced.collect()).toEqual([
      ['a', 2],
      ['A', 2],
      ['b', 3],
      ['B', 3],
    ]);
  });

  test('values are there once', async () => {
    const reduced = reducedPairs(
      lines(),
      { map: words as never, reduce: (key: string, values: Iterable<number>, emit) => emit(key, [[...values].length, [...values].length]) },
      1,
    );
    expect(await reduced.collect()).toEqual([
      ['a', [2, 0]],
      ['b', [3, 0]],
      ['c', [1, 0]],
    ]);
  });

  test('a reducer that throws or is async is an error of the user', async () => {
    const failing = (reduce: (...args: never[]) => unknown) =>
      reducedPairs(lines(), { map: words as never, reduce: reduce as never }, 1).collect();
    await expect(
      failing(() => {
        throw new Error('boom');
      }),
    ).rejects.toMatchObject({ condition: 'UDF_FAILED' });
    await expect(failing(async () => {})).rejects.toMatchObject({ condition: 'INVALID_ELEMENT' });
  });
});
