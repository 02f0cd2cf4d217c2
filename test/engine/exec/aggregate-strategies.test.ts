/** Hash or sort, combined before the shuffle or not, in memory or spilled: the same answers of every aggregate function. */
import { describe, expect, test } from 'vitest';
import { findFunction, functionNames } from '../../../src/frontend/functions/registry.js';
import { type Column, col, count, expr, type Session, udaf } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

/** Calls of every aggregate function but those that are only tried by name below. */
const CALLS: readonly string[] = [
  'any_value(k)',
  'approx_count_distinct(w)',
  'approx_percentile(x, 0.5)',
  'avg(d)',
  'avg(n)',
  'bit_and(n)',
  'hex(bitmap_construct_agg(abs(n % 100)))',
  'hex(bitmap_or_agg(CAST(w AS BINARY)))',
  'hex(bitmap_and_agg(CAST(w AS BINARY)))',
  'max_by(n, n, 3)',
  'bit_or(n)',
  'bit_xor(n)',
  "bool_and(w <> 'q')",
  "bool_or(w = 'b')",
  'collect_list(n)',
  'sort_array(collect_set(w))',
  'collect_frequent_items(w, 8)',
  'corr(x, n)',
  'count(1)',
  'count(DISTINCT w, n % 3)',
  'count(x)',
  "count_if(w = 'a')",
  'covar_pop(x, n)',
  'covar_samp(x, n)',
  'first(w)',
  'first(x, true)',
  'histogram_numeric(n, 4)',
  'kurtosis(n)',
  'last(w)',
  "listagg(w, ',')",
  'max(w)',
  'max(x)',
  'max_by(w, n)',
  'median(n)',
  'min(d)',
  'min(w)',
  'min_by(w, n)',
  'mode(w)',
  'percentile(n, 0.25)',
  'percentile_cont(0.5) WITHIN GROUP (ORDER BY n)',
  'percentile_disc(0.5) WITHIN GROUP (ORDER BY n)',
  'product(n % 3 + 1)',
  'regr_avgx(x, n)',
  'regr_avgy(x, n)',
  'regr_count(x, n)',
  'regr_intercept(n, n + 1)',
  'regr_r2(n, n + 1)',
  'regr_slope(n, n + 1)',
  'regr_sxx(n, n + 1)',
  'regr_sxy(n, n + 1)',
  'regr_syy(n, n + 1)',
  'skewness(n)',
  'stddev_pop(n)',
  'stddev_samp(n)',
  'sum(d)',
  'sum(n)',
  'sum(DISTINCT n % 5)',
  "sum(n) FILTER (WHERE w = 'a')",
  'try_avg(n)',
  'try_sum(n)',
  'var_pop(n)',
  'var_samp(n)',
];

const spread = udaf(
  {
    init: () => ({ low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY }),
    update: (state: { low: number; high: number }, n: bigint) => ({
      low: Math.min(state.low, Number(n)),
      high: Math.max(state.high, Number(n)),
    }),
    merge: (a, b) => ({ low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) }),
    finish: ({ low, high }) => high - low,
  },
  'double',
);

const NUMBERS = [0, -0, 1.5, Number.NaN, null, -2.25, Number.POSITIVE_INFINITY];
const ROWS = Array.from({ length: 160 }, (_, i) => ({
  k: i % 7 === 6 ? null : `key ${i % 5}`,
  x: NUMBERS[i % 7],
  n: BigInt((i * 37) % 101),
  d: i % 11 === 0 ? null : `${i % 13}.${(i % 9) + 10}`,
  w: 'abc'[(i * 5) % 3],
}));

const table = (spark: Session) => spark.createDataFrame(ROWS, 'k string, x double, n bigint, d decimal(20,2), w string').repartition(4);

const STRATEGIES: readonly Readonly<Record<string, string>>[] = [
  { 'shuffle.combine': 'false' },
  { 'shuffle.combine': 'false', 'aggregate.strategy': 'sort' },
  { 'aggregate.strategy': 'sort', 'batch.rows': '7' },
];

const sessions = STRATEGIES.map((conf) => [JSON.stringify(conf), openInProcess({ 'shuffle.partitions': '3', ...conf })] as const);
const plain = openInProcess({ 'shuffle.partitions': '3' });

/** Sums of doubles depend on the order of their addends, which partial aggregation changes. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : Number(value.toPrecision(10));
  if (Array.isArray(value)) return value.map(rounded);
  return value;
}

async function rowsBy(spark: Session, keys: readonly Column[], calls: readonly [Column, ...Column[]]): Promise<string[]> {
  const rows = await table(spark)
    .groupBy(...keys)
    .agg(...calls)
    .collect();
  return rows
    .map((row) =>
      Object.values(row)
        .map((value) => String(rounded(value)))
        .join(' | '),
    )
    .sort();
}

test('every aggregate function is called here', () => {
  const called = new Set(CALLS.flatMap((text) => [...text.matchAll(/\b(\w+)\(/g)].map(([, name]) => findFunction(name)?.name)));
  const isOwn = (name: string) => name === 'udaf' || /^grouping/.test(name);
  const aggregates = functionNames().flatMap((name) => {
    const definition = findFunction(name);
    return definition?.kind === 'aggregate' && !isOwn(definition.name) ? [definition.name] : [];
  });
  expect([...new Set(aggregates)].filter((name) => !called.has(name))).toEqual([]);
});

describe.each(sessions)('%s', (conf, { spark, backend }) => {
  test.each([
    ['a string with nulls', [col('k')]],
    ['doubles with NaN, -0 and null', [col('x')]],
    ['two columns', [col('w'), col('x')]],
    ['decimals', [col('d')]],
    ['a computed key', [expr('n % 4').as('m')]],
    ['a struct', [expr('struct(w, x)').as('s')]],
  ])('groups by %s', async (_name, keys) => {
    const calls: [Column, ...Column[]] = [count(), expr('sum(n)'), expr('count(DISTINCT w)'), expr('min(d)')];
    expect(await rowsBy(spark, keys, calls)).toEqual(await rowsBy(plain.spark, keys, calls));
  });

  test('every function, by key and over all rows', async () => {
    // A DISTINCT argument has all of them exchanged first: so those are apart.
    const [distinct, others] = [CALLS.filter((text) => text.includes('DISTINCT')), CALLS.filter((text) => !text.includes('DISTINCT'))];
    for (const texts of [distinct, others]) {
      const calls: [Column, ...Column[]] = [spread('n'), ...texts.map((text) => expr(text))];
      for (const keys of [[col('k')], []]) expect(await rowsBy(spark, keys, calls)).toEqual(await rowsBy(plain.spark, keys, calls));
    }
  });

  test('of no rows, and of keys alone', async () => {
    const none = table(spark).where('n < 0');
    expect(await none.groupBy('k').agg(count()).collect()).toEqual([]);
    expect(await none.agg(count().as('n'), expr('sum(n)').as('s')).collect()).toEqual([{ n: 0n, s: null }]);
    expect((await table(spark).select('w').distinct().collect()).length).toBe(3);
    expect(await table(spark).count()).toBe(160);
  });

  test('rollup and pivot', async () => {
    const of = (session: Session) =>
      table(session).rollup('w', 'k').agg(count().as('n'), expr('sum(d)').as('s')).orderBy('w', 'k', 'n').collect();
    expect(await of(spark)).toEqual(await of(plain.spark));
    const pivoted = (session: Session) => table(session).groupBy('k').pivot('w', ['a', 'b']).agg(expr('sum(n)')).orderBy('k').collect();
    expect(await pivoted(spark)).toEqual(await pivoted(plain.spark));
  });

  test('a key that chance makes is drawn once a row', async () => {
    const rows = await table(spark).groupBy(expr('CAST(rand(5) * 4 AS INT)').as('r')).agg(count().as('n')).orderBy('r').collect();
    expect(rows.map(({ r }) => r)).toEqual([0, 1, 2, 3]);
    expect(rows.reduce((sum, { n }) => sum + n, 0n)).toBe(160n);
  });

  test('more groups and rows than the budget holds', async () => {
    const config = Object.fromEntries(Object.entries(JSON.parse(conf)).filter(([name]) => name !== 'batch.rows')) as Record<string, string>;
    const small = openInProcess({ 'shuffle.partitions': '2', memory: '1m', ...config });
    const rows = await small.spark
      .range(60_000)
      .repartition(3)
      .groupBy(expr('id % 20000').as('k'))
      .agg(count().as('n'), expr('sum(id)').as('s'), expr('max(CAST(id AS STRING))').as('t'))
      .collect();
    expect(rows.length).toBe(20_000);
    expect(rows.every(({ k, n, s }) => n === 3n && s === 3n * (k as bigint) + 60_000n)).toBe(true);
    expect(small.backend.metrics.spilledBytes).toBeGreaterThan(0);
  });

  test('explain tells', async () => {
    const text = await backend.explain(table(spark).groupBy('k').agg(count()).plan);
    expect(text.includes('SortAggregate')).toBe(conf.includes('sort'));
    expect(text.includes('partial')).toBe(!conf.includes('combine'));
  });
});

test('without combining, all rows travel, with no more columns than are read', async () => {
  const raw = openInProcess({ 'shuffle.partitions': '2', 'shuffle.combine': 'false' });
  const query = raw.spark.range(1000).select('id', expr('id % 3 AS k'), expr('id * 2 AS unused')).groupBy('k').agg(expr('sum(id)').as('s'));
  expect((await query.collect()).length).toBe(3);
  expect(raw.backend.metrics.shuffleWriteRows).toBe(1000);
  const text = await raw.backend.explain(query.plan);
  expect(text).not.toContain('unused');
  expect(text.split('\n')[1]).toBe('+- Exchange hash(k) to 2');
  expect(await raw.spark.range(1000).count()).toBe(1000);
});

test('the functional API without combining', async () => {
  const raw = openInProcess({ 'shuffle.partitions': '2', 'shuffle.combine': 'false' });
  const rows = await raw.spark
    .parallelize(
      Array.from({ length: 60 }, (_, i): [number, number] => [i % 2, 1]),
      3,
    )
    .reduceByKey((x, y) => x + y)
    .collect();
  expect(rows.sort()).toEqual([
    [0, 30],
    [1, 30],
  ]);
  expect(raw.backend.metrics.shuffleWriteRows).toBe(60);
});
