/** Which operators and exchanges a plan becomes: join sides, broadcasts, partition counts, top-N. */
import { describe, expect, test } from 'vitest';
import { Config } from '../../../src/core/config.js';
import { columnOf } from '../../../src/data/builder.js';
import { INT64 } from '../../../src/data/types.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import { type JoinType, NO_LIMIT, type Plan } from '../../../src/frontend/plan/logical.js';
import { parseExpression } from '../../../src/frontend/sql/parse-expression.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { optimize } from '../../../src/planner/optimizer/optimize.js';
import { type PhysicalPlan, planPhysical } from '../../../src/planner/physical/plan.js';
import { physicalText } from '../../../src/planner/physical/plan-text.js';
import { call, col, group, limit, lit, select, sort } from '../analyzer/plans.js';

interface Options {
  readonly slots?: number;
  readonly config?: Readonly<Record<string, string>>;
  readonly warn?: (text: string) => void;
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

async function planned(plan: Plan, { slots = 4, config: entries = {}, warn }: Options = {}): Promise<PhysicalPlan> {
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
  return planPhysical(optimize(analyzed), { config, slots, query: 'q', warn });
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
    // Whose rows are all kept cannot be broadcast; exchanged by key it can be built.
    expect((await textOf(join(table('a', 8), table('b', 64), 'left'))).slice(0, 2)).toEqual([
      'HashJoin left, build left, keys: [a_id = b_id]',
      ':- Exchange hash(a_id) to 4',
    ]);
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

  test('a right join may broadcast its left side', async () => {
    expect(await textOf(join(table('a', 8), table('b', 64), 'right'))).toEqual([
      'HashJoin right, build left, keys: [a_id = b_id]',
      ':- Exchange broadcast',
      ':  +- Scan a',
      '+- Scan b',
    ]);
  });

  test('a full join exchanges both sides, small as one may be', async () => {
    expect(await textOf(join(table('a', 64), table('b', 8), 'full'), { config: { 'shuffle.partitions': '2' } })).toEqual([
      'HashJoin full, build right, keys: [a_id = b_id]',
      ':- Exchange hash(a_id) to 2',
      ':  +- Scan a',
      '+- Exchange hash(b_id) to 2',
      '   +- Scan b',
    ]);
  });

  test('a full join without keys is one task', async () => {
    expect(await textOf(join(table('a', 64), table('b', 32), 'full', call('<', col('a_id'), col('b_id'))))).toEqual([
      'HashJoin full, build right, keys: [], condition: (a_id < b_id)',
      ':- Exchange single',
      ':  +- Scan a',
      '+- Exchange single',
      '   +- Scan b',
    ]);
  });

  test('equalities of the two sides are keys, whichever way they stand; the rest is a condition over both', async () => {
    const on = [call('=', call('+', col('b_x'), lit(1)), col('a_x')), call('<', col('a_id'), col('b_x'))].reduce((all, next) =>
      call('and', all, next),
    );
    const [first] = await textOf(join(table('a', 64), table('b', 8), 'left', on));
    expect(first).toBe('HashJoin left, build right, keys: [a_x = (b_x + 1)], condition: (a_id < b_x)');
  });

  test('a null-safe equality is a key that says so', async () => {
    const [first] = await textOf(join(table('a', 64), table('b', 8), 'inner', call('<=>', col('a_id'), col('b_id'))));
    expect(first).toBe('HashJoin inner, build right, keys: [a_id <=> b_id]');
  });

  describe('strategies', () => {
    const hinted = (name: string, mega: number, hint: string): Plan => ({ kind: 'hint', child: table(name, mega), name: hint, site: null });

    test('a hint broadcasts a side that is large', async () => {
      expect((await textOf(join(table('a', 64), hinted('b', 64, 'BROADCAST'), 'left')))[2]).toBe('+- Exchange broadcast');
      expect((await textOf(join(hinted('a', 64, 'mapjoin'), table('b', 64), 'inner'))).slice(0, 2)).toEqual([
        'HashJoin inner, build left, keys: [a_id = b_id]',
        ':- Exchange broadcast',
      ]);
    });

    test('a hint that the kind of join does not permit is not followed, and warned of', async () => {
      const warned: string[] = [];
      const warn = (text: string): void => void warned.push(text);
      expect((await textOf(join(hinted('a', 64, 'broadcast'), table('b', 64), 'left'), { warn }))[1]).toBe(':- Exchange hash(a_id) to 4');
      await textOf(join(hinted('a', 64, 'broadcast'), hinted('b', 64, 'broadcast'), 'full'), { warn });
      await textOf(join(table('a', 64), hinted('b', 64, 'merge'), 'inner', call('<', col('a_id'), col('b_id'))), { warn });
      expect(warned).toEqual([
        "The hint 'broadcast' on the left side of a left join is not followed: such a join cannot broadcast that side.",
        "The hint 'broadcast' on both sides of a full join is not followed: such a join cannot broadcast a side.",
        "The hint 'merge' on the right side of an inner join is not followed: it needs an equality between the sides, and there is none.",
      ]);
    });

    test('hints that are followed are not warned of', async () => {
      const warn = (text: string): void => {
        throw new Error(text);
      };
      await textOf(join(table('a', 64), hinted('b', 64, 'BROADCAST'), 'left'), { warn });
      await textOf(join(hinted('a', 64, 'shuffle_hash'), table('b', 64), 'full'), { warn });
      await textOf(join(table('a', 64), hinted('b', 64, 'shuffle_replicate_nl'), 'inner'), { warn });
    });

    test('without an equality a hint still says which side is broadcast', async () => {
      const on = call('<', col('a_id'), col('b_id'));
      expect((await textOf(join(table('a', 8), hinted('b', 64, 'broadcast'), 'inner', on)))[2]).toBe('+- Exchange broadcast');
    });

    test('shuffle_hash builds the side that bears the hint', async () => {
      expect((await textOf(join(hinted('a', 8, 'shuffle_hash'), table('b', 8), 'inner'))).slice(0, 2)).toEqual([
        'HashJoin inner, build left, keys: [a_id = b_id]',
        ':- Exchange hash(a_id) to 4',
      ]);
      expect((await textOf(join(table('a', 64), hinted('b', 64, 'shuffle_hash'), 'inner')))[1]).toBe(':- Exchange hash(a_id) to 4');
    });

    test('what is below the threshold and beyond the memory of a task is not broadcast', async () => {
      const config = { 'broadcast.threshold': '100m', memory: '64m' };
      expect((await textOf(join(table('a', 640), table('b', 8), 'left'), { config }))[2]).toBe('+- Exchange broadcast');
      expect((await textOf(join(table('a', 640), table('b', 40), 'left'), { config }))[1]).toMatch(/Exchange hash/);
    });

    test('a side above the threshold is broadcast where the other is so much larger that this is less work', async () => {
      expect((await textOf(join(table('a', 640), table('b', 16), 'left'), { slots: 2 }))[2]).toBe('+- Exchange broadcast');
      expect((await textOf(join(table('a', 640), table('b', 16), 'left'), { slots: 64 }))[1]).toMatch(/Exchange hash/);
    });

    test('merge sorts both sides by the keys', async () => {
      expect(await textOf(join(table('a', 64), hinted('b', 64, 'merge'), 'full'))).toEqual([
        'MergeJoin full, keys: [a_id = b_id]',
        ':- Sort [a_id ASC NULLS FIRST]',
        ':  +- Exchange hash(a_id) to 4',
        ':     +- Scan a',
        '+- Sort [b_id ASC NULLS FIRST]',
        '   +- Exchange hash(b_id) to 4',
        '      +- Scan b',
      ]);
    });

    test('join.strategy decides where no hint does', async () => {
      const small = join(table('a', 64), table('b', 8), 'inner');
      expect((await textOf(small, { config: { 'join.strategy': 'shuffle_hash' } }))[1]).toBe(':- Exchange hash(a_id) to 4');
      const large = join(table('a', 640), table('b', 320), 'inner');
      expect((await textOf(large, { config: { 'join.strategy': 'broadcast' } }))[2]).toBe('+- Exchange broadcast');
      const kept = join(table('a', 640), hinted('b', 320, 'shuffle_hash'), 'inner');
      expect((await textOf(kept, { config: { 'join.strategy': 'broadcast' } }))[1]).toMatch(/^:- Exchange hash\(a_id\)/);
    });
  });

  describe('rows that lie right are not exchanged again', () => {
    const big = { 'broadcast.threshold': '0' };

    test('a grouping by the key of a join', async () => {
      const text = await textOf(group(join(table('a', 64), table('b', 64), 'inner'), [col('b_id')], call('count', lit(1))), {
        config: big,
      });
      expect(text).toEqual([
        'HashAggregate complete, keys: [b_id], aggregates: [count(1) AS count(1)]',
        '+- HashJoin inner, build right, keys: [a_id = b_id]',
        '   :- Exchange hash(a_id) to 4',
        '   :  +- Scan a',
        '   +- Exchange hash(b_id) to 4',
        '      +- Scan b',
      ]);
    });

    test('but not by a column that a join may have filled with nulls', async () => {
      const text = await textOf(group(join(table('a', 64), table('b', 64), 'left'), [col('b_id')], call('count', lit(1))), {
        config: big,
      });
      expect(text[1]).toBe('+- Exchange hash(b_id) to 4');
    });

    test('a join on the key of a grouping', async () => {
      const grouped = group(table('a', 64), [col('a_id')], call('count', lit(1)));
      const text = await textOf(join(grouped, table('b', 64), 'inner'), { config: big });
      expect(text.filter((line) => line.includes('Exchange'))).toHaveLength(2);
    });

    test('a second join on the same key', async () => {
      const both = join(table('a', 64), table('b', 64), 'inner');
      const text = await textOf(join(both, table('c', 64), 'left', call('=', col('b_id'), col('c_id'))), { config: big });
      expect(text.filter((line) => line.includes('Exchange'))).toHaveLength(3);
    });
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

  test('where first rows are left out, tasks before the exchange have no limit', async () => {
    expect(await textOf(limit(table('a', 64), NO_LIMIT, 3))).toEqual(['Offset 3', '+- Exchange single', '   +- Scan a']);
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

describe('windows', () => {
  const window = (text: string): Expr => ({ kind: 'alias', child: parseExpression(text), name: text.replace(/\(.*/s, '') });
  const over = (...texts: readonly string[]): Plan => select(table('t', 100), ...texts.map(window));

  test('one exchange serves windows of one partitioning, one sort those whose order it begins with', async () => {
    const plan = over(
      'rank() OVER (PARTITION BY t_id ORDER BY t_x)',
      'count(t_x) OVER (PARTITION BY t_id)',
      'sum(t_x) OVER (PARTITION BY t_id ORDER BY t_x DESC)',
    );
    expect(await textOf(plan)).toMatchInlineSnapshot(`
      [
        "Project [rank, count, sum]",
        "+- Window [count(t_x) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING AS count], partition by [t_id]",
        "   +- Window [sum(t_x) RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS sum], partition by [t_id], order by [t_x DESC NULLS LAST]",
        "      +- Sort [t_id ASC NULLS FIRST, t_x DESC NULLS LAST]",
        "         +- Window [rank() AS rank], partition by [t_id], order by [t_x ASC NULLS FIRST]",
        "            +- Sort [t_id ASC NULLS FIRST, t_x ASC NULLS FIRST]",
        "               +- Exchange hash(t_id) to 4",
        "                  +- Scan t",
      ]
    `);
  });

  test('a window above a window: what lies right already stays there', async () => {
    const inner = select(table('t', 100), { kind: 'star', qualifier: null }, window('rank() OVER (PARTITION BY t_id ORDER BY t_x)'));
    const plan = select(inner, col('rank'), window('lag(rank) OVER (PARTITION BY t_id ORDER BY t_x)'));
    expect(await textOf(plan)).toMatchInlineSnapshot(`
      [
        "Project [rank, lag]",
        "+- Window [lag(rank) AS lag], partition by [t_id], order by [t_x ASC NULLS FIRST]",
        "   +- Window [rank() AS rank], partition by [t_id], order by [t_x ASC NULLS FIRST]",
        "      +- Sort [t_id ASC NULLS FIRST, t_x ASC NULLS FIRST]",
        "         +- Exchange hash(t_id) to 4",
        "            +- Scan t",
      ]
    `);
  });

  test('no partition: all rows come to one task', async () => {
    expect(await textOf(over('sum(t_x) OVER (ORDER BY t_id)'))).toMatchInlineSnapshot(`
      [
        "Project [sum]",
        "+- Window [sum(t_x) RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW AS sum], order by [t_id ASC NULLS FIRST]",
        "   +- Sort [t_id ASC NULLS FIRST]",
        "      +- Exchange single",
        "         +- Scan t",
      ]
    `);
  });
});
