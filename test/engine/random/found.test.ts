/** What random plans have found, as the smallest query that shows it. */
import { expect, test } from 'vitest';
import { col, count, expr } from '../../../src/index.js';
import { openInProcess } from '../exec/in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '2' });

test('two names of one column are two columns to a rollup', async () => {
  const rows = await spark
    .createDataFrame([{ a: 1 }], 'a int')
    .select(col('a').as('x'), col('a').as('y'))
    .rollup('x', 'y')
    .agg(count().as('n'))
    .orderBy('x', 'y')
    .collect();
  expect(rows).toEqual([
    { x: null, y: null, n: 1n },
    { x: 1, y: null, n: 1n },
    { x: 1, y: 1, n: 1n },
  ]);
});

test('a column that is grouped by under two names comes out under both', async () => {
  const rows = await spark
    .createDataFrame([{ a: 1 }], 'a int')
    .groupBy(col('a').as('x'), col('a').as('y'))
    .agg(count().as('n'))
    .rollup('x', 'y')
    .agg(count().as('m'))
    .orderBy('x', 'y')
    .collect();
  expect(rows).toEqual([
    { x: null, y: null, m: 1n },
    { x: 1, y: null, m: 1n },
    { x: 1, y: 1, m: 1n },
  ]);
});

test('grouping sets over one expression twice', async () => {
  const rows = await spark
    .createDataFrame([{ a: 1 }], 'a int')
    .rollup(col('a').as('x'), col('a').as('y'))
    .agg(count().as('n'))
    .orderBy('x', 'y')
    .collect();
  expect(rows).toEqual([
    { x: null, y: null, n: 1n },
    { x: 1, y: null, n: 1n },
    { x: 1, y: 1, n: 1n },
  ]);
});

test('a join on an expression with no rows on the built side', async () => {
  const left = spark.createDataFrame([{ a: 1 }], 'a int');
  const right = spark.createDataFrame([], 'b bigint');
  expect(await left.join(right, expr('a = try_add(b, b)'), 'left').collect()).toEqual([{ a: 1, b: null }]);
});

test.each([true, false])('greatest of a column that an outer join made null, optimizer %s', async (optimizes) => {
  const { spark: session } = openInProcess({}, optimizes);
  const none = session.createDataFrame([], 'a int');
  const one = session.createDataFrame([{ b: 'x' }], 'b string');
  const joined = none.select(col('a').as('x')).join(one.select(col('b').as('y')), expr('true'), 'right');
  expect(await joined.where(expr('true')).where(expr('x = greatest(1L, x)')).collect()).toEqual([]);
});

test.each([true, false])('both branches of IF read a long that a right join with no partner made null, optimizer %s', async (optimizes) => {
  const { spark: session } = openInProcess({}, optimizes);
  const none = session.createDataFrame([], 'a int').select(expr('1L').as('x'));
  const joined = none.join(session.createDataFrame([{ b: 1 }], 'b int'), expr('true'), 'right');
  expect(await joined.select(expr('if(true, x, x)').as('y')).collect()).toEqual([{ y: null }]);
});

test('what nvl2 does not choose is not computed', async () => {
  const rows = spark.createDataFrame([{ a: 1, b: 0 }], 'a int, b int');
  expect(await rows.select(expr('nvl2(a, a, a % b)').as('x')).collect()).toEqual([{ x: 1 }]);
});
