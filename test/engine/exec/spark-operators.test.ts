/** What Spark 4.3 answers (ANSI mode, UTC) of operators: names that mean what is below or beside them, ties, join types, missing values. */
import { expect, test } from 'vitest';
import type { DataFrame } from '../../../src/frontend/api/dataframe.js';
import {
  approxCountDistinct,
  approxPercentile,
  col,
  collectList,
  count,
  countDistinct,
  explode,
  expr,
  lit,
  maxBy,
  minBy,
  percentile,
  rank,
  sum,
  varPop,
  Window,
} from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '3' });
const df = (rows: readonly (readonly unknown[])[], ddl: string): DataFrame => spark.createDataFrame(rows, ddl) as DataFrame;
const l = df(
  [
    [1, 'a', 10],
    [2, 'b', 20],
    [3, null, 30],
    [4, 'a', null],
  ],
  'id int, k string, v int',
);
const r = df(
  [
    ['a', 1.5],
    ['c', 2.5],
  ],
  'k string, w double',
);
const lists = df([[1, [1, 2], [7, 8]]], 'id int, xs array<int>, ys array<int>');
const few = df(
  [
    [1, 1.5, 0.1],
    [300, 2.5, 0.5],
  ],
  'i int, d double, f float',
);

const values = async (frame: DataFrame): Promise<unknown[][]> => (await frame.collect()).map((row) => Object.values(row as object));

test.each<[string, DataFrame, unknown[][]]>([
  ['an alias before it', l.select(col('id').plus(1).as('a'), col('a').times(2).as('b'), expr('a + b AS c')).limit(1), [[2, 4, 6]]],
  ['a column goes before an alias', l.select(col('id').plus(1).as('v'), col('v').times(2).as('b')).limit(1), [[2, 20]]],
  ['a field of an alias', l.select(expr("named_struct('q', id) AS s"), expr('s.q + 1 AS n')).select('n').limit(1), [[2]]],
  ['an alias of an aggregate', l.agg(sum('v').as('s'), expr('s + 1 AS t')), [[60n, 61n]]],
  ['an alias of a window', l.select(expr('row_number() OVER (ORDER BY id) AS n'), expr('n * 2 AS m')).where('n = 4'), [[4, 8]]],
  [
    'a column set beside it',
    l
      .withColumns({ a: lit(1), b: col('a').plus(1) })
      .select('a', 'b')
      .limit(1),
    [[1, 2]],
  ],
  ['a parameter is no alias', l.select(col('id').as('a'), expr('transform(array(5), a -> a + 1) AS b')).limit(1), [[1, [6]]]],
  ['a filter by the name before', l.select(col('id').as('x')).where('id > 2'), [[3], [4]]],
  ['a sort by the name before', l.select(col('id').as('x')).orderBy(col<string>('id').desc()).limit(1), [[4]]],
  ['names changed over', l.select(col('id').as('k'), col('k').as('id')).where("id = 'b'"), [[2, 'b']]],
  ['a filter by what was renamed', l.withColumnRenamed('id', 'x').where('id > 3').select('x'), [[4]]],
  ['a sort by what was dropped', l.drop('v', 'k').orderBy(col<string>('v').desc()), [[3], [2], [1], [4]]],
  ['a sort by what had another name', l.toDF('a', 'b', 'c').orderBy(col<string>('v').desc()).select('a'), [[3], [2], [1], [4]]],
  [
    'a sort by place',
    l.select('id', 'v').orderBy(lit(2), col('id')),
    [
      [4, null],
      [1, 10],
      [2, 20],
      [3, 30],
    ],
  ],
  ['renamed one after the other', l.limit(1).withColumnsRenamed({ id: 'a', a: 'b' }).select('b'), [[1]]],
  [
    'several generators',
    lists.select(explode('xs').as('x'), explode('ys').as('y')),
    [
      [1, 7],
      [1, 8],
      [2, 7],
      [2, 8],
    ],
  ],
  ['no grouped numbers named', l.groupBy('k').sum().where("k = 'a'"), [['a', 5n, 10n]]],
  ['functions by column', l.agg({ v: 'max', '*': 'count' }), [[30, 4n]]],
  ['of equal keys the last', l.agg(maxBy('id', lit(1)), minBy('id', lit(1))), [[4, 4]]],
  ['over a window too', l.select(maxBy('id', lit(1)).over(Window.orderBy('id')).as('m')), [[1], [2], [3], [4]]],
  ['no variance of NaN', df([[Number.NaN]], 'd double').agg(varPop('d')), [[Number.NaN]]],
  [
    'a fraction is no whole number',
    few.replace(1.5, 9),
    [
      [1, 9, Math.fround(0.1)],
      [300, 2.5, 0.5],
    ],
  ],
  ['a float is no decimal fraction', few.replace(0.1, 9).select('f'), [[Math.fround(0.1)], [0.5]]],
  ['a value beyond the type', df([[1], [2]], 't tinyint').replace(300, 7), [[1], [2]]],
  ['a number into text by name', l.fillna({ k: 5 }).where('id = 3').select('k'), [['5']]],
  [
    'all names that are equal',
    l.select(col('k').as('a'), col('k').as('A')).dropDuplicates('a').where("'x' = 'x'"),
    [
      ['a', 'a'],
      ['b', 'b'],
      [null, null],
    ],
  ],
])('%s', async (_, frame, expected) => {
  const sorted = (rows: unknown[][]) =>
    rows.map((row) => JSON.stringify(row, (_key, v) => (typeof v === 'bigint' ? `${v}n` : Number.isNaN(v) ? 'NaN' : v))).sort();
  const rows = await values(frame);
  if (/sort|renamed one|over a window/.test(_)) expect(rows).toEqual(expected);
  else expect(sorted(rows)).toEqual(sorted(expected));
});

test('join types by all of their names, in any case; without columns every row with every row', async () => {
  const rows = async (how: 'outer') => (await values(l.join(r, 'k', how))).length;
  for (const [how, n] of Object.entries({ outer: 5, full_outer: 5, fullouter: 5, left_outer: 4, rightouter: 3, leftsemi: 2, LEFT_ANTI: 2 }))
    expect([how, await rows(how as 'outer')]).toEqual([how, n]);
  expect(await l.join(r).count()).toBe(8);
  expect(await l.join(r, null, 'left').count()).toBe(8);
  expect(() => l.join(r, 'k', 'lef' as 'left')).toThrow(expect.objectContaining({ condition: 'UNSUPPORTED_JOIN_TYPE' }));
});

test('after a join by names each side has its own copy of them, by its alias', async () => {
  const using = (how: 'left' | 'full' | 'right' | 'inner' | 'semi') => l.alias('l').join(r.alias('r'), 'k', how) as DataFrame;
  expect(await values(using('left').where('r.k IS NULL').select('l.id').orderBy('id'))).toEqual([[2], [3]]);
  expect(await values(using('left').select('id', 'l.k', 'r.k', 'k').where('id < 3').orderBy('id').toDF('a', 'b', 'c', 'd'))).toEqual([
    [1, 'a', 'a', 'a'],
    [2, 'b', null, 'b'],
  ]);
  expect(await values(using('full').where('l.k IS NULL AND k IS NOT NULL'))).toEqual([['c', null, null, 2.5]]);
  expect(await values(using('right').withColumn('lost', expr('l.k IS NULL')).select('k', 'lost').orderBy('k', 'lost'))).toEqual([
    ['a', false],
    ['a', false],
    ['c', true],
  ]);
  expect(await values(using('full').groupBy('r.k').count().orderBy('k'))).toEqual([
    [null, 2n],
    ['a', 2n],
    ['c', 1n],
  ]);
  expect(await using('inner').columns()).toEqual(['k', 'id', 'v', 'w']);
  expect(await using('inner').select('r.*', 'l.*').columns()).toEqual(['k', 'w', 'k', 'id', 'v']);
  await expect(using('semi').select('r.k').collect()).rejects.toMatchObject({ condition: 'UNRESOLVED_COLUMN' });
});

test('drop() of a column takes the one that is meant', async () => {
  const both = l.alias('l').join(r.alias('r'), expr('l.k = r.k'));
  expect(await both.drop(col('r.k'), col('nothing')).columns()).toEqual(['id', 'k', 'v', 'w']);
  expect(await both.drop('k').columns()).toEqual(['id', 'v', 'w']);
  await expect(both.drop(col('k')).columns()).rejects.toMatchObject({ condition: 'AMBIGUOUS_REFERENCE' });
});

test('columns of aggregates are called as Spark calls them', async () => {
  const named = l.agg(
    percentile('v', 0.5),
    approxPercentile('v', 0.5),
    approxCountDistinct('v', 0.01),
    expr('array_agg(v)'),
    expr('listagg(k)'),
  );
  expect(await named.columns()).toEqual([
    'percentile(v, 0.5, 1)',
    'approx_percentile(v, 0.5, 10000)',
    'approx_count_distinct(v)',
    'collect_list(v)',
    'listagg(k, NULL)',
  ]);
  expect(await l.select(rank().over(Window.orderBy('v'))).columns()).toEqual([
    'RANK() OVER (ORDER BY v ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)',
  ]);
});

test('a pivot with a list among its aggregates gives what each makes of no rows', async () => {
  const pivot = l
    .groupBy('k')
    .pivot('id', [2])
    .agg(count().as('n'), collectList('v').as('all'), countDistinct('v').as('d'), sum('v').as('s'));
  expect(await values(pivot.where("k = 'a'"))).toEqual([['a', 0n, [], 0n, null]]);
});

test.each<[string, () => DataFrame, string]>([
  ['an aggregate in a filter', () => l.where(sum('v').gt(1)), 'INVALID_WHERE_CONDITION'],
  ['an aggregate of an aggregate', () => l.agg(sum(sum('v'))), 'NESTED_AGGREGATE_FUNCTION'],
  ['an aggregate to group by', () => l.groupBy(sum('v')).count(), 'GROUP_BY_AGGREGATE'],
  ['an aggregate in a sort', () => l.orderBy(sum('v')), 'UNSUPPORTED_EXPR_FOR_OPERATOR'],
  ['an aggregate in a join', () => l.join(r, sum('v').gt(1)), 'UNSUPPORTED_EXPR_FOR_OPERATOR'],
  ['an aggregate in the filter of one', () => l.agg(sum('v').filter(sum('v').gt(1))), 'INVALID_AGGREGATE_FILTER.CONTAINS_AGGREGATE'],
  ['a column beside an aggregate of all rows', () => l.select(sum('v'), col('k')), 'MISSING_GROUP_BY'],
  ['a column set twice', () => l.withColumns({ a: lit(1), A: lit(2) }), 'COLUMN_ALREADY_EXISTS'],
  ['a place that is not there', () => l.orderBy(lit(9)), 'ORDER_BY_POS_OUT_OF_RANGE'],
  ['text for a number by name', () => l.fillna({ v: 'abc' }), 'CAST_INVALID_INPUT'],
])('refused: %s', async (_, make, condition) => {
  await expect((async () => make().collect())()).rejects.toMatchObject({ condition });
});
