/** try_sum and try_avg: null where sum and avg are errors; frequent items. */
import { describe, expect, test } from 'vitest';
import { avg, col, DayTimeInterval, Decimal, sum, tryAvg, trySum } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '2' });
const MOST = 2n ** 63n - 1n;
const nines = '9'.repeat(38);

describe('sums', () => {
  const longs = (...values: readonly (bigint | null)[]) =>
    spark.createDataFrame(
      values.map((n) => ({ n })),
      'n bigint',
    );

  test('that fit', async () => {
    expect(await longs(1n, null, 2n).agg(trySum('n').as('s'), tryAvg('n').as('a')).collect()).toEqual([{ s: 3n, a: 1.5 }]);
    expect(await longs(null).agg(trySum('n').as('s'), tryAvg('n').as('a')).collect()).toEqual([{ s: null, a: null }]);
  });

  test('of bigints that do not, of one task and of several', async () => {
    await expect(longs(MOST, 1n).agg(sum('n')).collect()).rejects.toMatchObject({ condition: 'ARITHMETIC_OVERFLOW' });
    expect(await longs(MOST, 1n).agg(trySum('n').as('s')).collect()).toEqual([{ s: null }]);
    expect(await longs(MOST, 1n, MOST, 5n).repartition(3).agg(trySum('n').as('s')).collect()).toEqual([{ s: null }]);
    const grouped = longs(MOST, MOST, MOST - 1n)
      .groupBy(col('n').mod(2n).as('k'))
      .agg(trySum('n').as('s'));
    expect(await grouped.orderBy('k').collect()).toEqual([
      { k: 0n, s: MOST - 1n },
      { k: 1n, s: null },
    ]);
  });

  test('of doubles as they are', async () => {
    const doubles = spark.createDataFrame([{ x: 1.5 }, { x: 2 }], 'x double');
    expect(await doubles.agg(trySum('x').as('s'), tryAvg('x').as('a')).collect()).toEqual([{ s: 3.5, a: 1.75 }]);
  });

  test('of decimals, and their means', async () => {
    const decimals = spark.createDataFrame([{ d: nines }, { d: nines }], 'd decimal(38,0)').repartition(2);
    await expect(decimals.agg(avg('d')).collect()).rejects.toThrow();
    expect(await decimals.agg(trySum('d').as('s'), tryAvg('d').as('a')).collect()).toEqual([{ s: null, a: null }]);
    const small = spark.createDataFrame([{ d: '1.20' }, { d: '2.30' }], 'd decimal(10,2)');
    expect(await small.agg(trySum('d').as('s'), tryAvg('d').as('a')).collect()).toEqual([
      { s: Decimal.parse('3.50'), a: Decimal.parse('1.750000') },
    ]);
  });

  test('of intervals', async () => {
    const one = DayTimeInterval.of({ days: 100_000_000 });
    const intervals = spark.createDataFrame([{ i: one }, { i: one }], 'i interval day to second');
    expect(await intervals.agg(trySum('i').as('s'), trySum(col('i').divide(2)).as('t')).collect()).toEqual([{ s: null, t: one }]);
  });

  test('names and refusals', async () => {
    expect((await longs(1n).agg(trySum('n'), tryAvg('n')).schema()).fields.map(({ name }) => name)).toEqual(['try_sum(n)', 'try_avg(n)']);
    const dates = spark.createDataFrame([{ d: '2024-01-01' }], 'd string').select(col('d').cast('date').as('d'));
    await expect(dates.agg(trySum('d') as never).schema()).rejects.toMatchObject({ condition: 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE' });
  });
});

describe('frequent items', () => {
  const values = [...Array(60).fill(7), ...Array(30).fill(null), ...Array.from({ length: 40 }, (_, i) => 100 + i)];
  const table = spark.createDataFrame(
    values.map((a) => ({ a, b: `${a}` })),
    'a int, b string',
  );

  test('none that is frequent is missing, and there are no more than fit', async () => {
    const [row] = await table.repartition(3).stat.freqItems(['a', 'b'], 0.2).collect();
    expect(Object.keys(row)).toEqual(['a_freqItems', 'b_freqItems']);
    expect(row.a_freqItems).toEqual(expect.arrayContaining([7, null]));
    expect(row.a_freqItems.length).toBeLessThanOrEqual(5);
    expect(row.b_freqItems).toEqual(expect.arrayContaining(['7', 'null']));
  });

  test('few values are all there', async () => {
    const few = spark.createDataFrame([{ a: 1 }, { a: 2 }, { a: 1 }], 'a int');
    expect(await few.stat.freqItems(['a']).collect()).toEqual([{ a_freqItems: [1, 2] }]);
  });

  test('a share that is none', () => {
    expect(() => table.stat.freqItems(['a'], 0)).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
  });
});
