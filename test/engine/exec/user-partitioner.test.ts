/** Rows where a function of the user wants them: of columns' values, of pairs' keys; and functions that give no partition. */
import { describe, expect, test } from 'vitest';
import { count, expr, type Session } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark, backend } = openInProcess({ 'shuffle.partitions': '3' });

const ROWS = Array.from({ length: 40 }, (_, i) => ({ k: i % 9 === 8 ? null : 'abcd'[i % 4], n: i - 5 }));
const table = (session: Session = spark) => {
  const [first, second] = [ROWS.slice(0, 15), ROWS.slice(15)].map((rows) => session.createDataFrame(rows, 'k string, n int'));
  return first.union(second);
};
const letter = (k: string | null) => (k === null ? 4 : 'abcd'.indexOf(k));

const PLACE = expr('spark_partition_id() AS p');

describe('repartition by a function', () => {
  test('of one column', async () => {
    const rows = await table().repartition(5, letter, 'k').select('k', 'n', PLACE).collect();
    expect(rows.length).toBe(40);
    expect(rows.every(({ k, p }) => p === letter(k))).toBe(true);
    expect(backend.graph.stages.map((s) => s.name)).toContain('union → shuffle by function');
  });

  test('of several, computed ones too, with another writer', async () => {
    const by = (k: string | null, half: number) => (letter(k) + half) % 2;
    const rows = await table()
      .repartition(2, by, 'k', expr('abs(n) DIV 2').cast('int'), { writer: 'hash' })
      .select('k', 'n', PLACE)
      .collect();
    expect(rows.every(({ k, n, p }) => p === by(k, Math.floor(Math.abs(n) / 2)))).toBe(true);
    expect(backend.graph.stages.some(({ output }) => output.kind === 'shuffle' && output.writer === 'hash')).toBe(true);
  });

  test('is called once a row, and not again where the plan goes on', async () => {
    let calls = 0;
    const counting = (k: string | null) => {
      calls++;
      return letter(k);
    };
    const rows = await table().repartition(5, counting, 'k').where('n >= -5').groupBy('k').agg(count().as('c')).orderBy('k').collect();
    expect(rows.reduce((sum, { c }) => sum + c, 0n)).toBe(40n);
    expect(calls).toBe(40);
  });

  test('where chance decides, groups and joins are right nevertheless', async () => {
    const anywhere = () => Math.floor(Math.random() * 3);
    const spread = table().repartition(4, anywhere, 'k');
    const counts = await spread.groupBy('k').agg(count().as('c')).orderBy('k').collect();
    expect(counts).toEqual(await table().groupBy('k').agg(count().as('c')).orderBy('k').collect());
    const raw = openInProcess({ 'shuffle.partitions': '3', 'broadcast.threshold': '0' });
    const other = table(raw.spark).groupBy('k').agg(count().as('c'));
    const joined = table(raw.spark).repartition(3, anywhere, 'k').join(other, 'k');
    expect((await joined.collect()).length).toBe(ROWS.filter(({ k }) => k !== null).length);
    const text = await raw.backend.explain(joined.plan);
    expect(text).toMatch(/Exchange hash\(k\) to 3\n.*Exchange by anywhere\(k\) to 3/);
  });

  test.each([
    ['negative', () => -1, '-1'],
    ['as many as there are', () => 4, '4'],
    ['a fraction', () => 1.5, '1.5'],
    ['NaN', () => Number.NaN, 'NaN'],
    ['nothing', () => undefined as unknown as number, 'nothing'],
  ])('%s', async (_, wrong, shown) => {
    const failing = (k: string | null, n: number) => (k === 'c' && n === 9 ? wrong() : 0);
    await expect(table().repartition(4, failing, 'k', 'n').collect()).rejects.toMatchObject({
      condition: 'INVALID_PARTITION',
      kind: 'user',
      message: expect.stringMatching(`failing gave ${shown}, but partitions are whole numbers from 0 to 3.\n  input: "c", 9$`),
    });
  });

  test('what throws, and what is no number', async () => {
    const throwing = (k: string | null): number => {
      throw new Error(`no ${k}`);
    };
    await expect(table().repartition(4, throwing, 'k').collect()).rejects.toMatchObject({ condition: 'UDF_FAILED' });
    const text = (() => '1') as unknown as (k: string | null) => number;
    await expect(table().repartition(4, text, 'k').collect()).rejects.toMatchObject({ condition: 'INVALID_VALUE' });
  });

  test('plan text', async () => {
    const text = await backend.explain(table().repartition(5, letter, 'k').plan);
    expect(text.split('\n')[0]).toBe('Exchange by letter(k) to 5');
    expect(await backend.explain(table().repartition(5, (n: number) => n, expr('abs(n)')).plan)).toContain(
      'Exchange by partitioner(abs(n)) to 5',
    );
  });
});

describe('pairs by a function of their keys', () => {
  const pairs = () =>
    spark.parallelize(
      ROWS.map(({ k, n }): [string | null, number] => [k, n]),
      3,
    );
  const places = async <T>(data: { mapPartitions: ReturnType<typeof pairs>['mapPartitions'] }) =>
    (await data.mapPartitions((elements, { partition }) => [...elements].map((e): [number, T] => [partition, e as T])).collect()) as [
      number,
      T,
    ][];

  test('partitionBy', async () => {
    const placed = await places<[string | null, number]>(pairs().partitionBy(5, letter));
    expect(placed.length).toBe(40);
    expect(placed.every(([p, [k]]) => p === letter(k))).toBe(true);
    const hashed = await places<[string | null, number]>(pairs().partitionBy(5));
    expect(new Map(hashed.map(([p, [k]]) => [`${k}`, p])).size).toBe(5);
    expect(new Set(hashed.map(([p, [k]]) => `${k} ${p}`)).size).toBe(5);
  });

  test('reduceByKey and groupByKey take one, and are told the number of partitions', async () => {
    const last = (k: string | null, partitions: number) => (k === null ? partitions - 1 : 0);
    const reduced = await places<[string | null, number]>(pairs().reduceByKey((a, b) => a + b, 3, last) as never);
    expect(reduced.map(([p, [k]]) => [p, k])).toEqual([
      [0, 'a'],
      [0, 'b'],
      [0, 'c'],
      [0, 'd'],
      [2, null],
    ]);
    const grouped = await places<[string | null, number[]]>(pairs().groupByKey(3, last) as never);
    expect(grouped.map(([p, [k, values]]) => [p, k, values.length])).toContainEqual([2, null, ROWS.filter(({ k }) => k === null).length]);
  });

  test('what is no partition', async () => {
    await expect(
      pairs()
        .partitionBy(3, () => 3)
        .collect(),
    ).rejects.toMatchObject({
      condition: 'INVALID_PARTITION',
      message: expect.stringContaining('gave 3, but partitions are whole numbers from 0 to 2.\n  input: "a"'),
    });
  });
});

describe('arguments', () => {
  test.each([
    ['a function without columns', () => table().repartition(4, letter as never)],
    ['a function without a number', () => table().repartition('k', letter as never)],
    ['more parameters than columns', () => table().repartition(4, (k: string, n: number) => k.length + n, 'k')],
    ['a number behind', () => table().repartition('k', 4 as never)],
    ['options before', () => table().repartition(4, { writer: 'hash' }, 'k')],
    ['nothing', () => table().repartition(4, null as never)],
    ['an unknown writer', () => table().repartition(4, { writer: 'foo' as never })],
    ['an unknown option', () => table().repartition(4, { wrter: 'hash' } as never)],
    ['no partitions', () => table().repartition(0, letter, 'k')],
    ['a negative number', () => table().repartition(-1, 'k')],
    ['a fraction', () => table().repartition(1.5)],
    ['too many', () => table().repartition(2 ** 40)],
    ['no arguments', () => (table() as unknown as { repartition(): unknown }).repartition()],
    ['a negative range', () => table().repartitionByRange(-1, 'k')],
    ['coalesce(0)', () => table().coalesce(0)],
    ['coalesce(-1)', () => table().coalesce(-1)],
    ['partitionBy(0)', () => spark.parallelize([[1, 2] as [number, number]]).partitionBy(0)],
    ['range over -1', () => spark.range(0, 10, 1, -1)],
    ['parallelize over 0', () => spark.parallelize([1], 0)],
  ])('%s', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT', kind: 'user' }));
  });
});
