/** Aggregates over rows in an order: WITHIN GROUP (ORDER BY …) in SQL text. */
import { expect, test } from 'vitest';
import { expr } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '2' });
const rows = [
  { g: 'a', x: 10, t: 'pear' },
  { g: 'a', x: 20, t: 'fig' },
  { g: 'a', x: 40, t: 'apple' },
  { g: 'a', x: 20, t: null },
  { g: 'b', x: null, t: 'kiwi' },
  { g: 'b', x: 3, t: 'plum' },
];
const table = () => spark.createDataFrame(rows, 'g string, x int, t string').repartition(3);

/** One value of each group, first of a, then of b. */
async function each(sql: string): Promise<unknown[]> {
  const result = await table().groupBy('g').agg(expr(sql).as('v')).orderBy('g').collect();
  return result.map(({ v }) => v);
}

test.each([
  ["listagg(t, ',') WITHIN GROUP (ORDER BY t)", ['apple,fig,pear', 'kiwi,plum']],
  ["listagg(t, ',') WITHIN GROUP (ORDER BY t DESC)", ['pear,fig,apple', 'plum,kiwi']],
  ["string_agg(t, '+') WITHIN GROUP (ORDER BY x DESC NULLS FIRST)", ['apple+fig+pear', 'kiwi+plum']],
  ["listagg(t, '+') WITHIN GROUP (ORDER BY x DESC NULLS LAST)", ['apple+fig+pear', 'plum+kiwi']],
  ["listagg(t, ' ') WITHIN GROUP (ORDER BY length(t), t DESC)", ['fig pear apple', 'plum kiwi']],
  ['listagg(t) WITHIN GROUP (ORDER BY t)', ['applefigpear', 'kiwiplum']],
  ["listagg(DISTINCT t, ',') WITHIN GROUP (ORDER BY t DESC)", ['pear,fig,apple', 'plum,kiwi']],
  ["listagg(t, ',') WITHIN GROUP (ORDER BY t) FILTER (WHERE x > 10)", ['apple,fig', null]],
  ['percentile_cont(0.25) WITHIN GROUP (ORDER BY x)', [17.5, 3]],
  ['percentile_cont(0.25) WITHIN GROUP (ORDER BY x DESC)', [25, 3]],
  ['percentile_disc(0.5) WITHIN GROUP (ORDER BY x)', [20, 3]],
  ['percentile_disc(0.25) WITHIN GROUP (ORDER BY x)', [10, 3]],
  ['percentile_disc(0.25) WITHIN GROUP (ORDER BY x DESC)', [40, 3]],
  [
    'percentile_disc(array(0.25, 1)) WITHIN GROUP (ORDER BY x)',
    [
      [10, 40],
      [3, 3],
    ],
  ],
  ['mode() WITHIN GROUP (ORDER BY x)', [20, 3]],
  ['mode() WITHIN GROUP (ORDER BY t)', ['apple', 'kiwi']],
  ['mode() WITHIN GROUP (ORDER BY t DESC)', ['pear', 'plum']],
  ['mode(t, true)', ['apple', 'kiwi']],
])('%s', async (sql, expected) => {
  expect(await each(sql)).toEqual(expected);
});

test('over a window', async () => {
  const sql = "listagg(t, ',') WITHIN GROUP (ORDER BY t) OVER (PARTITION BY g) AS all";
  const result = await table().where('x = 10 OR x = 3').select('g', expr(sql)).orderBy('g').collect();
  expect(result).toEqual([
    { g: 'a', all: 'pear' },
    { g: 'b', all: 'plum' },
  ]);
});

test("columns are named as Spark's are", async () => {
  const frame = table().agg(
    expr('percentile_cont(0.5) WITHIN GROUP (ORDER BY x DESC)'),
    expr('mode() WITHIN GROUP (ORDER BY x)'),
    expr("listagg(t, ',') WITHIN GROUP (ORDER BY x, t DESC)"),
  );
  expect((await frame.schema()).fields.map(({ name }) => name)).toEqual([
    'percentile_cont(0.5) WITHIN GROUP (ORDER BY x DESC)',
    'mode() WITHIN GROUP (ORDER BY x)',
    'listagg(t, ,) WITHIN GROUP (ORDER BY x ASC NULLS FIRST, t DESC NULLS LAST)',
  ]);
});

test.each([
  ["listagg(DISTINCT t, ',') WITHIN GROUP (ORDER BY x)", 'INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT'],
  ['percentile_cont(DISTINCT 0.5) WITHIN GROUP (ORDER BY x)', 'INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED'],
  ['mode() WITHIN GROUP (ORDER BY x, t)', 'INVALID_WITHIN_GROUP_EXPRESSION.WRONG_NUM_ORDERINGS'],
  ['sum(x) WITHIN GROUP (ORDER BY x)', 'INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX'],
  ['upper(t) WITHIN GROUP (ORDER BY x)', 'INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX'],
  ["listagg(t, ',') WITHIN GROUP (ORDER BY map(t, x))", 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
  ["listagg(t, ',', t)", 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION'],
])('%s is refused', async (sql, condition) => {
  await expect(table().agg(expr(sql)).schema()).rejects.toMatchObject({ condition });
});
