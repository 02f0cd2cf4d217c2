/** Each window function on small tables: literal rows in, literal columns out. Answers are Spark's. */
import { expect, test } from 'vitest';
import {
  avg,
  col,
  cumeDist,
  denseRank,
  expr,
  firstValue,
  lag,
  lastValue,
  lead,
  lit,
  max,
  nthValue,
  ntile,
  percentRank,
  rank,
  rowNumber,
  type Session,
  sum,
  udaf,
  Window,
} from '../../../../src/index.js';
import { openInProcess } from '../in-process.js';

const { spark } = openInProcess();

const PAYS = [
  ['Diane', 'Accounting', 8435],
  ['Mary', 'Accounting', 9998],
  ['Jeff', 'Accounting', 8992],
  ['Leslie', 'IT', 8113],
  ['Lou', 'IT', 8113],
  ['Bo', 'IT', 5186],
].map(([name, team, pay]) => ({ name, team, pay }));
const pays = (session: Session = spark) => session.createDataFrame(PAYS, 'name string, team string, pay int');
const byPay = Window.partitionBy('team').orderBy(col('pay').desc());

/** A column of the result in the order of the names. */
async function columnOf(column: ReturnType<typeof rank> | ReturnType<typeof expr>): Promise<unknown[]> {
  const rows = await pays().select('name', column.as('x')).orderBy('name').collect();
  return rows.map((row) => (row as { x: unknown }).x);
}

// Bo, Diane, Jeff, Leslie, Lou, Mary
test.each([
  ['row_number', rowNumber().over(byPay), [3, 3, 2, 1, 2, 1]],
  ['rank', rank().over(byPay), [3, 3, 2, 1, 1, 1]],
  ['dense_rank', denseRank().over(byPay), [2, 3, 2, 1, 1, 1]],
  ['percent_rank', percentRank().over(byPay), [1, 1, 0.5, 0, 0, 0]],
  ['cume_dist', cumeDist().over(byPay), [1, 1, 2 / 3, 2 / 3, 2 / 3, 1 / 3]],
  ['ntile', ntile(2).over(byPay), [2, 2, 1, 1, 1, 1]],
  ['lag', lag('pay').over(byPay), [8113, 8992, 9998, null, 8113, null]],
  ['lag with a default', lag('pay', 2, 0).over(byPay), [8113, 9998, 0, 0, 0, 0]],
  ['lead of text', lead('name').over(byPay), [null, null, 'Diane', 'Lou', 'Bo', 'Jeff']],
  ['lag by a negative offset', lag('name', -1, 'nobody').over(byPay), ['nobody', 'nobody', 'Diane', 'Lou', 'Bo', 'Jeff']],
  ['lead with a column as default', lead('name', 1, col('team')).over(byPay), ['IT', 'Accounting', 'Diane', 'Lou', 'Bo', 'Jeff']],
  ['first_value', firstValue('name').over(byPay), ['Leslie', 'Mary', 'Mary', 'Leslie', 'Leslie', 'Mary']],
  ['last_value up to equals', lastValue('name').over(byPay), ['Bo', 'Diane', 'Jeff', 'Lou', 'Lou', 'Mary']],
  ['nth_value', nthValue('name', 2).over(byPay), ['Lou', 'Jeff', 'Jeff', 'Lou', 'Lou', null]],
  ['sum up to equals', sum('pay').over(byPay), [21412n, 27425n, 18990n, 16226n, 16226n, 9998n]],
  [
    'sum up to the row',
    sum('pay').over(byPay.rowsBetween(Window.unboundedPreceding, Window.currentRow)),
    [21412n, 27425n, 18990n, 8113n, 16226n, 9998n],
  ],
  ['sum of all', sum('pay').over(Window.partitionBy('team')), [21412n, 27425n, 27425n, 21412n, 21412n, 27425n]],
  [
    'max of all rows',
    max('pay').over(Window.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)),
    [9998, 9998, 9998, 9998, 9998, 9998],
  ],
  ['avg of neighbours', avg('pay').over(byPay.rowsBetween(-1, 1)), [6649.5, 8713.5, 27425 / 3, 8113, 21412 / 3, 9495]],
  ['a range of values', sum('pay').over(Window.orderBy('pay').rangeBetween(-500, 0)), [5186n, 24661n, 8992n, 16226n, 16226n, 9998n]],
  ['an expression around windows', expr('pay - avg(pay) OVER (PARTITION BY team) > 0'), [false, false, false, true, true, true]],
  ['a computed key', sum('pay').over(Window.partitionBy(col('pay').gt(8200))), [21412n, 27425n, 27425n, 21412n, 21412n, 27425n]],
] as const)('%s', async (_, column, wanted) => {
  expect(await columnOf(column as ReturnType<typeof rank>)).toEqual(wanted);
});

test('a running total of decimals and of what passes 64 bits is exact, and fails where it must', async () => {
  const rows = [
    { d: '99999999.99', b: 9223372036854775807n },
    { d: '0.01', b: -1n },
    { d: null, b: null },
  ];
  const table = spark.createDataFrame(rows, 'd decimal(10,2), b bigint');
  const all = Window.orderBy(col('b').descNullsLast());
  const totals = await table.select(sum('d').over(all).as('d'), sum('b').over(all).as('b'), avg('d').over(all).as('a')).collect();
  expect(totals.map(({ d, b, a }) => [String(d), b, String(a)])).toEqual([
    ['99999999.99', 9223372036854775807n, '99999999.990000'],
    ['100000000.00', 9223372036854775806n, '50000000.000000'],
    ['100000000.00', 9223372036854775806n, '50000000.000000'],
  ]);
  const twice = table.union(table).select(sum('b').over(Window.orderBy(col('b').desc())));
  await expect(twice.collect()).rejects.toMatchObject({ condition: 'ARITHMETIC_OVERFLOW' });
});

test('dates move by days', async () => {
  const rows = ['2024-02-27', '2024-02-28', '2024-03-01', null].map((d) => ({ d }));
  const counted = await spark
    .createDataFrame(rows, 'd string')
    .selectExpr('cast(d as date) AS d')
    .select(expr('count(*) OVER (ORDER BY d RANGE BETWEEN 2 PRECEDING AND CURRENT ROW)').as('n'))
    .collect();
  expect(counted).toEqual([{ n: 1n }, { n: 1n }, { n: 2n }, { n: 2n }]);
});

test('windows over groups: what they are given are aggregates', async () => {
  const rows = await pays()
    .groupBy('team')
    .agg(
      sum('pay').as('total'),
      rank()
        .over(Window.orderBy(sum('pay').desc()))
        .as('place'),
      expr('sum(sum(pay)) OVER ()').as('all'),
    )
    .orderBy('team')
    .collect();
  expect(rows).toEqual([
    { team: 'Accounting', total: 27425n, place: 1, all: 48837n },
    { team: 'IT', total: 21412n, place: 2, all: 48837n },
  ]);
});

test('withColumn replaces a column that its window reads; select takes everything besides', async () => {
  const rows = await pays().where(col('team').eq('IT')).withColumn('pay', sum('pay').over(byPay)).orderBy('name').collect();
  expect(rows.map(({ name, pay }) => [name, pay])).toEqual([
    ['Bo', 21412n],
    ['Leslie', 16226n],
    ['Lou', 16226n],
  ]);
  expect(await pays().select('*', lit(1).as('one'), rowNumber().over(byPay)).columns()).toEqual([
    'name',
    'team',
    'pay',
    'one',
    'row_number() OVER (PARTITION BY team ORDER BY pay DESC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)',
  ]);
});

test('no rows, and no columns that anybody reads', async () => {
  expect(await pays().where(lit(false)).select(rank().over(byPay)).collect()).toEqual([]);
  expect(await pays().select(rank().over(byPay), 'name').count()).toBe(6);
});

test('several partitions: the rows of one key meet in one task', async () => {
  const { spark: spread } = openInProcess({ 'shuffle.partitions': '3' });
  const rows = await pays(spread)
    .repartition(4)
    .select('team', 'name', sum('pay').over(Window.partitionBy('team')).as('s'), expr('count(*) OVER ()').as('n'))
    .collect();
  expect(rows.map(({ team, s, n }) => `${team} ${s} ${n}`).sort()).toEqual([
    'Accounting 27425 6',
    'Accounting 27425 6',
    'Accounting 27425 6',
    'IT 21412 6',
    'IT 21412 6',
    'IT 21412 6',
  ]);
});

test('an aggregate of the user over growing and sliding frames', async () => {
  const concat = udaf(
    {
      init: () => '',
      update: (text: string, name: unknown) => text + String(name)[0],
      merge: (a: string, b: string) => a + b,
      finish: (text) => text,
    },
    'string',
  );
  const rows = await pays()
    .where(col('team').eq('Accounting'))
    .select('name', concat('name').over(byPay).as('all'), concat('name').over(byPay.rowsBetween(-1, 0)).as('two'))
    .collect();
  expect(rows).toEqual([
    { name: 'Mary', all: 'M', two: 'M' },
    { name: 'Jeff', all: 'MJ', two: 'MJ' },
    { name: 'Diane', all: 'MJD', two: 'JD' },
  ]);
});

test('timestamps move by intervals, dates by whole days', async () => {
  const rows = ['2024-02-28 23:00:00', '2024-02-29 00:30:00', '2024-02-29 01:00:00', '2024-03-01 02:00:00', null].map((t) => ({ t }));
  const counted = await spark
    .createDataFrame(rows, 't string')
    .selectExpr('cast(t as timestamp) AS t', 'cast(cast(t as timestamp) as date) AS d')
    .select(
      expr('count(*) OVER (ORDER BY t RANGE BETWEEN INTERVAL 2 HOURS PRECEDING AND CURRENT ROW)').as('hours'),
      expr("count(*) OVER (ORDER BY d DESC RANGE BETWEEN CURRENT ROW AND INTERVAL '1' DAY FOLLOWING)").as('days'),
    )
    .collect();
  expect(counted.map(({ hours, days }) => `${hours} ${days}`).sort()).toEqual(['1 1', '1 1', '1 3', '2 3', '3 3'].sort());
});
