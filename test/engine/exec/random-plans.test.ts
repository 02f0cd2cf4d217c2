/** Plans of a few operators over small tables: optimised or not, whatever the partitions and the memory, the same rows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  array,
  avg,
  type Column,
  col,
  collectSet,
  count,
  countDistinct,
  type DataFrame,
  explode,
  explodeOuter,
  lit,
  max,
  min,
  posexplode,
  type Session,
  split,
  sum,
  when,
} from '../../../src/index.js';
import { openInProcess } from './in-process.js';

/** As written and optimised; broadcast and shuffled joins; batches so small that every operator sees several. */
const CONFIGS = [
  { 'shuffle.partitions': '1', memory: '256m', 'broadcast.threshold': '10m' },
  { 'shuffle.partitions': '1', memory: '1m', 'broadcast.threshold': '0' },
  { 'shuffle.partitions': '3', memory: '256m', 'broadcast.threshold': '0' },
  { 'shuffle.partitions': '3', memory: '1m', 'broadcast.threshold': '10m' },
].map((config) => ({ ...config, 'batch.rows': '3' }));

/** Every operator gives the columns back: k bigint, s string, x double, d decimal(20,2). */
const DDL = 'k bigint, s string, x double, d decimal(20,2)';
const COLUMNS = ['k', 's', 'x', 'd'] as const;
type Frame = DataFrame<{ k: unknown; s: unknown; x: unknown; d: unknown }>;

const key = fc.constantFrom(null, 0n, 1n, -1n, 2n, 9007199254740993n);
const text = fc.constantFrom(null, '', 'a', 'a,b', ',', 'b', 'ä');
const double = fc.constantFrom(null, 0, -0, Number.NaN, 1.5, -1.5, Number.POSITIVE_INFINITY);
const decimal = fc.constantFrom(null, '0.00', '1.25', '-1.25', '123456789012345678.99');
const table = fc.array(fc.tuple(key, text, double, decimal), { maxLength: 8 });
type Table = readonly (readonly [bigint | null, string | null, number | null, string | null])[];

type Step =
  | { readonly op: 'filter'; readonly by: (typeof COLUMNS)[number]; readonly not: boolean }
  | { readonly op: 'compute' | 'explode' | 'explodeOuter' | 'posexplode' | 'distinct' | 'repartition' | 'coalesce' | 'sort' | 'top' }
  | { readonly op: 'group'; readonly by: (typeof COLUMNS)[number]; readonly distinct: boolean }
  | { readonly op: 'union'; readonly table: Table }
  | {
      readonly op: 'join';
      readonly table: Table;
      readonly how: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';
      readonly by: 'k' | 's' | 'x' | 'd' | '<';
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constant('filter' as const), by: fc.constantFrom(...COLUMNS), not: fc.boolean() }),
  fc.record({
    op: fc.constantFrom('compute', 'explode', 'explodeOuter', 'posexplode', 'distinct', 'repartition', 'coalesce', 'sort', 'top'),
  }),
  fc.record({ op: fc.constant('group' as const), by: fc.constantFrom(...COLUMNS), distinct: fc.boolean() }),
  fc.record({ op: fc.constant('union' as const), table }),
  fc.record({
    op: fc.constant('join' as const),
    table,
    how: fc.constantFrom('inner', 'left', 'right', 'full', 'semi', 'anti'),
    by: fc.constantFrom('k', 's', 'x', 'd', '<'),
  }),
) as fc.Arbitrary<Step>;

const frame = (spark: Session, rows: Table, partitions: number): Frame => {
  const df = spark.createDataFrame(rows, DDL);
  return (partitions > 1 ? df.repartition(partitions) : df) as unknown as Frame;
};

const TESTS = { k: () => col('k').gt(0), s: () => col('s').like('%a%'), x: () => col('x').le(1.5), d: () => col('d').ne(lit(0)) };

function apply(spark: Session, df: Frame, s: Step): Frame {
  switch (s.op) {
    case 'filter':
      return df.where(s.not ? TESTS[s.by]().not() : TESTS[s.by]());
    case 'compute':
      return df.select(
        when(col('k').isNull(), lit(7n)).otherwise(col('k').mod(5)).as('k'),
        'd',
        col('x').times(2).as('x'),
        when(col('s').eq(''), lit(null)).otherwise(col('s')).as('s'),
      ) as unknown as Frame;
    case 'explode':
      return df.select('k', explode(split(col('s'), ',')).as('s'), 'x', 'd') as unknown as Frame;
    case 'explodeOuter':
      return df.select('k', explodeOuter(split(col('s'), ',')).as('s'), 'x', 'd') as unknown as Frame;
    case 'posexplode':
      return df
        .select('s', 'd', 'x', posexplode(array(col('k'), lit(3n))))
        .select(col('col').plus(col('pos')).as('k'), 's', 'x', 'd') as unknown as Frame;
    case 'distinct':
      return df.distinct();
    case 'repartition':
      return df.repartition(2, 's');
    case 'coalesce':
      return df.coalesce(2);
    case 'sort':
      return df.orderBy(col('x').desc(), 's');
    case 'top':
      return df.orderBy(...COLUMNS).limit(3);
    case 'group':
      return df
        .groupBy(s.by)
        .agg(
          (s.distinct ? countDistinct(col('s'), col('k')) : count(col('s'))).as('n'),
          min('s').as('low'),
          max('x').as('high'),
          sum('d').as('total'),
          avg(col('k').mod(3)).as('mean'),
          collectSet('k').as('keys'),
        )
        .select(
          col('n').as('k'),
          (s.by === 's' ? col('s') : col('low')).as('s'),
          when(col('mean').isNull(), col('high')).otherwise(col('mean')).as('x'),
          col('total').cast('decimal(20,2)').as('d'),
        ) as unknown as Frame;
    case 'union':
      return df.select(...COLUMNS).union(frame(spark, s.table, 1)) as unknown as Frame;
    case 'join': {
      const right = frame(spark, s.table, 1).select(...COLUMNS.map((c) => col(c).as(`r${c}`)));
      const on =
        s.by === '<'
          ? col('k').lt(col('rk'))
          : col(s.by)
              .eq(col(`r${s.by}`))
              .and(col('rk').isNull().or(col('rk').ne(2)));
      const joined = df.join(right as never, on as Column, s.how) as unknown as Frame;
      if (s.how === 'semi' || s.how === 'anti') return joined;
      return joined.select(
        'k',
        when(col<string>('rs').isNull(), col('s')).otherwise(col<string>('rs')).as('s'),
        col<string>('rx').as('x'),
        col('d'),
      ) as unknown as Frame;
    }
    default:
      return s satisfies never;
  }
}

const rowText = (row: Record<string, unknown>): string => COLUMNS.map((c) => (Object.is(row[c], -0) ? '0' : String(row[c]))).join(' | ');

test('random plans', async () => {
  const check = async (rows: Table, steps: readonly Step[], partitions: number): Promise<void> => {
    let expected: { readonly text: string; readonly config: unknown } | null = null;
    for (const config of CONFIGS) {
      const { spark } = openInProcess(config, expected !== null);
      let df = frame(spark, rows, partitions);
      for (const s of steps) df = apply(spark, df, s);
      const text = ((await df.select(...COLUMNS).collect()) as Record<string, unknown>[]).map(rowText).sort().join('\n');
      expected ??= { text, config };
      expect({ text, config }).toEqual({ text: expected.text, config });
    }
  };
  await fc.assert(fc.asyncProperty(table, fc.array(step, { minLength: 2, maxLength: 4 }), fc.constantFrom(1, 3), check), {
    numRuns: Number(process.env['RUNS'] ?? 30),
  });
}, 120_000);
