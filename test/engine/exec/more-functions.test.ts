/** Aggregates and calls of the API that came later; the answers are Spark 4.3's. */
import { expect, test } from 'vitest';
import {
  bitmapConstructAgg,
  bitmapCount,
  callFunction,
  col,
  count,
  expr,
  lit,
  maxBy,
  minBy,
  timestampAdd,
  window,
} from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '2' });
const rows = () =>
  spark.createDataFrame(
    [
      ['a', 10, 'p'],
      ['b', 50, 'p'],
      ['c', 20, 'p'],
      [null, 40, 'p'],
      ['e', null, 'p'],
      ['f', 5, 'q'],
    ],
    'x string, y int, g string',
  );

test('max_by and min_by of several rows', async () => {
  const best = await rows()
    .groupBy('g')
    .agg(maxBy('x', 'y', 2).as('two'), maxBy('x', 'y', 10).as('all'), minBy('x', 'y', 2).as('least'))
    .orderBy('g')
    .collect();
  expect(best).toEqual([
    { g: 'p', two: ['b', null], all: ['b', null, 'c', 'a'], least: ['a', 'c'] },
    { g: 'q', two: ['f'], all: ['f'], least: ['f'] },
  ]);
  const none = await rows().agg(expr('max_by(x, y, 2) FILTER (WHERE y > 1000)').as('n')).collect();
  expect(none).toEqual([{ n: null }]);
  const many = spark.range(0, 5000, 1, 3).agg(maxBy('id', 'id', 3).as('top'));
  expect(await many.collect()).toEqual([{ top: [4999n, 4998n, 4997n] }]);
});

test.each([
  ['max_by(x, y, 0)', 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE'],
  ['max_by(x, y, NULL)', 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE'],
  ['max_by(x, y, 100001)', 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE'],
  ['max_by(x, y, y)', 'DATATYPE_MISMATCH.NON_FOLDABLE_INPUT'],
  ['max_by(x, map(1, 2), 2)', 'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE'],
  ["window(timestamp_seconds(y), '10 minutes', '5 minutes')", 'UNSUPPORTED_FEATURE.SLIDING_WINDOW'],
])('%s: %s', async (sql, condition) => {
  await expect(rows().agg(expr(sql)).schema()).rejects.toMatchObject({ condition });
});

test('bitmaps', async () => {
  const sets = await rows()
    .groupBy('g')
    .agg(
      bitmapConstructAgg(expr('bitmap_bit_position(y)')).as('s'),
      expr("bitmap_or_agg(CASE WHEN y > 20 THEN X'10' ELSE X'0102' END)").as('o'),
      expr("bitmap_and_agg(CASE WHEN y > 20 THEN X'11' ELSE X'0102' END)").as('a'),
    )
    .select(
      'g',
      expr('hex(substring(s, 1, 8))').as('s'),
      expr('length(s)').as('l'),
      bitmapCount('s').as('n'),
      expr('hex(substring(o, 1, 4))').as('o'),
      expr('hex(substring(a, 1, 4))').as('a'),
    )
    .orderBy('g')
    .collect();
  expect(sets).toEqual([
    { g: 'p', s: '0002080080000200', l: 4096, n: 4n, o: '11020000', a: '01000000' },
    { g: 'q', s: '1000000000000000', l: 4096, n: 1n, o: '01020000', a: '01020000' },
  ]);
});

test('windows of time group', async () => {
  const at = spark.range(6).select(expr('timestamp_seconds(1711861200 + id * 250)').as('at'));
  const grouped = await at.groupBy(window('at', '10 minutes')).agg(count().as('n')).orderBy('window').collect();
  expect(grouped.map(({ window: w, n }) => `${w.start} ${w.end} ${n}`)).toEqual([
    '2024-03-31 05:00:00 2024-03-31 05:10:00 3',
    '2024-03-31 05:10:00 2024-03-31 05:20:00 2',
    '2024-03-31 05:20:00 2024-03-31 05:30:00 1',
  ]);
});

test('functions by name, and units as texts', async () => {
  const [row] = await spark
    .range(1)
    .select(
      callFunction('Jaro_Winkler_Similarity', lit('MARTHA'), lit('MARHTA')).as('j'),
      timestampAdd('MONTH', 1, lit(new Date(0))).as('t'),
      col('id'),
    )
    .collect();
  expect(row.j).toBe(0.9611111111111111);
  expect(String(row.t)).toBe('1970-02-01 00:00:00');
});
