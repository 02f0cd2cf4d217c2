/** df.stat, first and last rows, and column operators that are new, from the API to rows. */
import { describe, expect, test } from 'vitest';
import { array, col, inline, inlineOuter, lit, stack, struct } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '2' });
const pairs = spark.createDataFrame(
  [
    { k: 'a', x: 1, y: 2 },
    { k: 'b', x: 2, y: 4 },
    { k: 'a', x: 3, y: 5 },
    { k: null, x: 3, y: null },
  ],
  'k string, x int, y int',
);

describe('stat', () => {
  test('corr and cov, where null counts as 0', async () => {
    expect(await pairs.stat.corr('x', 'y')).toBeCloseTo(0.0392534336, 9);
    expect(await pairs.stat.cov('x', 'y')).toBeCloseTo(0.25 / 3, 12);
    expect(await pairs.limit(1).stat.cov('x', 'y')).toBe(null);
  });

  test('approxQuantile', async () => {
    expect(await spark.range(1n, 1001n, 1n, 4).stat.approxQuantile('id', [0, 0.25, 0.5, 1], 0)).toEqual([1, 250, 500, 1000]);
    expect(await pairs.where(lit(false)).stat.approxQuantile('x', [0.5], 0.1)).toEqual([]);
    await expect(pairs.stat.approxQuantile('x', [0.5], -1)).rejects.toMatchObject({ condition: 'INVALID_ARGUMENT' });
  });

  test('crosstab', async () => {
    expect(await pairs.stat.crosstab('k', 'x').orderBy('k_x').collect()).toEqual([
      { k_x: 'a', 1: 1n, 2: 0n, 3: 1n },
      { k_x: 'b', 1: 0n, 2: 1n, 3: 0n },
      { k_x: 'null', 1: 0n, 2: 0n, 3: 1n },
    ]);
  });

  test('sampleBy', async () => {
    const frame = spark.range(3000n).select(col('id').mod(3n).as('m'));
    const rows = await frame.stat
      .sampleBy(
        'm',
        new Map([
          [0n, 1],
          [1n, 0.5],
        ]),
        1,
      )
      .groupBy('m')
      .count()
      .orderBy('m')
      .collect();
    expect(rows.map(({ m }) => m)).toEqual([0n, 1n]);
    expect(rows[0].count).toBe(1000n);
    expect(Math.abs(Number(rows[1].count) - 500)).toBeLessThan(60);
    expect(() => frame.stat.sampleBy('m', { 0: 2 })).toThrow(expect.objectContaining({ condition: 'INVALID_ARGUMENT' }));
  });
});

test('head and tail', async () => {
  const ids = spark.range(0n, 10n, 1n, 3);
  expect(await ids.head()).toEqual({ id: 0n });
  expect(await ids.head(2)).toEqual([{ id: 0n }, { id: 1n }]);
  expect(await ids.tail(4)).toEqual([6n, 7n, 8n, 9n].map((id) => ({ id })));
  expect(await ids.tail(0)).toEqual([]);
  expect(await ids.tail(99)).toHaveLength(10);
  const many = spark.range(0n, 30_000n, 1n, 2);
  expect(await many.tail(9000)).toEqual(Array.from({ length: 9000 }, (_, i) => ({ id: BigInt(21_000 + i) })));
  expect(await many.where('id < 20').tail(3)).toEqual([17n, 18n, 19n].map((id) => ({ id })));
});

test('bits and NaN', async () => {
  const [row] = await spark
    .range(1n)
    .select(lit(6).bitwiseAnd(3).as('a'), lit(6).bitwiseOr(1).as('o'), lit(6).bitwiseXor(3).as('x'), lit(Number.NaN).isNaN().as('n'))
    .collect();
  expect(row).toEqual({ a: 2, o: 7, x: 5, n: true });
});

test('inline and stack', async () => {
  const structs = spark.range(2n).select(array(struct(col('id'), lit('x').as('s'))).as('list'));
  expect(await structs.select(inline('list')).collect()).toEqual([
    { id: 0n, s: 'x' },
    { id: 1n, s: 'x' },
  ]);
  expect(await structs.select(inlineOuter(col('list'))).count()).toBe(2);
  expect(
    await spark
      .range(1n)
      .select(stack(2, lit(1), lit('a'), lit(2)))
      .collect(),
  ).toEqual([
    { col0: 1, col1: 'a' },
    { col0: 2, col1: null },
  ]);
});

test('stack makes no rows without end', () => {
  for (const rows of [0, -1, 10_001]) {
    expect(() => stack(rows, lit(1))).toThrow(expect.objectContaining({ condition: 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', kind: 'user' }));
  }
});
