/** Expressions that nest deep: computed as far as stacks hold, refused by name beyond. */
import { expect, test } from 'vitest';
import { planKey } from '../../../src/frontend/plan/plan-key.js';
import { planText } from '../../../src/frontend/plan/plan-text.js';
import { type Column, coalesce, col, expr, lit, udf, when } from '../../../src/index.js';
import { openInProcess } from '../../engine/exec/in-process.js';

const { spark, backend } = openInProcess();
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

const chain = (parts: number, word: 'AND' | 'OR'): string => Array(parts).fill('a < 5').join(` ${word} `);

test('filters by long chains of AND, in generated code too', async () => {
  expect(await table.where(chain(20_000, 'AND')).count()).toBe(1);
  expect(await table.where(`${chain(2500, 'AND')} AND a > 2`).count()).toBe(0);
  // A null on the way does not end it: what comes after decides.
  expect(await table.where(`${chain(2500, 'AND')} AND CAST(NULL AS BOOLEAN) AND b`).count()).toBe(0);
});

test('columns of long chains, which are named and shown as they were written', async () => {
  const frame = table.select(expr(chain(20_000, 'AND')), expr(chain(20_000, 'OR')).as('any'));
  const [row] = await frame.collect();
  const [name] = Object.keys(row);
  expect(name.startsWith(`${'('.repeat(19_999)}(a < 5) AND (a < 5)) AND (a < 5)) AND`)).toBe(true);
  expect(name.endsWith(' AND (a < 5))')).toBe(true);
  expect(Object.values(row)).toEqual([true, true]);
  expect(await backend.explain(frame.plan)).toContain('any');
  expect(planText(frame.plan)).toContain('AND (a < 5))');
});

test('long chains in a key of what is cached, and one that differs', () => {
  const key = (parts: number): string => planKey(table.where(chain(parts, 'AND')).plan);
  expect(key(20_000)).toBe(key(20_000));
  expect(key(20_000)).not.toBe(key(19_999));
});

test('short chains have the names that they had', async () => {
  const frame = table.select(expr('a = 1 AND b AND a > 0'), expr('b OR (a = 1 OR b)'), expr('b AND (a = 1 OR b)'));
  expect((await frame.schema()).fields.map(({ name }) => name)).toEqual([
    '(((a = 1) AND b) AND (a > 0))',
    '(b OR ((a = 1) OR b))',
    '(b AND ((a = 1) OR b))',
  ]);
});

test('user functions deep inside are found', async () => {
  const next = udf((a: number) => a + 1, 'int');
  expect(await table.select(nested(300, (c) => next(c.plus(0))).as('x')).collect()).toEqual([{ x: 302 }]);
});
