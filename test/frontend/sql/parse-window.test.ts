/** OVER in SQL: what it is read as, and the name that the column takes, as Spark gives it. */
import { expect, test } from 'vitest';
import { columnName, expressionText } from '../../../src/frontend/plan/expression-text.js';
import { parseExpression } from '../../../src/frontend/sql/parse-expression.js';

test.each([
  ['sum(a) OVER ()', 'sum(a) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)'],
  ['sum(a) over (partition by b, c)', 'sum(a) OVER (PARTITION BY b, c ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)'],
  ['sum(a) OVER (ORDER BY b)', 'sum(a) OVER (ORDER BY b ASC NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)'],
  [
    'rank() OVER (DISTRIBUTE BY b SORT BY c DESC, d ASC NULLS LAST)',
    'RANK() OVER (PARTITION BY b ORDER BY c DESC NULLS LAST, d ASC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)',
  ],
  ['sum(a) OVER (ORDER BY b ROWS 2 PRECEDING)', 'sum(a) OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)'],
  [
    'sum(a) OVER (ORDER BY b DESC NULLS FIRST RANGE BETWEEN 1 + 1 PRECEDING AND 2.5 FOLLOWING)',
    'sum(a) OVER (ORDER BY b DESC NULLS FIRST RANGE BETWEEN (1 + 1) PRECEDING AND 2.5 FOLLOWING)',
  ],
  ['count(*) OVER (ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)', 'count(1) OVER (ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)'],
  ['lag(a) OVER (ORDER BY b)', 'lag(a, 1, NULL) OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN -1 FOLLOWING AND -1 FOLLOWING)'],
  ['lead(a, 2) OVER (ORDER BY b)', 'lead(a, 2, NULL) OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN 2 FOLLOWING AND 2 FOLLOWING)'],
  [
    'lag(a) IGNORE NULLS OVER (ORDER BY b)',
    'lag(a, 1, NULL, true) OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN -1 FOLLOWING AND -1 FOLLOWING)',
  ],
  [
    'nth_value(a, 2) RESPECT NULLS OVER (ORDER BY b)',
    'nth_value(a, 2) OVER (ORDER BY b ASC NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)',
  ],
  [
    'a + sum(a) OVER (PARTITION BY lower(t.b))',
    '(a + sum(a) OVER (PARTITION BY lower(b) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))',
  ],
])('%s', (sql, name) => {
  expect(columnName(parseExpression(sql))).toBe(name);
});

test('a column may still be called over', () => {
  expect(expressionText(parseExpression('sum(over)'))).toBe('sum(over)');
});
