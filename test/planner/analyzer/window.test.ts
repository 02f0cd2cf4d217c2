/** Windows in plans: one node for each partition and order, and what Spark refuses, at the user's line. */
import { expect, test } from 'vitest';
import { STRING } from '../../../src/data/types.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import { parseExpression, parseNamedExpression } from '../../../src/frontend/sql/parse-expression.js';
import { as, call, col, filter, group, PEOPLE, read, select, sort, textOf } from './plans.js';

const SITE = { file: 'job.ts', line: 7, column: 3 };
const people = read(PEOPLE);
const sql = (text: string) => parseNamedExpression(text, SITE);
const lines = (...text: readonly string[]): string => text.join('\n');

test('windows of one partition and order share a node; the longest order of a partition comes first', async () => {
  const plan = select(
    people,
    sql('sum(age) OVER (PARTITION BY name) AS a'),
    sql('rank() OVER (PARTITION BY name ORDER BY id) AS b'),
    sql('sum(age) OVER (ORDER BY id) AS c'),
    sql('rank() OVER (PARTITION BY name ORDER BY id) + lag(age) OVER (PARTITION BY name ORDER BY id) AS d'),
  );
  expect(await textOf(plan)).toBe(
    lines(
      'Project [sum#5 AS a#5, rank#6 AS b#6, sum#7 AS c#7, (rank#6 + lag#8) AS d#9]',
      '+- Window [sum(age#2) RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS c#7], partition by [], order by [id#0 ASC NULLS FIRST]',
      '   +- Window [sum(age#2) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING AS a#5], partition by [name#1], order by []',
      '      +- Window [rank() AS b#6, lag(age#2) AS lag#8], partition by [name#1], order by [id#0 ASC NULLS FIRST]',
      '         +- Scan csv [id#0, name#1, age#2, height#3, salary#4]',
    ),
  );
});

test('keys and arguments that are no columns are computed once, below', async () => {
  const plan = select(people, sql('sum(age + 1) OVER (PARTITION BY lower(name) ORDER BY age + 1 DESC ROWS 2 PRECEDING) AS a'));
  expect(await textOf(plan)).toBe(
    lines(
      'Project [sum#7 AS a#7]',
      '+- Window [sum(_w1#6) ROWS BETWEEN 2 PRECEDING AND CURRENT ROW AS a#7], partition by [_w0#5], order by [_w1#6 DESC NULLS LAST]',
      '   +- Project [id#0, name#1, age#2, height#3, salary#4, lower(name#1) AS _w0#5, (age#2 + 1) AS _w1#6]',
      '      +- Scan csv [id#0, name#1, age#2, height#3, salary#4]',
    ),
  );
});

test.each([
  ['row_number() OVER (PARTITION BY name)', 'WINDOW_FUNCTION_FRAME_NOT_ORDERED'],
  ['row_number()', 'WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE'],
  ['1 + rank()', 'WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE'],
  ['sum(rank() OVER (ORDER BY id)) OVER (ORDER BY id)', 'UNSUPPORTED_EXPR_FOR_OPERATOR'],
  ['sum(age) OVER (ORDER BY sum(age) OVER ())', 'UNSUPPORTED_EXPR_FOR_OPERATOR'],
  ['sum(rank() OVER (ORDER BY id))', 'UNSUPPORTED_EXPR_FOR_OPERATOR'],
  ['explode(array(rank() OVER (ORDER BY id)))', 'UNSUPPORTED_EXPR_FOR_OPERATOR'],
  ['count(DISTINCT age) OVER (PARTITION BY name)', 'DISTINCT_WINDOW_FUNCTION_UNSUPPORTED'],
  ['count(age) FILTER (WHERE age > 1) OVER ()', 'UNSUPPORTED_FEATURE.WINDOW_FILTER'],
  ['grouping(name) OVER ()', 'UNSUPPORTED_EXPR_FOR_WINDOW'],
  ['transform(array(1), x -> sum(x) OVER ())', 'UNRESOLVED_COLUMN'],
  ['lower(name) OVER ()', 'UNSUPPORTED_EXPR_FOR_WINDOW'],
  ['nosuch(name) OVER ()', 'UNRESOLVED_ROUTINE'],
  ['sum(nosuch) OVER ()', 'UNRESOLVED_COLUMN'],
  ['rank() OVER (ORDER BY id ROWS 1 PRECEDING)', 'WINDOW_FUNCTION_AND_FRAME_MISMATCH'],
  ['lag(age) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)', 'WINDOW_FUNCTION_AND_FRAME_MISMATCH'],
  ['sum(age) OVER (ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW)', 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND'],
  ['sum(age) OVER (ROWS BETWEEN CURRENT ROW AND UNBOUNDED PRECEDING)', 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND'],
  ['sum(age) OVER (ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING)', 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON'],
  ['sum(age) OVER (ROWS 2147483648 PRECEDING)', 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE'],
  ["sum(age) OVER (ROWS 'x' PRECEDING)", 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE'],
  ['sum(age) OVER (ROWS rand() PRECEDING)', 'DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WITHOUT_FOLDABLE'],
  ['sum(age) OVER (RANGE 1 PRECEDING)', 'DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER'],
  ['sum(age) OVER (ORDER BY id, name RANGE 1 PRECEDING)', 'DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER'],
  ['sum(age) OVER (ORDER BY name RANGE 1 PRECEDING)', 'DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE'],
  ['sum(age) OVER (ORDER BY age RANGE INTERVAL 1 DAY PRECEDING)', 'DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE'],
  ['sum(age) OVER (ORDER BY current_date() RANGE INTERVAL 1 HOUR PRECEDING)', 'DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE'],
  ['sum(age) OVER (ORDER BY map(1, 2))', 'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE'],
  ['sum(age) OVER (PARTITION BY map(1, 2))', 'EXPRESSION_TYPE_IS_NOT_ORDERABLE'],
  ['ntile(0) OVER (ORDER BY id)', 'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE'],
  ['nth_value(age, id) OVER (ORDER BY id)', 'DATATYPE_MISMATCH.NON_FOLDABLE_INPUT'],
  ['lag(age, 1, array(1)) OVER (ORDER BY id)', 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE'],
  ['sum(name, age) OVER ()', 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION'],
])('refused: %s', async (text, condition) => {
  await expect(textOf(select(people, sql(text)))).rejects.toMatchObject({ condition, kind: 'user', site: SITE });
});

const whole = (fn: Expr): Expr => ({ kind: 'window', fn, spec: { partitionBy: [], orderBy: [], frame: null }, site: SITE });
const aggregate = (fn: string, ...args: readonly Expr[]) =>
  ({ kind: 'call', fn, args, distinct: false, filter: null, site: SITE }) as const;

test('a star counts rows, the columns of a pattern are counted as they are', async () => {
  const pattern = (text?: string): Expr => ({ kind: 'star', qualifier: null, ...(text !== undefined && { pattern: text }) });
  expect(await textOf(select(people, whole(aggregate('count', pattern()))))).toContain('[count(1) ');
  expect(await textOf(select(people, whole(aggregate('count', pattern('a.*')))))).toContain('[count(age#2) ');
});

test('the columns of a user aggregate are held against its types, as they are over groups', async () => {
  const closure = { id: 'f', name: '', site: null, captures: '' };
  const update = { ...closure, parameterTypes: [null, ['string']] };
  const user = { name: 'longest', init: closure, update, merge: closure, finish: closure, returns: STRING };
  const longest = (column: string): Expr => ({ ...aggregate('udaf', col(column)), user });
  const refused = { condition: 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE', site: SITE, message: expect.stringContaining('longest') };
  await expect(textOf(select(people, whole(longest('age'))))).rejects.toMatchObject(refused);
  await expect(textOf(select(people, longest('age')))).rejects.toMatchObject(refused);
  expect(await textOf(select(people, whole(longest('name'))))).toContain('udaf(name#1)');
});

test('a window stands in a select alone', async () => {
  const window = parseExpression('rank() OVER (ORDER BY id)', SITE);
  const refused = { condition: 'UNSUPPORTED_EXPR_FOR_OPERATOR', site: SITE, message: expect.stringContaining('cannot stand in') };
  await expect(textOf(filter(people, call('=', window, col('age'))))).rejects.toMatchObject(refused);
  await expect(textOf(sort(people, window))).rejects.toMatchObject(refused);
  await expect(textOf(group(people, [window]))).rejects.toMatchObject(refused);
});

test('over groups, a window sees groups: other columns are refused', async () => {
  const plan = group(people, [col('name')], as(sql('sum(age)'), 's'), sql('rank() OVER (ORDER BY age)'));
  await expect(textOf(plan)).rejects.toMatchObject({ condition: 'MISSING_AGGREGATION' });
});
