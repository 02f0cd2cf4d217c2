import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { MinisparkError } from '../../../src/core/errors.js';
import type { Event } from '../../../src/core/events.js';
import { openClient } from '../../../src/runtime/rpc/channel.js';
import { openKeepStream } from '../../../src/runtime/rpc/keep-stream.js';
import { type JobResult, PROTOCOL_VERSION, type ToWorker } from '../../../src/runtime/rpc/messages.js';
import { schedulerStatus, submitJob } from '../../../src/runtime/rpc/submit-job.js';
import { openWorkStream, type WorkStream } from '../../../src/runtime/rpc/work-stream.js';
import type { Submission } from '../../../src/runtime/scheduler/actions.js';
import { type SchedulerServer, type ServerOptions, startScheduler } from '../../../src/runtime/scheduler/server.js';
import { FakeWorker, fail, finish, type RunTask, textOf } from './fake-worker.js';
import { graphOf, submission } from './fixtures.js';

const TOKEN = 'secret';
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Partial<ServerOptions> = {}): Promise<SchedulerServer> {
  const server = await startScheduler({ host: '127.0.0.1', port: 0, token: TOKEN, ...options });
  closing.push(() => server.close());
  return server;
}

interface Joined {
  readonly worker: FakeWorker;
  readonly stream: WorkStream;
  readonly closed: Promise<MinisparkError | null>;
}

async function join(
  server: SchedulerServer,
  id: string,
  run: RunTask,
  token: string | null = TOKEN,
  protocol = PROTOCOL_VERSION,
): Promise<Joined> {
  const worker = new FakeWorker(id, run);
  let tell: (error: MinisparkError | null) => void = () => {};
  const closed = new Promise<MinisparkError | null>((resolve) => {
    tell = resolve;
  });
  const handlers = { message: (message: ToWorker) => worker.receive(message), closed: tell };
  const stream = await openWorkStream(server.address, { ...worker.registration, protocol }, token, handlers);
  worker.send = (messages) => messages.forEach(stream.send);
  closing.push(() => stream.close());
  return { worker, stream, closed };
}

function run(server: SchedulerServer, job: Partial<Submission> & Pick<Submission, 'graph'>, signal = new AbortController().signal) {
  const events: Event[] = [];
  const request = submission(job.graph, job);
  return { events, results: submitJob(server.address, request, { token: TOKEN, signal, onEvent: (event) => events.push(event) }) };
}

async function collect(results: AsyncIterable<JobResult>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { partition, block } of results) texts.push(`${partition}:${textOf(block)}`);
  return texts.sort();
}

/** Resolves once `check` holds, at every turn of the event loop; the test's own time limit bounds it. */
async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}

const echo: RunTask = (task) => finish(task, task.key.stage === 0 ? null : [`r${task.key.partition}`]);

describe('the scheduler over gRPC', () => {
  it('runs a two-stage job on two workers; reducers learn where all maps lie', async () => {
    const server = await start();
    const seen: string[] = [];
    const reducer: RunTask = (task) => {
      for (const { outputs } of task.shuffles)
        seen.push(outputs.map((output) => `${output.map}:${output.bytes}:${output.token}`).join(' '));
      return echo(task, a.worker);
    };
    const a = await join(server, 'a', reducer);
    await join(server, 'b', reducer);
    await until(() => server.service.status().workers === 2);
    expect(await schedulerStatus(server.address, TOKEN)).toEqual({ protocol: PROTOCOL_VERSION, workers: 2, slots: 4, runningJobs: 0 });
    const bundle = { hash: 'h', code: 'export default 1' };
    const { events, results } = run(server, { graph: graphOf([[3], [2, 0]]), config: { memory: '64m' }, bundle });
    expect(await collect(results)).toEqual(['0:r0', '1:r1']);
    expect(seen).toEqual(['0:1,1:t 1:1,1:t 2:1,1:t', '0:1,1:t 1:1,1:t 2:1,1:t']);
    expect(a.worker.received[0]).toEqual({ kind: 'job', job: 'job-1', config: { memory: '64m' }, bundle });
    expect(a.worker.received.some((message) => message.kind === 'stage' && JSON.parse(message.definition).name === 'stage 0')).toBe(true);
    expect(events.at(0)?.kind).toBe('job-submitted');
    expect(events.at(-1)).toMatchObject({ kind: 'job-finished', error: null });
    expect(events.filter((event) => event.kind === 'task-finished')).toHaveLength(5);
    await until(() => a.worker.received.at(-1)?.kind === 'drop-job');
  });

  it("carries the user's error whole", async () => {
    const server = await start();
    await join(server, 'a', (task) => fail(task, 'user', 'DIVIDE_BY_ZERO'));
    const { events, results } = run(server, { graph: graphOf([[2]]) });
    await expect(collect(results)).rejects.toMatchObject({ kind: 'user', condition: 'DIVIDE_BY_ZERO', message: 'as the test wants' });
    expect(events.at(-1)).toMatchObject({ kind: 'job-finished', error: { condition: 'DIVIDE_BY_ZERO' } });
    const bad = run(server, { graph: graphOf([[2]]), job: 'job-2', config: { nonsense: '1' } });
    await expect(collect(bad.results)).rejects.toMatchObject({ condition: 'UNKNOWN_CONFIG' });
  });

  it('runs tasks of a worker whose stream ends elsewhere, at once', async () => {
    const server = await start();
    const a = await join(server, 'a', () => null);
    const { events, results } = run(server, { graph: graphOf([[2]]) });
    const texts = collect(results);
    await until(() => a.worker.running.length === 2);
    await join(server, 'b', (task) => finish(task, ['late']));
    const before = performance.now();
    await a.stream.close();
    expect(await texts).toEqual(['0:late', '1:late']);
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(await a.closed).toBeNull();
    expect(events.some((event) => event.kind === 'worker-lost')).toBe(true);
  });

  it('large results keep to the window and all arrive', async () => {
    const server = await start({ service: { resultWindowBytes: 1 << 20 } });
    await join(server, 'a', (task) => finish(task, ['x'.repeat(700_000), 'y'.repeat(5)]));
    const sizes: number[] = [];
    for await (const { block } of run(server, { graph: graphOf([[40]]) }).results) sizes.push(block.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(40 * 700_005);
  });

  it('cancels by signal, and when the driver goes away', async () => {
    const server = await start();
    const { worker } = await join(server, 'a', () => null);
    const abort = new AbortController();
    const cancelled = collect(run(server, { graph: graphOf([[2]]) }, abort.signal).results);
    await until(() => worker.running.length === 2);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ condition: 'JOB_CANCELLED' });
    expect(server.service.status().runningJobs).toBe(0);

    const { client, metadata } = await openClient(server.address, TOKEN);
    const call = client.submit(metadata);
    call.on('error', () => {});
    call.write({
      submit: {
        job: 'job-2',
        name: 'n',
        protocol: PROTOCOL_VERSION,
        graphJson: JSON.stringify({ stages: graphOf([[1]]).stages.map((stage) => ({ ...stage, plan: {} })) }),
      },
    });
    await until(() => server.service.status().runningJobs === 1);
    client.close();
    call.cancel();
    await until(() => server.service.status().runningJobs === 0);
  });

  it('parts of a value that do not fit it end the stream that brought them, and nothing else', async () => {
    const server = await start();
    for (const [offset, total] of [
      [2 ** 20, 8],
      [2 ** 52, 8],
      [0, 4],
      [0, 2 ** 40],
    ]) {
      const stream = await openKeepStream(server.address, TOKEN);
      const blob = { id: 'broadcast-0', offset, total, bytes: new Uint8Array(8) };
      await expect(stream.send({ blob })).rejects.toThrow(/at offset|larger than/);
      await stream.close();
    }
    const stream = await openKeepStream(server.address, TOKEN);
    await stream.send({ blob: { id: 'broadcast-0', offset: 0, total: 8, bytes: new Uint8Array(8) } });
    await stream.close();
  });

  it('cancels when the iteration is left early', async () => {
    const server = await start();
    await join(server, 'a', (task) => (task.key.partition === 0 ? finish(task, ['x']) : null));
    for await (const { partition } of run(server, { graph: graphOf([[3]]) }).results) {
      expect(partition).toBe(0);
      break;
    }
    expect(server.service.status().runningJobs).toBe(0);
  });

  it('ends jobs with a reason when all workers die without a word', async () => {
    const server = await start({ service: { noWorkersMs: 200 } });
    const { client, metadata } = await openClient(server.address, TOKEN);
    const call = client.work(metadata);
    call.on('error', () => {});
    call.write({ messages: [{ register: new FakeWorker('a', echo).registration }] });
    const texts = collect(run(server, { graph: graphOf([[3]]) }).results);
    await until(() => server.service.status().runningJobs === 1 && server.service.status().workers === 1);
    call.cancel();
    client.close();
    await expect(texts).rejects.toMatchObject({
      condition: 'NO_WORKERS',
      message: expect.stringMatching(/Worker a on test was lost: its/),
    });
  });

  it('ends the stream of a worker that does not register first', async () => {
    const server = await start();
    const { client, metadata } = await openClient(server.address, TOKEN);
    const call = client.work(metadata);
    const error = new Promise<Error>((resolve) => call.on('error', resolve));
    call.write({ messages: [{ heartbeat: { worker: 'a' } }] });
    expect((await error).message).toMatch(/must register first/);
    client.close();
  });

  it('refuses other versions, on both sides', async () => {
    const server = await start();
    const old = await join(server, 'old', echo, TOKEN, 0);
    expect(await old.closed).toMatchObject({
      kind: 'user',
      condition: 'PROTOCOL_MISMATCH',
      message: `The worker speaks protocol 0, this scheduler ${PROTOCOL_VERSION}.`,
    });
    expect(server.service.status().workers).toBe(0);
    const { client, metadata } = await openClient(server.address, TOKEN);
    const frame = await new Promise<{ done: { errorJson: string } }>((resolve) => {
      const call = client.submit(metadata);
      call.on('data', resolve);
      call.write({ submit: { job: 'j', protocol: 7, graphJson: '{}' } });
    });
    client.close();
    expect(JSON.parse(frame.done.errorJson)).toMatchObject({ condition: 'PROTOCOL_MISMATCH' });
  });

  it('refuses callers without the token, on every call', async () => {
    const server = await start();
    for (const token of [null, 'wrong', '']) {
      await expect(schedulerStatus(server.address, token)).rejects.toMatchObject({ kind: 'user', condition: 'TOKEN_REFUSED' });
      const worker = await join(server, 'x', echo, token);
      expect(await worker.closed).toMatchObject({ condition: 'TOKEN_REFUSED' });
    }
    const job = submitJob(server.address, submission(graphOf([[1]])), {
      token: 'wrong',
      signal: new AbortController().signal,
      onEvent: () => {},
    });
    await expect(job.next()).rejects.toMatchObject({ condition: 'TOKEN_REFUSED' });
    expect(server.service.status()).toMatchObject({ workers: 0, runningJobs: 0 });
  });

  it('does not listen where it should not', async () => {
    const server = await start();
    await expect(start({ port: server.port })).rejects.toMatchObject({ kind: 'user', condition: 'PORT_IN_USE' });
    await expect(start({ host: '0.0.0.0', token: null })).rejects.toMatchObject({ kind: 'user', condition: 'TOKEN_REQUIRED' });
    // Of the net for documentation, which no machine has.
    await expect(start({ host: '192.0.2.1', port: 7077, token: 'x' })).rejects.toMatchObject({
      condition: 'CANNOT_LISTEN',
      message: 'Cannot listen on 192.0.2.1:7077: address not available.',
    });
    await expect(start({ host: 'no.such.host.invalid' })).rejects.toMatchObject({ kind: 'user', condition: 'CANNOT_LISTEN' });
    const open = await start({ token: null });
    expect(await schedulerStatus(open.address, null)).toMatchObject({ slots: 0 });
  });

  it('a scheduler that is not there is named, after bounded tries; so is one that goes away', async () => {
    const options = { token: null, signal: new AbortController().signal, onEvent: () => {}, connectMs: 600 };
    let tries = 0;
    const sockets: Socket[] = [];
    const refusing = createServer((socket) => {
      tries++;
      sockets.push(socket);
      socket.destroy();
    });
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => refusing.close(() => resolve())));
    const { port } = refusing.address() as { port: number };
    const job = submitJob(`grpc://127.0.0.1:${port}`, submission(graphOf([[1]])), options);
    await expect(job.next()).rejects.toMatchObject({
      kind: 'user',
      condition: 'SCHEDULER_UNREACHABLE',
      message: `No scheduler answered at 127.0.0.1:${port} within 0.6 s.`,
      hint: expect.stringContaining(`minispark scheduler --port ${port}`),
    });
    expect(tries).toBeGreaterThan(1);

    const server = await start();
    const { worker, closed } = await join(server, 'a', () => null);
    const texts = collect(run(server, { graph: graphOf([[1]]) }).results);
    texts.catch(() => {});
    await until(() => worker.running.length === 1);
    await server.close('SIGTERM');
    await expect(texts).rejects.toMatchObject({ kind: 'retryable', condition: 'SCHEDULER_CLOSED' });
    expect(await closed).toMatchObject({ kind: 'retryable', condition: 'SCHEDULER_LOST' });
    expect(worker.received.at(-1)).toEqual({ kind: 'shutdown', reason: 'SIGTERM' });
  });
});
