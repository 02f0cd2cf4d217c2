/**
 * Conditions and joins above a Parquet scan that decide about rows before all columns are read: the same rows and errors as where they are
 * asked afterwards, and `skippedRows` of what was left out.
 */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { col, type DataFrame, expr, lit, rand, udf } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

/** 2,400 rows; parquet-late.test.ts tells of its columns. */
const FILE = join(import.meta.dirname, '../../fixtures/pages.parquet');
const ROWS = 2400;
const { spark, backend } = openInProcess();

type Rows = DataFrame<Record<string, unknown>>;
const scanned = (): Rows => spark.read.parquet(FILE) as unknown as Rows;
/** A limit takes all columns as they are, before anything that stands above it. */
const read = (): Rows => scanned().limit(1_000_000) as unknown as Rows;

async function answer(rows: Rows): Promise<unknown> {
  try {
    return (await rows.collect()).map((row) => Object.values(row).map(String));
  } catch (thrown) {
    return (thrown as { condition?: string }).condition ?? thrown;
  }
}

async function same(query: (rows: Rows) => Rows): Promise<unknown> {
  const early = await answer(query(scanned()));
  const { skippedRows, inputRows } = backend.metrics;
  expect(early).toEqual(await answer(query(read())));
  return typeof early === 'string' ? early : { rows: (early as unknown[]).length, skipped: skippedRows, read: inputRows };
}

test.each([
  ['q = 7', 40],
  ["t = 'rail' AND q = 13 AND yes", 37],
  ['d IS NULL AND k % 17 = 0', 13],
  // Of 40 rows the second leaves 10: too many to be picked again.
  ['m = 5 AND b', 10, 40],
  ['k > 2399', 0],
  // In this order the second never sees the zero.
  ['q <> 0 AND 100 / q > 40', 80],
])('%s', async (condition, rows, left = rows) => {
  expect(await same((df) => df.where(expr(condition)))).toEqual({ rows, skipped: ROWS - left, read: left });
});

test('where most rows pass, all are read', async () => {
  expect(await same((df) => df.where(expr('q > 5')))).toEqual({ rows: 2160, skipped: 0, read: ROWS });
});

test('what a first condition cannot be asked, a second is not asked for it', async () => {
  expect(await same((df) => df.where(expr('100 / q > 40 AND k = 2399')))).toBe('DIVIDE_BY_ZERO');
  expect(await same((df) => df.select(expr('1 / q').as('r'), col('k'), col('s')).where(expr('r > 0.4 AND k < 9')))).toBe('DIVIDE_BY_ZERO');
});

test('functions of the user and random numbers are asked once a row, in order', async () => {
  let calls = 0;
  const odd = udf((k: number) => {
    calls++;
    return k % 2 === 1;
  }, 'boolean');
  await same((df) => df.where(expr('q = 7')).where(odd(col('k').cast('double'))));
  expect(calls).toBe(2 * 40);
  await same((df) => df.where(expr('q = 7')).withColumn('r', rand(3)).where(expr('r < 0.5')));
  await same((df) => df.where(rand(3).lt(0.01)).where(expr('q < 9')));
});

test.each(['inner', 'left', 'right', 'full', 'semi', 'anti'] as const)('%s join', async (how) => {
  const few = () =>
    spark.createDataFrame(
      [5, 77, 77, 2000, 9999].map((id, i) => ({ id, i })),
      'id bigint, i int',
    ) as unknown as Rows;
  const sorted = (df: Rows) => df.orderBy('k');
  await same((df) => sorted(df.where(expr('q < 50')).join(few(), col('k').eq(col('id')), how) as unknown as Rows));
  await same((df) =>
    (
      few().join(
        df.select('k', 's', 'l'),
        col('k')
          .eq(col('id'))
          .and(lit(1).lt(col('k'))),
        how,
      ) as unknown as Rows
    ).orderBy('i'),
  );
});

test('any conditions', async () => {
  const condition = fc.oneof(
    fc
      .tuple(fc.constantFrom('k', 'd', 'q', 'm', 'f', 'g', 'n'), fc.constantFrom('=', '<', '>='), fc.nat(40))
      .map(([c, op, v]) => `${c} ${op} ${v}`),
    fc.tuple(fc.constantFrom('d', 'b', 's', 't', 'o', 'l', 'st'), fc.constantFrom('IS NULL', 'IS NOT NULL')).map(([c, is]) => `${c} ${is}`),
    fc.constantFrom(
      'yes',
      'NOT b',
      "t IN ('air', 'ship')",
      "w > 'rail'",
      "u LIKE '%99'",
      '1 / q > 0.1',
      "day < DATE'1995-03-01'",
      'st.a < 30',
      'size(l) = 2',
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(condition, { minLength: 1, maxLength: 4 }), async (all) => {
      await same((df) => df.where(expr(all.join(' AND '))));
    }),
    { numRuns: 25 },
  );
});
