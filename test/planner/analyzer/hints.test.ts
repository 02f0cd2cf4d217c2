/** Join hints: their names, where they are looked for, and the warning of those that are none. */
import { expect, test } from 'vitest';
import { Config } from '../../../src/core/config.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';
import { analyze } from '../../../src/planner/analyzer/analyze.js';
import { hintsOf, joinHint } from '../../../src/planner/analyzer/hints.js';
import { limit } from './plans.js';

const range: Plan = { kind: 'range', start: 0n, end: 9n, step: 1n, partitions: null };
const hint = (name: string, child: Plan = range): Plan => ({ kind: 'hint', child, name, site: { file: 'job.ts', line: 3, column: 1 } });

test("names are Spark's, in any case", () => {
  expect(['broadcast', 'MAPJOIN', 'BroadcastJoin'].map(joinHint)).toEqual(['broadcast', 'broadcast', 'broadcast']);
  expect(['merge', 'shuffle_merge', 'mergejoin'].map(joinHint)).toEqual(['merge', 'merge', 'merge']);
  expect(['shuffle_hash', 'shuffle_replicate_nl', 'coalesce', 'toString'].map(joinHint)).toEqual([
    'shuffle_hash',
    'shuffle_replicate_nl',
    null,
    null,
  ]);
});

test('a hint holds through nodes of one child, the outermost first, and not through a join', () => {
  expect(hintsOf(limit(hint('merge'), 3), range)).toEqual({ left: 'merge', right: null });
  expect(hintsOf(range, hint('merge', hint('broadcast')))).toEqual({ left: null, right: 'merge' });
  expect(hintsOf(hint('nonsense', hint('broadcast')), range)).toEqual({ left: 'broadcast', right: null });
  const joined: Plan = { kind: 'join', left: hint('merge'), right: range, how: 'cross', on: null, site: null };
  expect(hintsOf(joined, range)).toBeNull();
});

test('an unknown hint is warned of, with its place and a name that is near', async () => {
  const warnings: string[] = [];
  await analyze(hint('brodcast'), { config: Config.empty, warn: (text) => warnings.push(text) });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/'brodcast' is unknown and does nothing \(job\.ts:3\)\. Did you mean broadcast\?/);
});
