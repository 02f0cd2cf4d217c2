/** What --kill says, when it strikes and whom; the processes are numbers here, real ones are killed in test/cluster/faults.test.ts. */
import { expect, test } from 'vitest';
import type { Event } from '../../../src/core/events.js';
import { NO_METRICS } from '../../../src/core/events.js';
import { Faults, parseKill } from '../../../src/runtime/driver/faults.js';
import { parseMaster } from '../../../src/runtime/driver/master.js';

const CLUSTER = parseMaster('local-cluster[3,1]');

test('what --kill may say', () => {
  expect(parseKill('worker@25%')).toEqual({ text: 'worker@25%', worker: null, share: 0.25, job: 1 });
  expect(parseKill('worker-12@7.5%:3')).toEqual({ text: 'worker-12@7.5%:3', worker: 12, share: 0.075, job: 3 });
});

test.each(['worker', 'worker@25', 'worker@0%', 'worker@100%', 'worker@-5%', 'worker-0@5%', 'wrker@5%', 'worker@5%:0', ' worker@5%', ''])(
  "'%s' is refused",
  (text) => {
    expect(() => parseKill(text)).toThrow(expect.objectContaining({ condition: 'INVALID_FAULT', kind: 'user' }));
  },
);

test.each([
  [['worker@25%'], 'local[2]', 'worker@25% needs a local cluster: there the workers are processes of this run.'],
  [['worker@25%'], 'grpc://localhost:7077', 'worker@25% needs a local cluster: there the workers are processes of this run.'],
  [['worker@25%'], 'local-cluster[1,4]', '1 of 1 workers would be killed, and none be left to go on.'],
  [['worker-3@25%'], 'local-cluster[2,1]', 'There is no worker 3: the cluster has 2.'],
  [['worker-1@25%', 'worker-1@75%'], 'local-cluster[3,1]', 'Worker 1 can be killed once only.'],
])('%j on %s: %s', (kills, master, message) => {
  expect(() => new Faults(kills.map(parseKill), parseMaster(master))).toThrow(
    expect.objectContaining({ condition: 'INVALID_FAULT', message }),
  );
});

const stage = (number: number, tasks: number, parents: number[] = []) => ({ stage: number, name: `s${number}`, tasks, parents });
const submitted = (...stages: ReturnType<typeof stage>[]): Event => ({ time: 0, kind: 'job-submitted', job: 'j', name: 'j', stages });
const started = (number: number, tasks: number, round = 0): Event => ({
  time: 0,
  kind: 'stage-started',
  job: 'j',
  stage: number,
  tasks,
  round,
});
const finished = (number: number, partition: number, worker: string, attempt = 0): Event => ({
  time: 0,
  kind: 'task-finished',
  task: { job: 'j', stage: number, partition, attempt },
  worker,
  metrics: NO_METRICS,
});

/** Runs jobs of these events through faults; gives who was killed after how many events, and what the driver was told. */
function strike(kills: readonly string[], ...jobs: readonly Event[][]) {
  const faults = new Faults(kills.map(parseKill), CLUSTER);
  const struck: string[] = [];
  let at = 0;
  faults.attach({
    numberOf: (id) => Number(id.slice(1)),
    kill: (number) => {
      struck.push(`w${number} at ${at}`);
      return `w${number}`;
    },
  });
  const told: Event[] = [];
  for (const events of jobs) {
    const listen = faults.watch((event) => told.push(event));
    at = 0;
    for (const event of events) {
      at++;
      listen(event);
    }
  }
  return { struck, injected: told.filter((event) => event.kind === 'fault-injected'), pending: faults.pending() };
}

const FOUR = [0, 1, 2, 3].map((partition) => finished(0, partition, partition % 2 === 0 ? 'w1' : 'w2'));

test('a quarter of eight tasks: the worker that finished the second, once', () => {
  const events = [submitted(stage(0, 4), stage(1, 4, [0])), started(0, 4), ...FOUR];
  const { struck, injected, pending } = strike(['worker@25%'], events);
  expect(struck).toEqual(['w2 at 4']);
  expect(injected).toEqual([{ time: expect.any(Number), kind: 'fault-injected', job: 'j', worker: 'w2', fault: 'kill', at: 0.25 }]);
  expect(pending).toEqual([]);
});

test('a task that runs again counts once', () => {
  const events = [submitted(stage(0, 4)), started(0, 4), FOUR[0], finished(0, 0, 'w1', 1), started(0, 1, 1), FOUR[1]];
  expect(strike(['worker@50%'], events).struck).toEqual(['w2 at 6']);
});

test('the last task of several is too late, the only one is not', () => {
  expect(strike(['worker@99%'], [submitted(stage(0, 4)), started(0, 4), ...FOUR]).struck).toEqual(['w1 at 5']);
  expect(strike(['worker@1%'], [submitted(stage(0, 1)), started(0, 1), FOUR[0]]).struck).toEqual(['w1 at 3']);
});

test('a stage that starts with fewer tasks than announced, or is kept already, counts as it is', () => {
  const announced = submitted(stage(0, 100), stage(1, 100, [0]), stage(2, 4, [1]));
  const kept: Event = {
    ...{ time: 0, kind: 'cache-used', job: 'j', stage: 1, cache: 'c' },
    ...{ partitions: 100, found: 100, foundBytes: 1, lost: 0 },
  };
  const result = [0, 1, 2, 3].map((partition) => finished(2, partition, 'w3'));
  expect(strike(['worker@50%'], [announced, kept, started(2, 4), ...result]).struck).toEqual(['w3 at 5']);
  expect(strike(['worker@50%'], [submitted(stage(0, 200)), started(0, 4), ...FOUR]).struck).toEqual(['w2 at 4']);
  const shrunk = [submitted(stage(0, 4), stage(1, 200, [0])), started(0, 4), ...FOUR, started(1, 1), finished(1, 0, 'w1')];
  expect(strike(['worker@50%'], shrunk).struck).toEqual(['w2 at 7']);
});

test('several kills meet several workers, and those that are named are left for theirs', () => {
  const events = [submitted(stage(0, 4)), started(0, 4), ...FOUR];
  expect(strike(['worker@25%', 'worker-1@75%'], events).struck).toEqual(['w2 at 3', 'w1 at 5']);
});

test('the tasks of another action are counted for themselves; what never comes is told', () => {
  const events = [submitted(stage(0, 4)), started(0, 4), ...FOUR];
  expect(strike(['worker@50%:2', 'worker@50%:3'], events, events)).toMatchObject({ struck: ['w2 at 4'], pending: ['worker@50%:3'] });
});
