import { expect, test } from 'vitest';
import { NO_METRICS } from '../../../src/core/events.js';
import type { ShuffleOutput } from '../../../src/planner/physical/operators.js';
import type { StageGraph } from '../../../src/planner/stages/graph.js';
import type { Action, Input, WorkerFact } from '../../../src/runtime/scheduler/actions.js';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.js';
import { describeActions, facts, fetchFailed, finished, graphOf, key, register, submit } from './fixtures.js';

function machine() {
  const scheduler = new Scheduler({ heartbeatTimeoutMs: 0 });
  return (input: Input): string[] => describeActions(scheduler.apply(input)).filter((line) => /bytes of|release|forget/.test(line));
}

const release = (...ids: string[]): Input => ({ kind: 'release', time: 9, ids });
const job = (id: string, ...blobs: string[]): Input => submit(graphOf([[1]]), 0, { job: id, blobs });
const done = (id: string): Input => facts('a', 5, finished(key(0, 0, 0, id)));

test('a broadcast value goes to a worker once, before its first task', () => {
  const scheduler = new Scheduler({ heartbeatTimeoutMs: 0 });
  scheduler.apply(register('a', 2));
  expect(describeActions(scheduler.apply(submit(graphOf([[2]]), 0, { blobs: ['x', 'y'] }))).filter((line) => line.includes('←'))).toEqual([
    'a ← job job-1',
    'a ← bytes of x',
    'a ← bytes of y',
    'a ← stage 0 round 0',
    'a ← launch 0.0.0r0 0.1.0r0',
  ]);
  const again = describeActions(scheduler.apply(submit(graphOf([[2]]), 1, { job: 'job-2', blobs: ['y', 'z'] })));
  expect(again.filter((line) => line.includes('bytes'))).toEqual(['a ← bytes of z']);
});

test('a value that a worker could not keep goes there again before its next task', () => {
  const apply = machine();
  apply(register('a', 1));
  expect(apply(job('job-1', 'x'))).toEqual(['a ← bytes of x']);
  const error = { kind: 'retryable', condition: 'BROADCAST_NOT_WRITTEN', message: 'refused', data: { blob: 'x' } } as const;
  expect(apply(facts('a', 1, { kind: 'failed', key: key(0, 0), error, metrics: null }))).toEqual(['a ← bytes of x']);
});

test('a worker that comes anew is sent the values anew', () => {
  const apply = machine();
  apply(register('a', 1));
  expect(apply(job('job-1', 'x'))).toEqual(['a ← bytes of x']);
  expect(apply(register('a', 1))).toEqual(['a ← bytes of x']);
});

test('released values are freed where they are, and forgotten', () => {
  const apply = machine();
  apply(register('a', 1));
  apply(job('job-1', 'x'));
  apply(done('job-1'));
  apply(register('b', 1));
  expect(apply(release('x', 'unknown'))).toEqual(['a ← release x', 'forget x unknown']);
  expect(apply(job('job-2', 'x'))).toEqual(['a ← bytes of x']);
});

test('a value that running jobs use goes with the last of them, unless a later job claims it', () => {
  const apply = machine();
  apply(register('a', 4));
  apply(job('job-1', 'x'));
  apply(job('job-2', 'x'));
  expect(apply(release('x'))).toEqual([]);
  expect(apply(done('job-1'))).toEqual([]);
  expect(apply(done('job-2'))).toEqual(['a ← release x', 'forget x']);
  apply(job('job-3', 'x'));
  apply(release('x'));
  apply(job('job-4', 'x'));
  expect([...apply(done('job-3')), ...apply(done('job-4'))]).toEqual([]);
});

/** A stage of `tasks` that keeps its output as `cache`, made of one of a single task, and one that reads it partition by partition. */
function cachedGraph(tasks: number, cache = 'c'): StageGraph {
  const [below, stage, reader] = graphOf([[1], [tasks, 0], [tasks, 1]]).stages;
  const output = { ...(stage.output as ShuffleOutput), partitions: 1, keep: { cache, level: 'MEMORY_AND_DISK' as const } };
  const near = { stage: 1, partitions: Array.from({ length: tasks }, (_, i) => i) };
  return { stages: [below, { ...stage, output }, { ...reader, near }] };
}

const kept = (partition: number, job: string, attempt = 0): WorkerFact => ({
  kind: 'finished',
  key: key(1, partition, attempt, job),
  metrics: NO_METRICS,
  output: { shuffle: 1, path: `/c/${partition}`, bytes: [10], rows: [1], home: `c.${job}`, memory: true },
  blocks: 0,
});

/** Job `job-1` has cached its partitions: even ones at `a`, odd ones at `b`, each with `slots`. */
function cached(tasks: number, slots = 1) {
  const scheduler = new Scheduler({ heartbeatTimeoutMs: 0 });
  const apply = (input: Input): Action[] => scheduler.apply(input);
  apply(register('a', slots));
  apply(register('b', slots));
  apply(submit(cachedGraph(tasks)));
  apply(facts('a', 1, finished(key(0, 0), true)));
  let time = 2;
  const where = (partition: number) =>
    [...scheduler.state.workers.values()].find(({ launched }) =>
      [...launched].some((t) => t.stage.definition.stage === 1 && t.partition === partition),
    )?.worker as string;
  for (let partition = 0; partition < tasks; partition++) apply(facts(where(partition), time++, kept(partition, 'job-1')));
  const holders = [...(scheduler.state.kept.get('c')?.outputs.values() ?? [])].map(({ worker }) => worker);
  return { scheduler, apply, holders };
}

const used = (actions: readonly Action[]) =>
  actions.flatMap((action) =>
    action.kind === 'emit' && action.event.kind === 'cache-used'
      ? [`${action.event.found}/${action.event.partitions}, ${action.event.lost} lost`]
      : [],
  );
const launches = (actions: readonly Action[]) => describeActions(actions).filter((line) => line.includes('launch'));
const end = (job: string): Input => ({
  kind: 'end-job',
  time: 50,
  job,
  error: { kind: 'user', condition: 'X', message: 'x' },
  cancelled: true,
});

test('a later job finds what is kept: neither its stage nor those below run, and each task goes where its partition lies', () => {
  const { apply, holders } = cached(4);
  apply(end('job-1'));
  const actions = apply(submit(cachedGraph(4), 60, { job: 'job-2' }));
  expect(used(actions)).toEqual(['4/4, 0 lost']);
  expect(describeActions(actions).filter((line) => line.startsWith('! stage-started'))).toEqual(['! stage-started 2 round 0 tasks 4']);
  const placed = actions.flatMap((action) =>
    action.kind === 'send' && action.message.kind === 'launch'
      ? action.message.tasks.map((task) => [task.key.partition, action.worker] as const)
      : [],
  );
  expect(placed.sort().map(([, worker]) => worker)).toEqual(holders);
  expect(new Set(holders).size).toBe(2);
});

test('no worker idles while another has the rows', () => {
  const { apply, scheduler } = cached(4);
  apply(end('job-1'));
  apply({ kind: 'worker-disconnected', time: 55, worker: 'b', reason: 'gone' });
  apply(register('d', 8, 56));
  const actions = apply(submit(cachedGraph(4), 60, { job: 'job-2' }));
  expect(used(actions)).toEqual(['2/4, 2 lost']);
  expect([...scheduler.state.workers.values()].flatMap(({ launched }) => [...launched]).length).toBe(1);
  expect(launches(actions)).toEqual([expect.stringContaining('launch 0.0.0r0')]);
});

test('lost partitions are computed again, those and no others', () => {
  const { apply, holders } = cached(4);
  apply(end('job-1'));
  const lost = describeActions(apply({ kind: 'worker-disconnected', time: 55, worker: 'b', reason: 'gone' }));
  expect(lost).toContain('! cache-lost');
  apply(submit(cachedGraph(4), 60, { job: 'job-2' }));
  const actions = apply(facts('a', 61, finished(key(0, 0, 0, 'job-2'), true)));
  const again = actions.flatMap((action) =>
    action.kind === 'send' && action.message.kind === 'launch' ? action.message.tasks.map(({ key }) => key) : [],
  );
  expect(again.map(({ stage, partition }) => [stage, partition])).toEqual(holders.flatMap((worker, i) => (worker === 'b' ? [[1, i]] : [])));
  const stored = apply(facts('a', 62, kept(again[0].partition, 'job-2')));
  expect(stored.some((action) => action.kind === 'emit' && action.event.kind === 'cache-stored' && action.event.again)).toBe(true);
});

test('a reader that cannot fetch a kept partition has it made again', () => {
  const { apply, holders } = cached(2);
  apply(end('job-1'));
  apply(submit(cachedGraph(2), 60, { job: 'job-2' }));
  const failed = describeActions(apply(facts(holders[0], 61, fetchFailed(key(2, 0, 0, 'job-2'), 1, [0], holders[0]))));
  expect(failed).toContain('! cache-lost');
  expect(failed).toContain('! stage-started 0 round 0 tasks 1');
});

test('what a worker evicted is forgotten, unless it is old news', () => {
  const { apply, holders } = cached(2);
  apply(end('job-1'));
  const evicted = (home: string): WorkerFact => ({ kind: 'evicted', cache: 'c', outputs: [{ map: 0, home }] });
  expect(describeActions(apply(facts(holders[0], 51, evicted('c.job-0'))))).toEqual([]);
  expect(describeActions(apply(facts(holders[0], 52, evicted('c.job-1'))))).toEqual(['! cache-lost']);
  expect(used(apply(submit(cachedGraph(2), 60, { job: 'job-2' })))).toEqual(['1/2, 1 lost']);
});

test('a released cache is freed at all workers, after the last job that reads it', () => {
  const { apply } = cached(2);
  expect(describeActions(apply(release('c')))).toEqual([]);
  expect(describeActions(apply(end('job-1'))).filter((line) => line.includes('release'))).toEqual(['a ← release c', 'b ← release c']);
  expect(used(apply(submit(cachedGraph(2), 60, { job: 'job-2' })))).toEqual(['0/2, 0 lost']);
});
