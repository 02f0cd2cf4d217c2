/** Rows by estimate, of plans over tables whose rows and ranges are known. */
import { describe, expect, test } from 'vitest';
import { Config } from '../../../src/core/config.js';
import { DATE, INT64, STRING } from '../../../src/data/types.js';
import type { JoinType, Plan } from '../../../src/frontend/plan/logical.js';
import { resolvedPlanText } from '../../../src/frontend/plan/plan-text.js';
import type { ColumnRange } from '../../../src/frontend/plan/resolved.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { optimize } from '../../../src/planner/optimizer/optimize.js';
import { estimate, peakBytes } from '../../../src/planner/statistics/estimate.js';
import { call, col, filter, group, lit, select } from '../analyzer/plans.js';

interface Table {
  readonly rows: number;
  readonly ranges: Readonly<Record<string, ColumnRange>>;
}

/** A thousand customers with ten orders each, of a hundred days and five kinds. */
const TABLES: Readonly<Record<string, Table>> = {
  customers: { rows: 1000, ranges: { c_id: { min: 1, max: 1000 }, c_kind: { width: 6 } } },
  orders: { rows: 10_000, ranges: { o_id: { min: 1, max: 40_000 }, o_customer: { min: 1, max: 1000 }, o_day: { min: 0, max: 99 } } },
  lines: { rows: 50_000, ranges: { l_order: { min: 1, max: 40_000 }, l_part: { min: 1, max: 200 } } },
};

const TYPES = { c_kind: STRING, o_day: DATE };

const table = (name: string): Plan => ({
  kind: 'read',
  format: 'parquet',
  paths: [name],
  schema: {
    fields: Object.keys(TABLES[name].ranges).map((column) => ({
      name: column,
      type: TYPES[column as keyof typeof TYPES] ?? INT64,
      nullable: true,
    })),
  },
  options: {},
  site: null,
});

async function analyzed(plan: Plan) {
  return analyze(plan, {
    config: Config.empty,
    resolveScan: async ({ paths, format, schema }) => ({
      scan: { format, options: {}, files: [], fileSchema: schema!, partitionSchema: { fields: [] } },
      columns: schema!.fields,
      ...TABLES[paths[0]],
    }),
  });
}

const rows = async (plan: Plan): Promise<number> => Math.round(estimate(await analyzed(plan)).rows);

const join = (left: Plan, right: Plan, a: string, b: string, how: JoinType = 'inner'): Plan => ({
  kind: 'join',
  left,
  right,
  how,
  on: call('=', col(a), col(b)),
  site: null,
});

const day = (value: number): ReturnType<typeof lit> => ({ kind: 'literal', value, type: DATE });
const early = (plan: Plan): Plan => filter(plan, call('and', call('>=', col('o_day'), day(10)), call('<', col('o_day'), day(20))));

describe('rows', () => {
  test('of an interval, by its share of the range', async () => {
    expect(await rows(early(table('orders')))).toBe(1000);
  });

  test('of one value of many', async () => {
    expect(await rows(filter(table('orders'), call('=', col('o_customer'), lit(7n))))).toBe(10);
  });

  test('of a reference: as many as refer, less by what is filtered on the other side', async () => {
    expect(await rows(join(table('orders'), table('customers'), 'o_customer', 'c_id'))).toBe(10_000);
    expect(await rows(join(table('lines'), early(table('orders')), 'l_order', 'o_id'))).toBe(5000);
    expect(await rows(join(table('lines'), early(table('orders')), 'l_order', 'o_id', 'left'))).toBe(50_000);
    expect(await rows(join(table('lines'), early(table('orders')), 'l_order', 'o_id', 'semi'))).toBe(5000);
  });

  test('of groups: no more than values', async () => {
    expect(await rows(group(table('lines'), [col('l_part')], call('count', lit(1))))).toBe(200);
    expect(await rows(group(table('customers'), [], call('count', lit(1))))).toBe(1);
  });

  test('of groups by a key of its own for each row', async () => {
    expect(await rows(group(table('orders'), [col('o_id')], call('count', lit(1))))).toBe(10_000);
  });

  test('of groups whose count or sum is far from what groups have: few', async () => {
    const counted = group(table('orders'), [col('o_customer')], call('count', lit(1)));
    // Ten orders a customer: 20 is 3.2 deviations above, 5 is 1.6 below.
    expect(await rows(filter(counted, call('>', col('count(1)'), lit(20n))))).toBe(45);
    expect(await rows(filter(counted, call('<=', col('count(1)'), lit(20n))))).toBe(955);
    expect(await rows(filter(counted, call('<', lit(5n), col('count(1)'))))).toBe(857);
    const summed = group(table('lines'), [col('l_part')], call('sum', col('l_order')));
    expect(await rows(filter(summed, call('>', col('sum(l_order)'), lit(6_000_000n))))).toBe(12);
    const longest = group(table('customers'), [col('c_id')], call('max', col('c_id')));
    expect(await rows(filter(longest, call('>', col('max(c_id)'), lit(999n))))).toBe(333);
  });

  test('of groups by a key of which nothing is known: fewer than rows', async () => {
    expect(await rows(group(table('customers'), [col('c_kind')], call('count', lit(1))))).toBe(178);
    expect(await rows(group(table('orders'), [call('%', col('o_id'), lit(7n))], call('count', lit(1))))).toBe(1000);
  });
});

test('elements of a text take no more bytes than it, however many there are', async () => {
  const words = select(table('customers'), call('explode', call('split', col('c_kind'), lit(' '))));
  const plan = await analyzed(words);
  expect(estimate(plan).rows).toBe(3000);
  // A thousand rows of 8 and 6 bytes.
  expect(estimate(plan).bytes).toBeCloseTo(14_000);
  expect(peakBytes(plan)).toBeCloseTo(14_000);
});

test('crosses of crosses stay a number', async () => {
  let crossed: Plan = { kind: 'alias', child: table('lines'), name: 't0' };
  for (let i = 1; i < 80; i++) {
    const right: Plan = { kind: 'alias', child: table('lines'), name: `t${i}` };
    crossed = { kind: 'join', left: crossed, right, how: 'cross', on: null, site: null };
  }
  expect(await rows(crossed)).toBe(1e18);
  expect(peakBytes(await analyzed(crossed))).toBeLessThan(1e22);
});

test('joins are put in the order of the fewest rows', async () => {
  const all = join(join(table('lines'), table('orders'), 'l_order', 'o_id'), table('customers'), 'o_customer', 'c_id');
  const plan = optimize(await analyzed(filter(all, call('=', col('c_kind'), lit('new')))));
  // The orders of few customers, then their lines.
  const joins = resolvedPlanText(plan)
    .split('\n')
    .filter((line) => line.includes('Join'));
  expect(joins).toHaveLength(2);
  expect(joins[0]).toMatch(/o_id#\d+ = l_order#\d+|l_order#\d+ = o_id#\d+/);
  expect(joins[1]).toMatch(/o_customer#\d+ = c_id#\d+|c_id#\d+ = o_customer#\d+/);
});
