/** Expressions that nest deep: computed as far as stacks hold, refused by name beyond. */
import { expect, test } from 'vitest';
import { type Column, coalesce, col, expr, lit, udf, when } from '../../../src/index.js';
import { openInProcess } from '../../engine/exec/in-process.js';

const { spark } = openInProcess();
const table = spark.createDataFrame([{ a: 2, b: true }], 'a int, b boolean');

const nested = (levels: number, wrap: (inner: Column) => Column): Column => {
  let column: Column = col('a');
  for (let i = 0; i < levels; i++) column = wrap(column);
  return column;
};
const SHAPES: readonly (readonly [string, (levels: number) => Column])[] = [
  // Functions count twice.
  [
    'a + a + …',
    (levels) =>
      expr(
        Array(levels + 1)
          .fill('a')
          .join(' + '),
      ),
  ],
  ['a + (a + …)', (levels) => nested(levels, (c) => col('a').plus(c))],
  ['with casts between', (levels) => nested(levels / 3, (c) => c.plus(lit(1)).cast('bigint'))],
  ['CASE in CASE', (levels) => nested(levels / 2, (c) => when(col('b'), c).otherwise(0))],
  ['calls in calls', (levels) => nested(levels / 2, (c) => coalesce(c))],
];

test.each(SHAPES)('%s', async (_, shape) => {
  expect(await table.select(shape(800).as('x')).collect()).toHaveLength(1);
  expect(() => table.select(shape(1005).as('x'))).toThrow(expect.objectContaining({ condition: 'EXPRESSION_TOO_DEEP', kind: 'user' }));
  expect(() => table.select(shape(100_000).as('x'))).toThrow(expect.objectContaining({ condition: 'EXPRESSION_TOO_DEEP' }));
});

test('OR chains as long as it likes', async () => {
  expect(await table.where(Array(2500).fill('a = 1').join(' OR ')).count()).toBe(0);
});

test('user functions deep inside are found', async () => {
  const next = udf((a: number) => a + 1, 'int');
  expect(await table.select(nested(300, (c) => next(c.plus(0))).as('x')).collect()).toEqual([{ x: 302 }]);
});
