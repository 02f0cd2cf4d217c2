/** Which operators and exchanges a plan becomes: join sides, broadcasts, partition counts, top-N. */
import { describe, expect, test } from 'vitest';
import { Config } from '../../../src/core/config.js';
import { columnOf } from '../../../src/data/builder.js';
import { INT64 } from '../../../src/data/types.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import type { JoinType, Plan } from '../../../src/frontend/plan/logical.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { optimize } from '../../../src/planner/optimizer/optimize.js';
import { type PhysicalPlan, planPhysical } from '../../../src/planner/physical/plan.js';
import { physicalText } from '../../../src/planner/physical/plan-text.js';
import { call, col, group, limit, lit, select, sort } from '../analyzer/plans.js';

interface Options {
  readonly slots?: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** `table` of `mega` MiB in files of 8 MiB each, columns `<name>_id` and `<name>_x`. */
const table = (name: string, mega: number): Plan => ({
  kind: 'read',
  format: 'csv',
  paths: [`${name}/${mega}`],
  schema: { fields: [`${name}_id`, `${name}_x`].map((column) => ({ name: column, type: INT64, nullable: true })) },
  options: {},
  site: null,
});

async function planned(plan: Plan, { slots = 4, config: entries = {} }: Options = {}): Promise<PhysicalPlan> {
  const config = Config.from(entries);
  const analyzed = await analyze(plan, {
    config,
    resolveScan: async ({ paths, format, schema }) => {
      const mega = Number(paths[0].split('/')[1]);
      const files = Array.from({ length: Math.ceil(mega / 8) }, (_, i) => ({
        uri: `file:///${paths[0]}/${i}`,
        bytes: Math.min(8, mega) << 20,
        values: [],
      }));
      return {
        scan: { format, options: {}, files, fileSchema: schema!, partitionSchema: { fields: [] } },
        rows: null,
        columns: schema!.fields,
      };
    },
  });
  return planPhysical(optimize(analyzed), { config, slots, query: 'q' });
}

/** Without the columns of scans and reads. */
const textOf = async (plan: Plan, options?: Options): Promise<string[]> =>
  physicalText((await planned(plan, options)).root)
    .split('\n')
    .map((line) => line.replace(/Scan csv \[(\w)_.*/, 'Scan $1'));

const join = (left: Plan, right: Plan, how: JoinType, on: Expr | null = call('=', col('a_id'), col('b_id'))): Plan => ({
  kind: 'join',
  left,
  right,
  how,
  on,
  site: null,
});

describe('joins', () => {
  test('a small right side is broadcast', async () => {
    expect(await textOf(join(table('a', 64), table('b', 8), 'left'))).toEqual([
      'HashJoin left, build right, keys: [a_id = b_id]',
      ':- Scan a',
      '+- Exchange broadcast',
      '   +- Scan b',
    ]);
  });

  test('an inner join builds the smaller side, wherever it stands', async () => {
    expect(await textOf(join(table('a', 8), table('b', 64), 'inner'))).toEqual([
      'HashJoin inner, build left, keys: [a_id = b_id]',
      ':- Exchange broadcast',
      ':  +- Scan a',
      '+- Scan b',
    ]);
    expect((await textOf(join(table('a', 8), table('b', 64), 'left')))[0]).toBe('HashJoin left, build right, keys: [a_id = b_id]');
  });

  test('two large sides are exchanged by key', async () => {
    expect(await textOf(join(table('a', 64), table('b', 64), 'semi'), { config: { 'shuffle.partitions': '5' } })).toEqual([
      'HashJoin semi, build right, keys: [a_id = b_id]',
      ':- Exchange hash(a_id) to 5',
      ':  +- Scan a',
      '+- Exchange hash(b_id) to 5',
      '   +- Scan b',
    ]);
  });

  test('threshold 0 broadcasts nothing that has a key; without one there is no other way', async () => {
    const config = { 'broadcast.threshold': '0', 'shuffle.partitions': '2' };
    expect((await textOf(join(table('a', 64), table('b', 40), 'inner'), { config }))[1]).toBe(':- Exchange hash(a_id) to 2');
    expect(await textOf(join(table('a', 64), table('b', 40), 'cross', null), { config })).toEqual([
      'HashJoin cross, build right, keys: []',
      ':- Scan a',
      '+- Exchange broadcast',
      '   +- Scan b',
    ]);
  });

  test('two sides of one partition stay where they are', async () => {
    expect(await textOf(join(table('a', 4), table('b', 4), 'inner'))).toEqual([
      'HashJoin inner, build right, keys: [a_id = b_id]',
      ':- Scan a',
      '+- Scan b',
    ]);
  });

  test('right joins are left ones of the sides exchanged, with the columns in their order', async () => {
    expect(await textOf(join(table('a', 8), table('b', 64), 'right'))).toEqual([
      'Project [a_id, a_x, b_id, b_x]',
      '+- HashJoin left, build right, keys: [b_id = a_id]',
      '   :- Scan b',
      '   +- Exchange broadcast',
      '      +- Scan a',
    ]);
  });

  test('full joins are a left join and what is left of the right', async () => {
    expect(await textOf(join(table('a', 64), table('b', 8), 'full'), { config: { 'shuffle.partitions': '2' } })).toEqual([
      'Union',
      ':- HashJoin left, build right, keys: [a_id = b_id]',
      ':  :- Scan a',
      ':  +- Exchange broadcast',
      ':     +- Scan b',
      '+- Project [NULL AS a_id, NULL AS a_x, b_id, b_x]',
      '   +- HashJoin anti, build right, keys: [b_id = a_id]',
      '      :- Exchange hash(b_id) to 2',
      '      :  +- Scan b',
      '      +- Exchange hash(a_id) to 2',
      '         +- Scan a',
    ]);
  });

  test('equalities of the two sides are keys, whichever way they stand; the rest is a condition over both', async () => {
    const on = [call('=', call('+', col('b_x'), lit(1)), col('a_x')), call('<', col('a_id'), col('b_x'))].reduce((all, next) =>
      call('and', all, next),
    );
    const [first] = await textOf(join(table('a', 64), table('b', 8), 'left', on));
    expect(first).toBe('HashJoin left, build right, keys: [a_x = (b_x + 1)], condition: (a_id < b_x)');
  });

  test('a null-safe equality is no key: its nulls would be lost', async () => {
    const [first] = await textOf(join(table('a', 64), table('b', 8), 'inner', call('<=>', col('a_id'), col('b_id'))));
    expect(first).toBe('HashJoin inner, build right, keys: [], condition: (a_id <=> b_id)');
  });
});

describe('aggregates', () => {
  const count: Expr = { kind: 'alias', name: 'n', child: call('count', lit(1)) };
  const distinct: Expr = {
    kind: 'alias',
    name: 'n',
    child: { ...(call('count', col('a_x')) as Extract<Expr, { kind: 'call' }>), distinct: true },
  };

  test('partial, by key, final', async () => {
    expect(await textOf(group(table('a', 64), [col('a_id')], count), { config: { 'shuffle.partitions': '3' } })).toEqual([
      'HashAggregate final, keys: [a_id], aggregates: [count() AS n]',
      '+- Exchange hash(a_id) to 3',
      '   +- HashAggregate partial, keys: [a_id], aggregates: [count(1) AS n]',
      '      +- Scan a',
    ]);
  });

  test('at once: of one partition, and where an argument is DISTINCT', async () => {
    expect(await textOf(group(table('a', 4), [col('a_id')], count))).toEqual([
      'HashAggregate complete, keys: [a_id], aggregates: [count(1) AS n]',
      '+- Scan a',
    ]);
    expect((await textOf(group(table('a', 64), [], distinct))).slice(0, 2)).toEqual([
      'HashAggregate complete, keys: [], aggregates: [count(DISTINCT a_x) AS n]',
      '+- Exchange single',
    ]);
  });
});

describe('sorts and limits', () => {
  test('a global sort is by range, or in one partition', async () => {
    const plan = sort(table('a', 64), col('a_id'));
    expect((await textOf(plan, { config: { 'shuffle.partitions': '3' } }))[1]).toBe('+- Exchange range(a_id ASC NULLS FIRST) to 3');
    expect((await textOf(plan, { config: { 'shuffle.partitions': '1' } }))[1]).toBe('+- Exchange single');
    expect(await textOf(sort(table('a', 4), col('a_id')))).toEqual(['Sort [a_id ASC NULLS FIRST]', '+- Scan a']);
  });

  test('a limit on a sort is a top-N before and after the exchange, also below a project', async () => {
    const top = [
      'Limit 2 offset 3',
      '+- TopN 5 [a_id ASC NULLS FIRST]',
      '   +- Exchange single',
      '      +- TopN 5 [a_id ASC NULLS FIRST]',
      '         +- Scan a',
    ];
    expect(await textOf(limit(sort(table('a', 64), col('a_id')), 2, 3))).toEqual(top);
    const projected = await textOf(limit(select(sort(table('a', 64), col('a_id')), call('+', col('a_x'), lit(1))), 2, 3));
    expect(projected.slice(1)).toEqual(top.map((line, i) => (i === 0 ? `+- ${line}` : `   ${line}`)));
  });

  test('too many rows for one task are sorted by range first', async () => {
    expect(
      (await textOf(limit(sort(table('a', 64), col('a_id')), 2_000_000), { config: { 'shuffle.partitions': '2' } })).slice(0, 5),
    ).toEqual([
      'Limit 2000000',
      '+- Exchange single',
      '   +- Limit 2000000',
      '      +- Sort [a_id ASC NULLS FIRST]',
      '         +- Exchange range(a_id ASC NULLS FIRST) to 2',
    ]);
  });
});

describe('partitions', () => {
  const reducers = async (mega: number, options: Options = {}): Promise<string | undefined> =>
    (await textOf({ kind: 'repartition', child: table('a', mega), partitions: null, exprs: [col('a_id')], site: null }, options))[0];

  test('reduce partitions: one for small inputs, else by size and slots, else as configured', async () => {
    expect(await reducers(4)).toBe('Exchange hash(a_id) to 1');
    expect(await reducers(64)).toBe('Exchange hash(a_id) to 4');
    expect(await reducers(1 << 10, { slots: 1 })).toBe('Exchange hash(a_id) to 8');
    expect(await reducers(64, { config: { 'shuffle.partitions': '7' } })).toBe('Exchange hash(a_id) to 7');
  });

  test('local rows and ranges are cut evenly, also into more parts than rows', async () => {
    const local: Plan = {
      kind: 'local',
      schema: { fields: [{ name: 'x', type: INT64, nullable: true }] },
      batch: { length: 2, columns: [columnOf(INT64, [1n, 2n])] },
      partitions: 3,
    };
    expect([...(await planned(local)).inputs.values()]).toEqual([[[rows(0, 0)], [rows(0, 1)], [rows(1, 2)]]]);
    const range: Plan = { kind: 'range', start: 5n, end: -5n, step: -3n, partitions: null };
    expect([...(await planned(range, { slots: 2 })).inputs.values()]).toEqual([[[rows(0, 2)], [rows(2, 4)]]]);
  });
  const rows = (from: number, to: number) => ({ kind: 'rows', from, to });
});
