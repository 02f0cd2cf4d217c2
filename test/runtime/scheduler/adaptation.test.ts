import { describe, expect, it } from 'vitest';
import { NO_METRICS } from '../../../src/core/events.js';
import { INT64 } from '../../../src/data/types.js';
import type { PhysicalOp, ShuffleOutput, TaskInput } from '../../../src/planner/physical/operators.js';
import type { StageDefinition, StageGraph } from '../../../src/planner/stages/graph.js';
import type { Input, WorkerFact } from '../../../src/runtime/scheduler/actions.js';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.js';
import { describeActions, facts, fetchFailed, finished, key, register, submit } from './fixtures.js';

const schema = { fields: [{ name: 'k', type: INT64, nullable: false }] };
const column = { kind: 'input', index: 0, type: INT64, nullable: false } as const;
const leaf = (id: number): PhysicalOp => ({ kind: 'shuffleRead', id, schema, shuffle: id, broadcast: false });

/** Stages 0 and 1 of two tasks each write four partitions, by which stage 2 joins them; it would rather build stage 1's. */
function joinGraph(changes: { readonly mayBroadcast?: readonly ['right'] } = { mayBroadcast: ['right'] }): StageGraph {
  const map = (stage: number): StageDefinition => ({
    ...{ stage, name: `stage ${stage}`, schema, parents: [] },
    plan: { kind: 'range', id: 10 + stage, schema, start: 0n, step: 1n },
    output: {
      kind: 'shuffle',
      shuffle: stage,
      partitioning: { kind: 'hash', exprs: [column], partitions: 4 },
      partitions: 4,
    } as ShuffleOutput,
    tasks: [0, 1].map((i): TaskInput => ({ [10 + stage]: [{ kind: 'rows', from: i, to: i + 1 }] })),
  });
  const plan: PhysicalOp = {
    ...{ kind: 'hashJoin', schema, left: leaf(0), right: leaf(1), how: 'inner', build: 'right' },
    ...{ leftKeys: [column], rightKeys: [column], nullSafe: [false], condition: null, ...changes },
  };
  const tasks = [0, 1, 2, 3].map((partition): TaskInput => {
    const inputs = [{ kind: 'partition' as const, partition }];
    return { 0: inputs, 1: inputs };
  });
  return { stages: [map(0), map(1), { stage: 2, name: 'join', plan, schema, output: { kind: 'rows' }, tasks, parents: [0, 1] }] };
}

function wrote(stage: number, partition: number, bytes: readonly number[], attempt = 0): WorkerFact {
  const task = key(stage, partition, attempt);
  const output = { shuffle: stage, path: `/s/${stage}-${partition}-${attempt}`, bytes, rows: bytes };
  return { kind: 'finished', key: task, metrics: { ...NO_METRICS, runMs: 100 }, output, blocks: 0 };
}

const config = { 'adaptive.targetBytes': '100', 'broadcast.threshold': '50' };

function run(inputs: readonly Input[], graph = joinGraph(), changes: Readonly<Record<string, string>> = {}) {
  const scheduler = new Scheduler();
  const all = [register('a', 4), submit(graph, 0, { config: { ...config, ...changes } }), ...inputs];
  return { scheduler, actions: all.map((input) => scheduler.apply(input)) };
}

const linesOf = (actions: ReturnType<Scheduler['apply']>): string[] =>
  describeActions(actions).filter((line) => !line.includes(' task-') && !line.startsWith('discard'));

describe('a join that may do without a shuffle', () => {
  it('lets the side wait that would be shuffled, and takes it in once the other is small', () => {
    const { actions } = run([facts('a', 1, wrote(1, 0, [1, 1, 1, 1]), wrote(1, 1, [1, 0, 0, 0]))]);
    expect(linesOf(actions[1]).filter((line) => line.includes('stage-started'))).toEqual(['! stage-started 1 round 0 tasks 2']);
    expect(linesOf(actions[2])).toEqual([
      '! shuffle-written 1',
      '! stage-finished 1',
      '! plan-adapted 2',
      '! stage-started 2 round 0 tasks 2',
      'a ← stage 2 round 0 1[0@a.0 1@a.0]',
      'a ← launch 2.0.0r0 2.1.0r0',
    ]);
    const started = actions[2].flatMap((action) => (action.kind === 'emit' && action.event.kind === 'stage-started' ? [action.event] : []));
    expect(started).toMatchObject([{ name: 'range → inner join', parents: [1] }]);
    const launched = actions[2].flatMap((action) =>
      action.kind === 'send' && action.message.kind === 'launch' ? action.message.tasks : [],
    );
    expect(launched.map(({ input }) => JSON.parse(input))).toEqual([
      { 10: [{ kind: 'rows', from: 0, to: 1 }] },
      { 10: [{ kind: 'rows', from: 1, to: 2 }] },
    ]);
  });

  it('lets it go as soon as the other has written too much, before that one is complete', () => {
    const { actions } = run([facts('a', 1, wrote(1, 0, [60, 0, 0, 0]))]);
    expect(linesOf(actions[2])).toEqual(['! stage-started 0 round 0 tasks 2', 'a ← stage 0 round 0', 'a ← launch 0.0.0r0 0.1.0r0']);
  });

  it('never waits with adaptive=false, nor where the planner was told how to join', () => {
    const started = (actions: string[]) => actions.filter((line) => line.includes('stage-started')).length;
    expect(started(linesOf(run([], joinGraph(), { adaptive: 'false' }).actions[1]))).toBe(2);
    expect(started(linesOf(run([], joinGraph({})).actions[1]))).toBe(2);
  });

  it('makes lost rows of the small side again, and reads them in a new round as it is', () => {
    const { scheduler } = run([facts('a', 1, wrote(1, 0, [1, 1, 1, 1]), wrote(1, 1, [1, 0, 0, 0]))]);
    expect(linesOf(scheduler.apply(facts('a', 2, fetchFailed(key(2, 0), 1, [1], 'a'))))).toEqual([
      '! shuffle-lost 1 maps 1 of a',
      '! stage-started 1 round 1 tasks 1',
      'a ← stage 1 round 1',
      'a ← launch 1.1.1r1',
    ]);
    expect(linesOf(scheduler.apply(facts('a', 3, wrote(1, 1, [1, 0, 0, 0], 1))))).toEqual([
      '! stage-finished 1',
      '! stage-started 2 round 1 tasks 2',
      'a ← stage 2 round 1 1[0@a.0 1@a.1]',
      'a ← launch 2.0.1r1',
    ]);
    expect(describeActions(scheduler.apply(facts('a', 4, finished(key(2, 0, 1)), finished(key(2, 1))))).at(-1)).toBe('done job-1 ok');
  });
});

describe('the tasks of a stage', () => {
  const written = [
    facts('a', 1, wrote(0, 0, [1, 1, 0, 150]), wrote(0, 1, [1, 1, 0, 150])),
    facts('a', 2, wrote(1, 0, [1, 1, 0, 30]), wrote(1, 1, [1, 1, 0, 30])),
  ];

  it('are made of what was written: two small partitions in one, an empty one in none, a large one in two', () => {
    const { actions } = run(written, joinGraph({}));
    expect(linesOf(actions[3]).slice(2, 6)).toEqual([
      '! plan-adapted 2',
      '! plan-adapted 2',
      '! plan-adapted 2',
      '! stage-started 2 round 0 tasks 3',
    ]);
    const launched = actions[3].flatMap((action) =>
      action.kind === 'send' && action.message.kind === 'launch' ? action.message.tasks : [],
    );
    const partition = (n: number) => ({ kind: 'partition', partition: n });
    expect(launched.map(({ input }) => JSON.parse(input))).toEqual([
      { 0: [partition(0), partition(1)], 1: [partition(0), partition(1)] },
      { 0: [{ ...partition(3), maps: { from: 0, to: 1 } }], 1: [partition(3)] },
      { 0: [{ ...partition(3), maps: { from: 1, to: 2 } }], 1: [partition(3)] },
    ]);
  });

  it('are the same in later rounds', () => {
    const { scheduler } = run(written, joinGraph({}));
    scheduler.apply(facts('a', 3, finished(key(2, 0)), fetchFailed(key(2, 1), 0, [0], 'a'), finished(key(2, 2))));
    const actions = scheduler.apply(facts('a', 4, wrote(0, 0, [1, 1, 0, 150], 1)));
    expect(linesOf(actions)).toEqual([
      '! stage-finished 0',
      '! stage-started 2 round 1 tasks 1',
      'a ← stage 2 round 1 0[0@a.1 1@a.0] 1[0@a.0 1@a.0]',
      'a ← launch 2.1.1r1',
    ]);
    expect(describeActions(scheduler.apply(facts('a', 5, finished(key(2, 1, 1))))).at(-1)).toBe('done job-1 ok');
  });
});
