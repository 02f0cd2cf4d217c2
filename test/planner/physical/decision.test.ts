/** Each choice of the physical planner with the numbers that decided it, and their text. */
import { describe, expect, test } from 'vitest';
import { Config } from '../../../src/core/config.js';
import { INT64 } from '../../../src/data/types.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { optimize } from '../../../src/planner/optimizer/optimize.js';
import { decisionsText } from '../../../src/planner/physical/decision.js';
import { planPhysical } from '../../../src/planner/physical/plan.js';
import { call, col, group, limit, lit, sort } from '../analyzer/plans.js';

/** One file of `mega` MiB with the columns `<name>_id` and `<name>_x`. */
const table = (name: string, mega: number): Plan => ({
  kind: 'read',
  format: 'csv',
  paths: [`${name}/${mega}`],
  schema: { fields: [`${name}_id`, `${name}_x`].map((column) => ({ name: column, type: INT64, nullable: true })) },
  options: {},
  site: null,
});

async function why(plan: Plan, entries: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const config = Config.from(entries);
  const analyzed = await analyze(plan, {
    config,
    resolveScan: async ({ paths, format, schema }) => {
      const [name, mega] = paths[0].split('/');
      const files = [{ uri: `file:///data/${name}.csv`, bytes: Number(mega) << 20, values: [] }];
      const scan = { format, options: {}, files, fileSchema: schema!, partitionSchema: { fields: [] } };
      return { scan, rows: null, columns: schema!.fields };
    },
  });
  return decisionsText(planPhysical(optimize(analyzed), { config, slots: 2, query: 'q' }).decisions).split('\n');
}

const joined = (mega: number): Plan => ({
  kind: 'join',
  left: table('a', 300),
  right: table('b', mega),
  how: 'inner',
  on: call('=', col('a_id'), col('b_id')),
  site: null,
});

describe('why', () => {
  test('a join names both sizes, and the threshold that the smaller one was held against', async () => {
    const small = await why(joined(8));
    expect(small).toContain('HashJoin inner on (a_id = b_id)');
    expect(small).toContain(
      '  broadcast the right side: it is not above broadcast.threshold (left 300.0 MiB, right 8.0 MiB, broadcast.threshold 10.0 MiB)',
    );
    expect(await why(joined(200))).toContain(
      '  build the right side of rows exchanged by key: no side that could be broadcast is below broadcast.threshold ' +
        '(left 300.0 MiB, right 200.0 MiB, broadcast.threshold 10.0 MiB)',
    );
  });

  test('a scan tells how its files were cut', async () => {
    expect(await why(table('a', 300))).toContain(
      '  6 tasks: whole waves of slots, in splits of about read.splitBytes or less ' +
        '(files 1, total 300.0 MiB, read.splitBytes 64.0 MiB, slots 2, waves 3, a split 50.0 MiB, splits 6)',
    );
  });

  test('an aggregate is in two phases, or at once, and exchanges say who chose their number', async () => {
    const grouped = group(table('a', 300), [col('a_id')], call('count', lit(1)));
    const text = await why(grouped, { 'shuffle.partitions': '7' });
    expect(text).toContain('  in two phases: groups of each task are fewer than its rows, mostly (input partitions 6)');
    expect(text).toContain('  7 partitions: shuffle.partitions says so');
    const single = await why(group(table('a', 1), [col('a_id')], call('count', lit(1))));
    expect(single).toContain('  at once: its input is one partition (input partitions 1)');
    expect(single).not.toContain('Exchange');
  });

  test('a sort is by ranges, or a top-N where little of it is wanted', async () => {
    const sorted = sort(table('a', 300), col('a_id'));
    expect(await why(sorted)).toContain(
      '  partitions by ranges of the keys: a sample of the rows gives the bounds (partitions 10, rows 300.0 MiB)',
    );
    expect(await why(sorted, { memory: '4g' })).toContain(
      '  partitions by ranges of the keys: a sample of the rows gives the bounds (partitions 7, rows 300.0 MiB)',
    );
    expect(await why(limit(sorted, 10))).toContain(
      '  each task keeps its first rows: the limit above the sort is small (rows wanted 10, most for a top-N 1,000,000)',
    );
  });
});
