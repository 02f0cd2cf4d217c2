/** Joins from the public API down to rows, by every strategy: the same rows, the columns of USING in Spark's order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataFrame } from '../../../src/frontend/api/dataframe.js';
import type { JoinType } from '../../../src/frontend/plan/logical.js';
import { broadcast, col, count, lit } from '../../../src/index.js';
import { openInProcess } from './in-process.js';
import { joinRows, sortedText } from './join-oracle.js';
import type { Row } from './task.js';

const STRATEGIES = ['auto', 'broadcast', 'shuffle_hash', 'merge'] as const;
const HOWS: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti'];

/** So that nothing is broadcast for its size alone, and rows are in several partitions. */
const CONFIG = { 'broadcast.threshold': '0', 'shuffle.partitions': '3' };

type AnyFrame = DataFrame<Record<string, unknown>>;

async function rowsOf(frame: AnyFrame): Promise<Row[]> {
  const names = await frame.columns();
  return (await frame.collect()).map((row) => names.map((name) => row[name] as Row[number]));
}

const sides = (config: Readonly<Record<string, string>>, left: readonly Row[], right: readonly Row[]) => {
  const { spark, backend } = openInProcess(config);
  const frame = (rows: readonly Row[], names: readonly [string, string]): AnyFrame =>
    spark
      .createDataFrame(
        rows.map(([a, b]) => ({ [names[0]]: a, [names[1]]: b })),
        `${names[0]} int, ${names[1]} string`,
      )
      .repartition(2) as unknown as AnyFrame;
  return { left: frame(left, ['id', 'name']), right: frame(right, ['key', 'city']), backend };
};

describe.each(STRATEGIES)('join.strategy %s', (strategy) => {
  test('gives the rows of nested loops', async () => {
    const row = fc.tuple(fc.option(fc.integer({ min: 0, max: 5 }), { nil: null, freq: 6 }), fc.constantFrom('a', 'b', 'c'));
    const rows = fc.array(row, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.constantFrom(...HOWS), fc.boolean(), async (l, r, how, nullSafe) => {
        const { left, right } = sides({ ...CONFIG, 'join.strategy': strategy }, l, r);
        const on = nullSafe ? col('id').eqNullSafe(col('key')) : col('id').eq(col('key'));
        const joined = left.join(right, on, how) as unknown as AnyFrame;
        const expected = joinRows(l, r, 2, 2, { how, keys: [{ left: 0, right: 0, nullSafe }], condition: null });
        expect(sortedText(await rowsOf(joined))).toEqual(sortedText(expected));
      }),
      { numRuns: 20 },
    );
  });
});

const people: Row[] = [
  [1, 'Ada'],
  [2, 'Bob'],
  [null, 'Eve'],
];
const cities: Row[] = [
  [2, 'Rome'],
  [3, 'Oslo'],
  [null, 'Bonn'],
];

describe.each(STRATEGIES)('USING under join.strategy %s', (strategy) => {
  const EXPECTED: Readonly<Record<string, { readonly columns: readonly string[]; readonly rows: readonly Row[] }>> = {
    inner: { columns: ['id', 'name', 'city'], rows: [[2, 'Bob', 'Rome']] },
    left: {
      columns: ['id', 'name', 'city'],
      rows: [
        [1, 'Ada', null],
        [2, 'Bob', 'Rome'],
        [null, 'Eve', null],
      ],
    },
    right: {
      columns: ['id', 'name', 'city'],
      rows: [
        [2, 'Bob', 'Rome'],
        [3, null, 'Oslo'],
        [null, null, 'Bonn'],
      ],
    },
    full: {
      columns: ['id', 'name', 'city'],
      rows: [
        [1, 'Ada', null],
        [2, 'Bob', 'Rome'],
        [null, 'Eve', null],
        [3, null, 'Oslo'],
        [null, null, 'Bonn'],
      ],
    },
    semi: { columns: ['id', 'name'], rows: [[2, 'Bob']] },
    anti: {
      columns: ['id', 'name'],
      rows: [
        [1, 'Ada'],
        [null, 'Eve'],
      ],
    },
  };

  test.each(Object.keys(EXPECTED) as JoinType[])('%s', async (how) => {
    const { left, right } = sides({ ...CONFIG, 'join.strategy': strategy }, people, cities);
    const joined = left.join(right.withColumnRenamed('key', 'id') as unknown as AnyFrame, 'id', how) as unknown as AnyFrame;
    expect(await joined.columns()).toEqual(EXPECTED[how].columns);
    expect(sortedText(await rowsOf(joined))).toEqual(sortedText(EXPECTED[how].rows));
  });
});

describe('conditions without an equality', () => {
  test.each(HOWS)('%s', async (how) => {
    const { left, right } = sides(CONFIG, people, cities);
    const joined = left.join(right, col('id').lt(col('key')), how) as unknown as AnyFrame;
    const isLess = (l: Row, r: Row): boolean => l[0] !== null && r[0] !== null && (l[0] as number) < (r[0] as number);
    expect(sortedText(await rowsOf(joined))).toEqual(sortedText(joinRows(people, cities, 2, 2, { how, keys: [], condition: isLess })));
  });
});

test('hints choose the operator', async () => {
  const { left, right, backend } = sides(CONFIG, people, cities);
  const text = (side: AnyFrame, how: JoinType = 'inner'): Promise<string> =>
    backend.explain(left.join(side, col('id').eq(col('key')), how).plan);
  expect(await text(broadcast(right))).toContain('Exchange broadcast');
  expect(await text(right.hint('merge'), 'full')).toContain('MergeJoin full, keys: [id = key]');
  expect(await text(right.hint('SHUFFLE_HASH'))).toContain('HashJoin inner, build right');
  expect(await text(right.hint('nonsense'))).toContain('Exchange hash(key) to 3');
});

test('several joins and a grouping by one key exchange each table once', async () => {
  const { left, right, backend } = sides(CONFIG, people, cities);
  const grouped = right.groupBy('key').agg(count().as('n')) as unknown as AnyFrame;
  const joined = left.join(grouped, col('id').eq(col('key'))) as unknown as AnyFrame;
  const rows = await rowsOf(joined.groupBy('id').agg(count().as('groups')) as unknown as AnyFrame);
  expect(rows).toEqual([[2, 1n]]);
  const hashes = backend.graph.stages.filter(({ output }) => output.kind === 'shuffle' && output.partitioning.kind === 'hash');
  expect(hashes).toHaveLength(2);
});

test('the order of joins follows the rows, the columns stay as written', async () => {
  const { spark } = openInProcess({ 'broadcast.threshold': '0' });
  const many = spark.range(0, 20_000).select(col('id').as('a'), col('id').mod(lit(10)).as('b')) as unknown as AnyFrame;
  const middle = spark.range(0, 5_000).select(col('id').as('c')) as unknown as AnyFrame;
  const few = spark.range(0, 3).select(col('id').as('d')) as unknown as AnyFrame;
  const joined = many.join(middle, col('a').eq(col('c'))).join(few as never, col('b').eq(col('d'))) as unknown as AnyFrame;
  expect(await joined.columns()).toEqual(['a', 'b', 'c', 'd']);
  expect(await joined.count()).toBe(1500);
});

test('an ambiguous name says what to write instead', async () => {
  const { left, right } = sides(CONFIG, people, cities);
  const twice = right.withColumnRenamed('key', 'id') as unknown as AnyFrame;
  const joined = left.alias('l').join(twice.alias('r'), col('l.id').eq(col('r.id'))) as unknown as AnyFrame;
  await expect(joined.select('id' as never).collect()).rejects.toMatchObject({
    condition: 'AMBIGUOUS_REFERENCE',
    hint: 'Write l.id or r.id',
  });
});
