/** Map outputs that a shuffle service serves: they stay when their worker goes, and go when the service does. */
import { expect, it } from 'vitest';
import type { TaskKey } from '../../../src/core/ids.js';
import type { Input, WorkerFact } from '../../../src/runtime/scheduler/actions.js';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.js';
import { describeActions, facts, failed, finished, graphOf, key, register, submit } from './fixtures.js';

const SERVICE = 'host-a:7078';

function served(task: TaskKey): WorkerFact {
  const fact = finished(task, true) as Extract<WorkerFact, { kind: 'finished' }>;
  return { ...fact, output: { ...fact.output!, served: { endpoint: SERVICE, token: `s-${task.partition}` } } };
}

function unreachable(task: TaskKey, maps: number[], worker: string, endpoint?: string): WorkerFact {
  const fact = failed(task, 'retryable', 'FETCH_FAILED') as Extract<WorkerFact, { kind: 'failed' }>;
  return { ...fact, error: { ...fact.error, data: { shuffle: 0, maps, worker, endpoint } } };
}

function run(...inputs: Input[]) {
  const scheduler = new Scheduler({ heartbeatTimeoutMs: 0 });
  const turns = inputs.map((input) => scheduler.apply(input));
  return { scheduler, last: describeActions(turns.at(-1)!), actions: turns.flat() };
}

/** Workers a and b have mapped 2 of 4 each; b serves its second one itself. */
const mapped = [
  register('a', 2),
  register('b', 2),
  submit(graphOf([[4], [3, 0]])),
  facts('a', 1, served(key(0, 0)), served(key(0, 2))),
  facts('b', 1, served(key(0, 1)), finished(key(0, 3), true)),
];

it('readers are sent to the service', () => {
  const { actions } = run(...mapped);
  const stage = actions
    .flatMap((action) => (action.kind === 'send' && action.message.kind === 'stage' ? action.message.shuffles : []))
    .at(-1);
  expect(stage?.outputs.map(({ endpoint, token, worker }) => [endpoint, token, worker])).toEqual([
    [SERVICE, 's-0', 'a'],
    [SERVICE, 's-1', 'b'],
    [SERVICE, 's-2', 'a'],
    ['b:1', 't-b', 'b'],
  ]);
});

it('a worker that dies takes along only what it served itself', () => {
  const gone = (worker: string): Input => ({ kind: 'worker-disconnected', time: 2, worker, reason: 'it died' });
  expect(run(...mapped, gone('a')).last.filter((line) => /lost|stage-started/.test(line))).toEqual(['! worker-lost']);
  const { last } = run(...mapped, gone('b'));
  expect(last).toContain('! shuffle-lost 0 maps 3 of b');
  expect(last.filter((line) => line.startsWith('! shuffle-lost'))).toHaveLength(1);
});

it('a service that cannot be reached has lost what all workers wrote there, in one round', () => {
  const { last } = run(...mapped, facts('a', 3, unreachable(key(1, 0), [0, 1, 2], 'a', SERVICE)));
  expect(last.filter((line) => /lost|stage-started/.test(line))).toEqual([
    '! shuffle-lost 0 maps 0,2 of a',
    '! shuffle-lost 0 maps 1 of b',
    '! stage-started 0 round 1 tasks 3',
  ]);
});

it('blocks that are gone one by one from a dead worker are made again, the rest of them at the second', () => {
  const inputs = [...mapped, { kind: 'worker-disconnected', time: 2, worker: 'a', reason: 'it died' } as const];
  inputs.push(facts('b', 3, unreachable(key(1, 1), [0], 'a')) as never);
  expect(run(...inputs).last).toContain('! shuffle-lost 0 maps 0 of a');
  inputs.push(facts('b', 4, finished(key(0, 0, 1), true)) as never, facts('b', 5, unreachable(key(1, 1, 1), [2], 'a')) as never);
  expect(run(...inputs).last).toContain('! shuffle-lost 0 maps 2 of a');
});

it('what a worker has made again and serves itself is not lost with the rest of what its service had', () => {
  const inputs = [...mapped, facts('a', 3, unreachable(key(1, 0), [1], 'b', SERVICE))];
  expect(run(...inputs).last).toContain('! shuffle-lost 0 maps 1 of b');
  inputs.push(facts('b', 4, finished(key(0, 1, 1), true)));
  inputs.push(facts('a', 5, unreachable(key(1, 0, 1), [2], 'b', SERVICE)));
  expect(run(...inputs).last.filter((line) => line.startsWith('! shuffle-lost'))).toEqual(['! shuffle-lost 0 maps 2 of a']);
});

it('nothing of a job is remembered after its end', () => {
  const end: Input = { kind: 'end-job', time: 9, job: 'job-1', error: { kind: 'user', condition: 'X', message: '' }, cancelled: true };
  const { scheduler } = run(...mapped, end);
  expect(scheduler.state.served.size).toBe(0);
});
