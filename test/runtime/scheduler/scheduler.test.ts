import { describe, expect, it } from 'vitest';
import type { Input } from '../../../src/runtime/scheduler/actions.js';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.js';
import type { SchedulerOptions } from '../../../src/runtime/scheduler/state.js';
import { describeActions, facts, failed, fetchFailed, finished, graphOf, key, register, submit } from './fixtures.js';

/** Applies all; gives the text of the last input's actions. */
function actionsOf(inputs: Input[], options: Partial<SchedulerOptions> = {}): string[] {
  return run(inputs, options).last;
}

function run(inputs: Input[], options: Partial<SchedulerOptions> = {}) {
  const scheduler = new Scheduler({ heartbeatTimeoutMs: 0, ...options });
  let last: string[] = [];
  for (const input of inputs) last = describeActions(scheduler.apply(input));
  return { scheduler, last };
}

const started = (...keys: ReturnType<typeof key>[]) => ({ kind: 'started', keys }) as const;

describe('running a job', () => {
  it('describes the job and stage once, then launches slots and one more a slot in one message', () => {
    expect(actionsOf([register('a', 2), submit(graphOf([[9]]))])).toEqual([
      '! job-submitted',
      '! worker-registered',
      '! stage-started 0 round 0 tasks 9',
      'a ← job job-1',
      'a ← stage 0 round 0',
      'a ← launch 0.0.0r0 0.1.0r0 0.2.0r0 0.3.0r0',
    ]);
    expect(actionsOf([register('a', 2), submit(graphOf([[9]])), facts('a', 5, finished(key(0, 0)), finished(key(0, 1)))])).toEqual([
      '! task-started 0.0.0',
      'accept-result 0.0.0',
      '! task-finished 0.0.0',
      '! task-started 0.1.0',
      'accept-result 0.1.0',
      '! task-finished 0.1.0',
      'a ← launch 0.4.0r0 0.5.0r0',
    ]);
  });

  it('fills idle slots of all workers in turn before anyone queues', () => {
    const sends = actionsOf([register('a', 1), register('b', 2), submit(graphOf([[4]]))]).filter((line) => line.includes('launch'));
    expect(sends).toEqual(['a ← launch 0.0.0r0 0.3.0r0', 'b ← launch 0.1.0r0 0.2.0r0']);
  });

  it('runs independent stages at once and a child when all its parents are complete', () => {
    const inputs = [register('a', 4), submit(graphOf([[1], [1], [1, 0, 1]]))];
    expect(actionsOf(inputs).at(-1)).toBe('a ← launch 0.0.0r0 1.0.0r0');
    inputs.push(facts('a', 1, finished(key(0, 0), true)));
    expect(actionsOf(inputs).at(-1)).toBe('! stage-finished 0');
    inputs.push(facts('a', 2, finished(key(1, 0), true)));
    expect(actionsOf(inputs)).toEqual([
      '! task-started 1.0.0',
      '! task-finished 1.0.0',
      '! shuffle-written 1',
      '! stage-finished 1',
      '! stage-started 2 round 0 tasks 1',
      'a ← stage 2 round 0 0[0@a.0] 1[0@a.0]',
      'a ← launch 2.0.0r0',
    ]);
    inputs.push(facts('a', 3, finished(key(2, 0))));
    expect(actionsOf(inputs).slice(2)).toEqual([
      '! task-finished 2.0.0',
      '! stage-finished 2',
      'a ← drop-job job-1',
      '! job-finished',
      'done job-1 ok',
    ]);
  });

  it('completes stages without tasks at once, and a job of nothing else', () => {
    expect(actionsOf([register('a'), submit(graphOf([[0], [1, 0]]))]).slice(2)).toEqual([
      '! stage-started 0 round 0 tasks 0',
      '! shuffle-written 0',
      '! stage-finished 0',
      '! stage-started 1 round 0 tasks 1',
      'a ← job job-1',
      'a ← stage 1 round 0 0[]',
      'a ← launch 1.0.0r0',
    ]);
    expect(actionsOf([register('a'), submit(graphOf([[0]]))]).at(-1)).toBe('done job-1 ok');
  });

  it('serves jobs first come, first served', () => {
    const inputs = [register('a', 1), submit(graphOf([[3]])), submit(graphOf([[1]]), 1, { job: 'job-2' })];
    inputs.push(facts('a', 2, finished(key(0, 0))));
    expect(actionsOf(inputs).at(-1)).toBe('a ← launch 0.2.0r0');
    inputs.push(facts('a', 3, finished(key(0, 1))));
    expect(actionsOf(inputs).slice(-3)).toEqual(['a ← job job-2', 'a ← stage 0 round 0', 'a ← launch 0.0.0r0']);
  });

  it('queues short tasks deeper', () => {
    const inputs = [register('a', 1), submit(graphOf([[500]]))];
    let next = 0;
    const run = new Scheduler({ heartbeatTimeoutMs: 0 });
    for (const input of inputs) run.apply(input);
    for (; next < 100; next++) {
      const fact = finished(key(0, next));
      run.apply(facts('a', next, { ...fact, metrics: { ...(fact as { metrics: object }).metrics, runMs: 0.1 } } as typeof fact));
    }
    expect(run.state.workers.get('a')!.launched.size).toBe(65);
  });

  it('launches no more result tasks while the driver is behind', () => {
    const inputs: Input[] = [register('a', 1), submit(graphOf([[4]])), { kind: 'results-held', time: 1, job: 'job-1', held: true }];
    inputs.push(facts('a', 2, finished(key(0, 0))));
    expect(actionsOf(inputs).filter((line) => line.includes('launch'))).toEqual([]);
    inputs.push({ kind: 'results-held', time: 3, job: 'job-1', held: false });
    expect(actionsOf(inputs)).toEqual(['a ← launch 0.2.0r0']);
  });

  it('moves a task that waits behind a long one to an idle slot', () => {
    const inputs = [register('a', 1, 0), submit(graphOf([[2]]), 0), facts('a', 10, started(key(0, 0)))];
    inputs.push(register('b', 1, 20));
    expect(actionsOf(inputs)).toEqual(['! worker-registered']);
    inputs.push(facts('b', 250, { kind: 'heartbeat', worker: 'b' }));
    expect(actionsOf(inputs)).toEqual([
      'discard-result 0.1.0',
      'a ← cancel 0.1.0',
      'b ← job job-1',
      'b ← stage 0 round 0',
      'b ← launch 0.1.1r0',
    ]);
  });
});

describe('failures of tasks', () => {
  const base = [register('a', 1), register('b', 1), submit(graphOf([[2]]))];

  it("a user's fault ends the job at once, with the error as it came", () => {
    const { scheduler, last } = run([...base, facts('a', 1, failed(key(0, 0), 'user', 'DIVIDE_BY_ZERO'))]);
    expect(last).toEqual([
      '! task-started 0.0.0',
      '! task-failed 0.0.0 DIVIDE_BY_ZERO over',
      'a ← drop-job job-1',
      'b ← cancel 0.1.0',
      'b ← drop-job job-1',
      '! job-finished',
      'done job-1 DIVIDE_BY_ZERO',
    ]);
    expect(scheduler.state.jobs.size).toBe(0);
  });

  it('others are tried again on another worker', () => {
    expect(actionsOf([...base, facts('a', 1, failed(key(0, 0)))])).toEqual([
      '! task-started 0.0.0',
      '! task-failed 0.0.0 BROKEN again',
      'discard-result 0.0.0',
      'b ← launch 0.0.1r0',
    ]);
  });

  it('on the same one after a while, when the others have no room', () => {
    const inputs = [register('a', 1), register('b', 1), submit(graphOf([[4]])), facts('a', 1, started(key(0, 0)))];
    inputs.push(facts('b', 1, started(key(0, 1))), facts('a', 2, failed(key(0, 0))));
    expect(actionsOf(inputs).some((line) => line.includes('launch'))).toBe(false);
    inputs.push(facts('a', 3002, { kind: 'heartbeat', worker: 'a' }));
    expect(actionsOf(inputs)).toEqual(['a ← launch 0.0.1r0']);
  });

  it.each(['retryable', 'fatal'] as const)('up to task.attempts: %s', (kind) => {
    const inputs = [register('a', 1), submit(graphOf([[1]]), 0, { config: { 'task.attempts': '2' } })];
    inputs.push(facts('a', 1, failed(key(0, 0, 0), kind)));
    expect(actionsOf(inputs).at(-1)).toBe('a ← launch 0.0.1r0');
    const scheduler = run(inputs).scheduler;
    const done = scheduler.apply(facts('a', 2, failed(key(0, 0, 1), kind))).at(-1);
    expect(done).toMatchObject({
      kind: 'job-done',
      error: {
        kind,
        condition: 'BROKEN',
        message: 'Task 0 of stage 0 failed 2 times, the last time on a: it broke',
      },
    });
  });

  it('late, repeated and foreign messages change nothing', () => {
    const { scheduler } = run([...base, facts('a', 1, failed(key(0, 0)))]);
    const ignored = [
      facts('a', 2, finished(key(0, 0, 0)), failed(key(0, 0, 0)), started(key(0, 0, 0))),
      facts('a', 2, finished(key(0, 0, 1))),
      facts('b', 2, finished(key(0, 7)), finished(key(5, 0)), finished(key(0, 0, 1, 'job-9'))),
      facts('nobody', 2, finished(key(0, 0, 1))),
    ];
    for (const input of ignored) expect(scheduler.apply(input)).toEqual([]);
    const alone = run([register('a', 1), submit(graphOf([[1]])), facts('a', 1, failed(key(0, 0)))]).scheduler;
    expect(alone.apply(facts('a', 2, finished(key(0, 0, 0)), failed(key(0, 0, 0)), started(key(0, 0, 0))))).toEqual([]);
    expect(scheduler.state.jobs.get('job-1')!.stages[0].remaining).toBe(2);
  });

  it('a full disk is tried elsewhere, and not again where it was full', () => {
    const full = (attempt: number) => failed(key(0, 0, attempt), 'retryable', 'DISK_FULL');
    const inputs = [register('a', 1), register('b', 1), submit(graphOf([[1]])), facts('a', 1, full(0))];
    expect(actionsOf(inputs)).toContain('b ← launch 0.0.1r0');
    expect(actionsOf([...inputs, facts('b', 2, full(1))])).toEqual(
      expect.arrayContaining(['! task-failed 0.0.1 DISK_FULL over', 'done job-1 DISK_FULL']),
    );
  });

  it('a map task that reports no output has failed', () => {
    const inputs = [register('a'), submit(graphOf([[1], [1, 0]])), facts('a', 1, finished(key(0, 0)))];
    expect(actionsOf(inputs).slice(1)).toEqual(['! task-failed 0.0.0 INTERNAL_ERROR again', 'a ← launch 0.0.1r0']);
  });
});

describe('lost shuffle outputs', () => {
  /** Two maps, one on each worker, then two reducers, one on each. */
  const mapped = [
    register('a', 1),
    register('b', 1),
    submit(graphOf([[2], [2, 0]])),
    facts('a', 1, finished(key(0, 0), true)),
    facts('b', 2, finished(key(0, 1), true)),
  ];

  it('a fetch failure runs the lost map again, elsewhere, and then the reader in a new round', () => {
    expect(actionsOf(mapped).filter((line) => line.includes('launch'))).toEqual(['a ← launch 1.0.0r0', 'b ← launch 1.1.0r0']);
    const inputs = [...mapped, facts('b', 3, fetchFailed(key(1, 1), 0, [0, 1], 'a'))];
    expect(actionsOf(inputs)).toEqual([
      '! task-started 1.1.0',
      '! task-failed 1.1.0 FETCH_FAILED again',
      'discard-result 1.1.0',
      '! shuffle-lost 0 maps 0 of a',
      '! stage-started 0 round 1 tasks 1',
      'b ← stage 0 round 1',
      'b ← launch 0.0.1r1',
    ]);
    // The other reader of the old round reports the same loss: old news, nothing is lost twice.
    inputs.push(facts('a', 4, fetchFailed(key(1, 0), 0, [0], 'a')));
    expect(actionsOf(inputs)).toEqual(['! task-started 1.0.0', '! task-failed 1.0.0 FETCH_FAILED again', 'discard-result 1.0.0']);
    inputs.push(facts('b', 5, finished(key(0, 0, 1), true)));
    expect(actionsOf(inputs).slice(2)).toEqual([
      '! stage-finished 0',
      '! stage-started 1 round 1 tasks 2',
      'a ← stage 1 round 1 0[0@b.1 1@b.0]',
      'b ← stage 1 round 1 0[0@b.1 1@b.0]',
      'a ← launch 1.1.1r1',
      'b ← launch 1.0.1r1',
    ]);
  });

  it('old news of a loss costs the reader no attempt', () => {
    const [a, b, , ...rest] = mapped;
    const inputs = [a, b, submit(graphOf([[2], [2, 0]]), 0, { config: { 'task.attempts': '1' } }), ...rest];
    inputs.push(facts('b', 3, fetchFailed(key(1, 1), 0, [0], 'a')), facts('a', 4, fetchFailed(key(1, 0), 0, [0], 'a')));
    expect(actionsOf(inputs)).toContain('! task-failed 1.0.0 FETCH_FAILED again');
  });

  it('a worker from which fetches fail a second time has lost the rest of that shuffle too', () => {
    const inputs = [register('a', 4), submit(graphOf([[3], [1, 0]]))];
    inputs.push(facts('a', 1, ...[0, 1, 2].map((partition) => finished(key(0, partition), true))), register('b', 1, 2));
    inputs.push(facts('a', 3, fetchFailed(key(1, 0), 0, [0], 'a')));
    expect(actionsOf(inputs)).toContain('! shuffle-lost 0 maps 0 of a');
    inputs.push(facts('b', 4, finished(key(0, 0, 1), true)), facts('a', 5, fetchFailed(key(1, 0, 1), 0, [1], 'a')));
    expect(actionsOf(inputs)).toContain('! shuffle-lost 0 maps 1,2 of a');
  });

  it('a failure of an old round does not discard outputs made since', () => {
    const inputs = [...mapped, facts('b', 3, fetchFailed(key(1, 1), 0, [0], 'a')), facts('b', 5, finished(key(0, 0, 1), true))];
    // Task 1.0.0 of round 0 is still running on a; it names b, where map 0 lies only since round 1.
    inputs.push(facts('a', 6, fetchFailed(key(1, 0), 0, [0], 'b')));
    expect(actionsOf(inputs)).toContain('! task-failed 1.0.0 FETCH_FAILED again');
    expect(actionsOf(inputs).some((line) => line.includes('shuffle-lost'))).toBe(false);
  });

  it('does not count against attempts, but only so many rounds are begun', () => {
    const { scheduler } = run([register('a', 1), submit(graphOf([[1], [1, 0]]), 0, { config: { 'task.attempts': '1' } })]);
    scheduler.apply(facts('a', 1, finished(key(0, 0, 0), true)));
    for (let round = 0; round < 4; round++) {
      scheduler.apply(facts('a', 2, fetchFailed(key(1, 0, round), 0, [0], 'a')));
      scheduler.apply(facts('a', 3, finished(key(0, 0, round + 1), true)));
    }
    const done = scheduler.apply(facts('a', 4, fetchFailed(key(1, 0, 4), 0, [0], 'a'))).at(-1);
    expect(done).toMatchObject({
      kind: 'job-done',
      error: { condition: 'FETCH_FAILED', message: expect.stringMatching(/lost its input 5 times/) },
    });
  });

  it('a fetch failure that names nothing known is an ordinary failure', () => {
    const inputs = [register('a'), submit(graphOf([[1], [1, 0]]), 0, { config: { 'task.attempts': '1' } })];
    inputs.push(facts('a', 1, finished(key(0, 0), true)), facts('a', 2, fetchFailed(key(1, 0), 7, [0], 'a')));
    expect(actionsOf(inputs).at(-1)).toBe('done job-1 FETCH_FAILED');
  });

  it("a lost worker's outputs are made again where an unfinished stage reads them, and its tasks run elsewhere", () => {
    const inputs: Input[] = [...mapped, facts('a', 3, started(key(1, 0)))];
    inputs.push({ kind: 'worker-disconnected', time: 4, worker: 'a', reason: 'stream ended' });
    expect(actionsOf(inputs)).toEqual([
      '! worker-lost',
      '! task-failed 1.0.0 WORKER_LOST again',
      'discard-result 1.0.0',
      '! shuffle-lost 0 maps 0 of a',
      '! stage-started 0 round 1 tasks 1',
      'b ← stage 0 round 1',
      'b ← launch 0.0.1r1',
    ]);
  });

  it('outputs that nobody will read again are left lost, until a loss further down wants them', () => {
    // 0 → 1 → 2; stage 1 is complete on b, stage 0's output lay on a.
    const { scheduler } = run([register('a', 1), submit(graphOf([[1], [1, 0], [1, 1]]))]);
    scheduler.apply(facts('a', 1, finished(key(0, 0), true)));
    scheduler.apply(register('b', 1, 2));
    scheduler.apply(facts('a', 3, failed(key(1, 0))));
    scheduler.apply(facts('b', 4, finished(key(1, 0, 1), true)));
    const lostA = describeActions(scheduler.apply({ kind: 'worker-disconnected', time: 5, worker: 'a', reason: 'gone' }));
    expect(lostA).toContain('! shuffle-lost 0 maps 0 of a');
    expect(lostA.some((line) => line.includes('stage-started 0'))).toBe(false);
    scheduler.apply(register('c', 1, 6));
    const lostB = describeActions(scheduler.apply({ kind: 'worker-disconnected', time: 7, worker: 'b', reason: 'gone' }));
    expect(lostB.filter((line) => line.includes('started') || line.includes('launch'))).toEqual([
      '! stage-started 0 round 1 tasks 1',
      'c ← launch 0.0.1r1',
    ]);
  });

  it('what was lost far up stays lost where all that reads it is itself not wanted', () => {
    // 0 → 1 → 2 → 3: stages 0 and 1 lie on a, stage 2 on b; when a goes, only stage 3 remains, and it reads b.
    const scheduler = run([register('a', 1), submit(graphOf([[1], [1, 0], [1, 1], [1, 2]]))]).scheduler;
    scheduler.apply(facts('a', 1, finished(key(0, 0), true)));
    scheduler.apply(facts('a', 2, finished(key(1, 0), true)));
    scheduler.apply(register('b', 1, 3));
    scheduler.apply(facts('a', 4, failed(key(2, 0))));
    scheduler.apply(facts('b', 5, finished(key(2, 0, 1), true)));
    const actions = describeActions(scheduler.apply({ kind: 'worker-disconnected', time: 6, worker: 'a', reason: 'gone' }));
    expect(actions.filter((line) => line.includes('shuffle-lost'))).toHaveLength(2);
    expect(actions.filter((line) => line.includes('stage-started') || line.includes('stage 0'))).toEqual([]);
  });

  it('tasks that were only queued on a lost worker are charged nothing', () => {
    const inputs: Input[] = [register('a', 1), submit(graphOf([[1]]), 0, { config: { 'task.attempts': '1' } }), register('b', 1, 1)];
    inputs.push({ kind: 'worker-disconnected', time: 2, worker: 'a', reason: 'gone' });
    expect(actionsOf(inputs).at(-1)).toBe('b ← launch 0.0.1r0');
  });

  it('a worker that leaves on purpose costs its tasks no attempt', () => {
    const inputs = [register('a', 1), register('b', 1), submit(graphOf([[1]]), 0, { config: { 'task.attempts': '1' } })];
    inputs.push(facts('a', 1, started(key(0, 0)), { kind: 'leaving', worker: 'a', reason: 'SIGTERM' }));
    expect(actionsOf(inputs).at(-1)).toBe('b ← launch 0.0.1r0');
  });

  it('a task that brings down its worker again and again ends its job', () => {
    const { scheduler } = run([register('a', 1), submit(graphOf([[1]]), 0, { config: { 'task.attempts': '2' } })]);
    scheduler.apply(facts('a', 1, started(key(0, 0))));
    scheduler.apply(register('b', 1, 2));
    scheduler.apply({ kind: 'worker-disconnected', time: 3, worker: 'a', reason: 'it ended' });
    scheduler.apply(facts('b', 4, started(key(0, 0, 1))));
    const last = describeActions(scheduler.apply({ kind: 'worker-disconnected', time: 5, worker: 'b', reason: 'it ended' }));
    expect(last.at(-1)).toBe('done job-1 WORKER_LOST');
  });
});

describe('workers', () => {
  it('are lost when nothing is heard of them, not while something is', () => {
    const options = { heartbeatTimeoutMs: 5000 };
    const inputs: Input[] = [register('a', 1, 100)];
    expect(actionsOf(inputs, options)).toEqual(['! worker-registered', 'timer worker/a at 5100']);
    inputs.push(facts('a', 4000, { kind: 'heartbeat', worker: 'a' }), { kind: 'timer', time: 5100, id: 'worker/a' });
    expect(actionsOf(inputs, options)).toEqual(['timer worker/a at 9000']);
    inputs.push({ kind: 'timer', time: 9000, id: 'worker/a' });
    expect(actionsOf(inputs, options)).toEqual(['close a: nothing was heard of it for 5 s', '! worker-lost']);
  });

  it('that register again have lost what ran there', () => {
    const inputs = [register('a', 1), submit(graphOf([[1]])), facts('a', 1, started(key(0, 0))), register('a', 1, 2)];
    expect(actionsOf(inputs)).toEqual([
      '! worker-lost',
      '! task-failed 0.0.0 WORKER_LOST again',
      'discard-result 0.0.0',
      'timer no-workers/job-1 at 10002',
      '! worker-registered',
      'a ← job job-1',
      'a ← stage 0 round 0',
      'a ← launch 0.0.1r0',
    ]);
  });

  it('when there are none, jobs wait their time and then end', () => {
    const inputs: Input[] = [submit(graphOf([[1]]), 50)];
    expect(actionsOf(inputs).slice(1)).toEqual(['timer no-workers/job-1 at 10050', '! stage-started 0 round 0 tasks 1']);
    inputs.push({ kind: 'timer', time: 10_050, id: 'no-workers/job-1' });
    expect(actionsOf(inputs)).toEqual(['! job-finished', 'done job-1 NO_WORKERS']);
    inputs[1] = register('a', 1, 10_000);
    inputs.push({ kind: 'timer', time: 10_050, id: 'no-workers/job-1' });
    expect(actionsOf(inputs)).toEqual([]);
    inputs.push({ kind: 'worker-disconnected', time: 11_000, worker: 'a', reason: 'killed' });
    expect(actionsOf(inputs)).toContain('timer no-workers/job-1 at 21000');
    inputs.push({ kind: 'timer', time: 20_999, id: 'no-workers/job-1' });
    expect(actionsOf(inputs)).toEqual([]);
  });
});

describe('jobs', () => {
  it('end when told to', () => {
    const error = { kind: 'user', condition: 'JOB_CANCELLED', message: 'cancelled' } as const;
    const inputs: Input[] = [register('a', 1), submit(graphOf([[3]])), { kind: 'end-job', time: 2, job: 'job-1', error, cancelled: true }];
    expect(actionsOf(inputs)).toEqual(['a ← cancel 0.0.0 0.1.0', 'a ← drop-job job-1', '! job-finished', 'done job-1 JOB_CANCELLED']);
    inputs.push({ kind: 'end-job', time: 3, job: 'job-1', error, cancelled: true });
    expect(actionsOf(inputs)).toEqual([]);
  });

  it('end with their last map stage where the result stage has no tasks', () => {
    const inputs: Input[] = [register('a', 1), submit(graphOf([[1], [0, 0]])), facts('a', 5, finished(key(0, 0), true))];
    expect(actionsOf(inputs).slice(-3)).toEqual(['a ← drop-job job-1', '! job-finished', 'done job-1 ok']);
  });

  it('with bad configuration or an impossible graph end at once', () => {
    expect(actionsOf([submit(graphOf([[1]]), 0, { config: { 'task.tries': '3' } })])).toEqual(['done job-1 UNKNOWN_CONFIG']);
    expect(actionsOf([submit(graphOf([[1]]), 0, { job: '../up' })])).toEqual(['done ../up INVALID_JOB']);
    for (const graph of [graphOf([]), graphOf([[1], [1, 1]]), { stages: [...graphOf([[1]]).stages, ...graphOf([[1]]).stages] }]) {
      expect(actionsOf([submit(graph)])).toEqual(['done job-1 INVALID_GRAPH']);
    }
  });
});
