import { afterEach, describe, expect, it } from 'vitest';
import type { Event } from '../../../src/core/events.js';
import { type JobResult, PROTOCOL_VERSION } from '../../../src/runtime/rpc/messages.js';
import { runJob } from '../../../src/runtime/scheduler/run-job.js';
import { SchedulerService, type ServiceOptions } from '../../../src/runtime/scheduler/service.js';
import { FakeWorker, fail, finish, type RunTask, textOf } from './fake-worker.js';
import { graphOf, submission } from './fixtures.js';

const services: SchedulerService[] = [];

function serviceWith(options: Partial<ServiceOptions> = {}): SchedulerService {
  const service = new SchedulerService({ heartbeatTimeoutMs: 0, ...options });
  services.push(service);
  return service;
}

function addWorker(service: SchedulerService, id: string, run: RunTask) {
  const worker = new FakeWorker(id, run);
  const link = { closed: false, send: (message: Parameters<FakeWorker['receive']>[0]) => worker.receive(message), close: () => {} };
  link.close = () => {
    link.closed = true;
  };
  const connection = service.connectWorker(link, worker.registration);
  worker.send = (messages) => connection.receive(messages);
  return { worker, link, connection };
}

async function collect(results: AsyncIterable<JobResult>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { partition, block } of results) texts.push(`${partition}:${textOf(block)}`);
  return texts;
}

const echo: RunTask = (task) => finish(task, task.key.stage === 0 ? null : [`a${task.key.partition}`, `b${task.key.partition}`]);

afterEach(() => {
  for (const service of services.splice(0)) service.close('the test is over');
});

describe('SchedulerService', () => {
  it('runs a job on workers of its own process, blocks of a partition in order, and tells its events', async () => {
    const service = serviceWith();
    addWorker(service, 'a', echo);
    addWorker(service, 'b', echo);
    expect(service.status()).toEqual({ protocol: PROTOCOL_VERSION, workers: 2, slots: 4, runningJobs: 0 });
    const events: Event[] = [];
    const job = submission(graphOf([[3], [2, 0]]));
    const texts = await collect(runJob(service, job, (event) => events.push(event), new AbortController().signal));
    expect(texts.sort()).toEqual(['0:a0', '0:b0', '1:a1', '1:b1']);
    expect(events.map((event) => event.kind).filter((kind) => kind.startsWith('job') || kind.startsWith('stage'))).toEqual([
      'job-submitted',
      'stage-started',
      'stage-finished',
      'stage-started',
      'stage-finished',
      'job-finished',
    ]);
    expect(events.filter((event) => event.kind === 'task-finished')).toHaveLength(5);
    for (const event of events) expect(Math.abs(event.time - Date.now())).toBeLessThan(60_000);
  });

  it("delivers blocks of the accepted attempt only, and throws the job's error", async () => {
    const service = serviceWith();
    addWorker(service, 'a', (task) => {
      if (task.key.attempt === 0) return [finish(task, ['half'])[0], ...fail(task, 'retryable', 'BROKEN')];
      return task.key.partition === 1 ? fail(task, 'user', 'DIVIDE_BY_ZERO') : finish(task, ['whole']);
    });
    const run = (tasks: number, job: string) =>
      collect(runJob(service, submission(graphOf([[tasks]]), { job }), () => {}, new AbortController().signal));
    expect(await run(1, 'one')).toEqual(['0:whole']);
    await expect(run(2, 'two')).rejects.toMatchObject({ kind: 'user', condition: 'DIVIDE_BY_ZERO' });
  });

  it('runs an attempt again whose result blocks did not all arrive', async () => {
    const service = serviceWith();
    addWorker(service, 'a', (task) => finish(task, ['x', 'y']).slice(task.key.attempt === 0 ? 1 : 0));
    expect(await collect(runJob(service, submission(graphOf([[1]])), () => {}, new AbortController().signal))).toEqual(['0:x', '0:y']);
  });

  it('sends no more than a window ahead, and launches no result tasks while more waits', async () => {
    const service = serviceWith({ resultWindowBytes: 100 });
    let ran = 0;
    addWorker(service, 'a', (task) => {
      ran++;
      return finish(task, ['x'.repeat(50)], 100);
    });
    const results: JobResult[] = [];
    const ends: unknown[] = [];
    const listener = {
      onEvent: () => {},
      onResult: (result: JobResult) => void results.push(result),
      onDone: (end: unknown) => void ends.push(end),
    };
    const handle = service.submit(submission(graphOf([[100]])), listener);
    expect(results).toHaveLength(2);
    expect(ran).toBeLessThan(15);
    for (let taken = 0; taken < 100; taken++) {
      expect(results.length).toBeLessThanOrEqual(taken + 2);
      expect(ends).toEqual(results.length < 100 ? [] : [null]);
      handle.taken(results[taken].block.length);
    }
    expect([results.length, ran]).toEqual([100, 100]);
  });

  it('ends a job whose waiting results outgrow driver.maxResultSize', async () => {
    const service = serviceWith();
    addWorker(service, 'a', (task) => finish(task, ['x'.repeat(600), 'y'.repeat(600)]));
    const job = submission(graphOf([[1]]), { config: { 'driver.maxResultSize': '1000' } });
    await expect(collect(runJob(service, job, () => {}, new AbortController().signal))).rejects.toMatchObject({
      condition: 'RESULT_TOO_LARGE',
    });
  });

  it('keeps no blocks of attempts that are no longer listened to', async () => {
    const service = serviceWith();
    const { worker } = addWorker(service, 'a', (task) => (task.key.attempt === 0 ? fail(task, 'retryable', 'BROKEN') : null));
    const job = submission(graphOf([[1]]), { config: { 'driver.maxResultSize': '1000' } });
    const texts = collect(runJob(service, job, () => {}, new AbortController().signal));
    await Promise.resolve();
    const [task] = worker.running;
    const late = { ...task, key: { ...task.key, attempt: 0 } };
    worker.send(finish(late, ['x'.repeat(900), 'y'.repeat(900)]));
    worker.send(finish(task, ['z']));
    expect(await texts).toEqual(['0:z']);
  });

  it('performs all actions of an input before the next one, though workers answer at once', () => {
    const service = serviceWith();
    const order: string[] = [];
    for (const id of ['a', 'b']) {
      addWorker(service, id, (task) => {
        order.push(`${id}${task.key.partition}`);
        return finish(task, []);
      });
    }
    service.submit(submission(graphOf([[12]])), { onEvent: () => {}, onResult: () => {}, onDone: () => {} });
    expect(order.slice(0, 8).sort()).toEqual(['a0', 'a2', 'a4', 'a6', 'b1', 'b3', 'b5', 'b7']);
  });

  it('cancels: by signal, by leaving the iteration early, and before it began', async () => {
    const service = serviceWith();
    const { worker } = addWorker(service, 'a', (task) => (task.key.partition === 0 ? finish(task, ['x']) : null));
    const abort = new AbortController();
    const results = runJob(service, submission(graphOf([[5]])), () => {}, abort.signal);
    expect((await results.next()).value).toMatchObject({ partition: 0 });
    abort.abort();
    await expect(results.next()).rejects.toMatchObject({ condition: 'JOB_CANCELLED' });
    expect(worker.received.slice(-2).map((message) => message.kind)).toEqual(['cancel', 'drop-job']);

    for await (const _ of runJob(service, submission(graphOf([[5]]), { job: 'job-2' }), () => {}, new AbortController().signal)) break;
    expect(worker.received.at(-1)).toEqual({ kind: 'drop-job', job: 'job-2' });
    const never = runJob(service, submission(graphOf([[5]]), { job: 'job-3' }), () => {}, AbortSignal.abort());
    await expect(never.next()).rejects.toMatchObject({ condition: 'JOB_CANCELLED' });
    expect(service.status().runningJobs).toBe(0);
  });

  it('refuses workers of another version or without threads, and jobs under an id that runs', async () => {
    const service = serviceWith();
    const messages: unknown[] = [];
    const link = { send: (message: unknown) => void messages.push(message), close: () => void messages.push('closed') };
    const { registration } = new FakeWorker('a', echo);
    service.connectWorker(link, { ...registration, protocol: 99 });
    service.connectWorker(link, { ...registration, slots: 0 });
    expect(messages).toMatchObject([
      { error: { condition: 'PROTOCOL_MISMATCH' } },
      'closed',
      { error: { condition: 'NO_SLOTS' } },
      'closed',
    ]);
    expect(service.status().workers).toBe(0);
    const errors: unknown[] = [];
    const listener = { onEvent: () => {}, onResult: () => {}, onDone: (error: unknown) => void errors.push(error) };
    service.submit(submission(graphOf([[1]])), listener);
    service.submit(submission(graphOf([[1]])), listener);
    expect(errors).toMatchObject([{ condition: 'DUPLICATE_JOB' }]);
    expect(service.status().runningJobs).toBe(1);
  });

  it('a worker that registers again replaces itself; messages and the end of the old link are ignored', async () => {
    const service = serviceWith();
    const first = addWorker(service, 'a', () => null);
    const result = collect(runJob(service, submission(graphOf([[1]])), () => {}, new AbortController().signal));
    await Promise.resolve();
    const [stale] = first.worker.running;
    const second = addWorker(service, 'a', () => null);
    expect(first.link.closed).toBe(true);
    first.connection.receive(finish(stale, ['stale']));
    first.connection.disconnected('late');
    expect(second.link.closed).toBe(false);
    second.worker.send(finish(second.worker.running[0], ['fresh']));
    expect(await result).toEqual(['0:fresh']);
  });

  it('a listener that throws ends its own job only; a link that throws has lost its worker', async () => {
    const service = serviceWith();
    addWorker(service, 'a', (task) => finish(task, ['x']));
    const broken = addWorker(service, 'b', () => {
      throw new Error('socket gone');
    });
    const job = submission(graphOf([[4]]));
    await expect(
      collect(
        runJob(
          service,
          job,
          () => {
            throw new Error('my listener');
          },
          new AbortController().signal,
        ),
      ),
    ).rejects.toThrow('my listener');
    expect(await collect(runJob(service, { ...job, job: 'job-2' }, () => {}, new AbortController().signal))).toHaveLength(4);
    expect(broken.link.closed).toBe(true);
    expect(service.status().workers).toBe(1);
  });

  it('ends jobs for want of workers, in real time', async () => {
    const service = serviceWith({ noWorkersMs: 30 });
    const result = collect(runJob(service, submission(graphOf([[1]])), () => {}, new AbortController().signal));
    await expect(result).rejects.toMatchObject({ condition: 'NO_WORKERS' });
  });

  it('gives a silent worker up, in real time', async () => {
    let added: ReturnType<typeof addWorker> | null = null;
    const lost = new Promise<string>((resolve) => {
      const service = serviceWith({ heartbeatTimeoutMs: 30, onEvent: (event) => event.kind === 'worker-lost' && resolve(event.reason) });
      added = addWorker(service, 'a', echo);
    });
    expect(await lost).toMatch(/nothing was heard of it/);
    expect(added!.link.closed).toBe(true);
    expect(added!.worker.received).toEqual([]);
  });

  it('closing ends jobs and sends workers away', async () => {
    const service = serviceWith();
    const { worker, link } = addWorker(service, 'a', () => null);
    const result = collect(runJob(service, submission(graphOf([[1]])), () => {}, new AbortController().signal));
    await Promise.resolve();
    service.close('SIGTERM');
    await expect(result).rejects.toMatchObject({ condition: 'SCHEDULER_CLOSED' });
    expect(worker.received.at(-1)).toEqual({ kind: 'shutdown', reason: 'SIGTERM' });
    expect(link.closed).toBe(true);
    const late = addWorker(service, 'b', echo);
    expect(late.worker.received).toEqual([{ kind: 'shutdown', reason: 'SIGTERM' }]);
    expect(late.link.closed).toBe(true);
    await expect(collect(runJob(service, submission(graphOf([[1]])), () => {}, new AbortController().signal))).rejects.toMatchObject({
      condition: 'SCHEDULER_CLOSED',
    });
  });
});
