import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WireError } from '../../../src/core/errors.js';
import type { EventListener } from '../../../src/core/events.js';
import { decodeStream } from '../../../src/data/ipc.js';
import { INT64 } from '../../../src/data/types.js';
import { readRows } from '../../../src/data/value.js';
import type { PhysicalOp } from '../../../src/planner/physical/operators.js';
import type { StageGraph } from '../../../src/planner/stages/graph.js';
import type { JobResult } from '../../../src/runtime/rpc/messages.js';
import { type SchedulerServer, startScheduler } from '../../../src/runtime/scheduler/server.js';
import { type JoinedWorker, joinScheduler } from '../../../src/runtime/worker/registration.js';
import { startProxy } from '../tcp-proxy.js';
import { NUMBERS, partition, range, rows } from './worker-harness.js';

let dir: string;
let server: SchedulerServer;
let registered: number;
const workers: JoinedWorker[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'join-test-'));
  registered = 0;
  const onEvent: EventListener = (event) => {
    if (event.kind === 'worker-registered') registered++;
  };
  server = await startScheduler({ host: '127.0.0.1', port: 0, token: 'secret', service: { onEvent } });
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

const join1 = async (options = {}): Promise<JoinedWorker> => {
  const worker = await joinScheduler({ scheduler: server.address, token: 'secret', threads: 1, host: '127.0.0.1', dir, ...options });
  workers.push(worker);
  return worker;
};

const slots = async (wanted: number): Promise<void> => {
  while (server.service.status().slots !== wanted) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** A worker that comes back at once is never seen to be gone: its registrations are counted. */
const registrations = async (wanted: number): Promise<void> => {
  while (registered < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Four map tasks over 0..999, hashed to three partitions that are read back. */
function shuffled(): StageGraph {
  const key = { kind: 'input', index: 0, type: INT64, nullable: false } as const;
  const read: PhysicalOp = { kind: 'shuffleRead', id: 1, schema: NUMBERS, shuffle: 0, broadcast: false };
  const output = { kind: 'shuffle', shuffle: 0, partitioning: { kind: 'hash', exprs: [key], partitions: 3 }, partitions: 3 } as const;
  return {
    stages: [
      {
        stage: 0,
        name: 'numbers',
        plan: range,
        schema: NUMBERS,
        output,
        tasks: [0, 1, 2, 3].map((i) => rows(i * 250, i * 250 + 250)),
        parents: [],
      },
      {
        stage: 1,
        name: 'read',
        plan: read,
        schema: NUMBERS,
        output: { kind: 'rows' },
        tasks: [0, 1, 2].map((p) => partition(1, p)),
        parents: [0],
      },
    ],
  };
}

function submit(job: string): Promise<{ error: WireError | null; numbers: number[] }> {
  const results: JobResult[] = [];
  return new Promise((resolve) => {
    const handle = server.service.submit(
      { job, name: 'test', graph: shuffled(), config: {}, bundle: null },
      {
        onEvent() {},
        onResult(result) {
          results.push(result);
          handle.taken(result.block.length);
        },
        onDone(error) {
          const numbers = results.flatMap(({ block }) =>
            decodeStream(block).batches.flatMap((b) => readRows(b.columns[0], INT64).map(Number)),
          );
          resolve({ error, numbers: numbers.sort((a, b) => a - b) });
        },
      },
    );
  });
}

const ALL = Array.from({ length: 1000 }, (_, i) => i);

describe('joinScheduler', () => {
  it('runs a job with a shuffle on two workers and drops its files after', async () => {
    await Promise.all([join1(), join1()]);
    await slots(2);
    expect(await submit('job-1')).toEqual({ error: null, numbers: ALL });
    const base = join(dir, readdirSync(dir)[0]);
    const left = () => readdirSync(base).flatMap((worker) => readdirSync(join(base, worker)).filter((name) => name.startsWith('job')));
    while (left().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('leaves when it is closed: no slots, no files, `closed` resolves', async () => {
    const worker = await join1();
    await slots(1);
    await worker.close();
    await worker.closed;
    await slots(0);
    expect(readdirSync(join(dir, readdirSync(dir)[0]))).toEqual([]);
  });

  it('leaves when the scheduler is shut down', async () => {
    const worker = await join1();
    await slots(1);
    await server.close();
    await worker.closed;
    expect(existsSync(join(dir, readdirSync(dir)[0], worker.id))).toBe(false);
  });

  it('is told why it is refused', async () => {
    const worker = await join1({ token: 'wrong' });
    await expect(worker.closed).rejects.toMatchObject({ condition: 'TOKEN_REFUSED' });
    expect(existsSync(join(dir, readdirSync(dir)[0], worker.id))).toBe(false);
  });

  it('leaves while it still looks for a scheduler: when told to, and where there is none', async () => {
    const stop = new AbortController();
    const nobody = joinScheduler({ scheduler: 'localhost:1', token: null, threads: 1, host: '127.0.0.1', dir, signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(nobody).rejects.toMatchObject({ condition: 'CONNECT_ABORTED' });
    await expect(join1({ signal: AbortSignal.abort() })).rejects.toMatchObject({ condition: 'CONNECT_ABORTED' });
    expect(server.service.status().workers).toBe(0);
    expect(readdirSync(join(dir, readdirSync(dir)[0]))).toEqual([]);
  });

  it('comes back when the connection broke, and gives up when the scheduler stays away', async () => {
    const network = await startProxy(server.port);
    const worker = await join1({ scheduler: `127.0.0.1:${network.port}`, rejoinMs: 1 });
    await slots(1);
    network.cut();
    await registrations(2);
    expect(await submit('job-1')).toEqual({ error: null, numbers: ALL });
    network.close();
    await expect(worker.closed).rejects.toMatchObject({ condition: 'SCHEDULER_UNREACHABLE' });
    expect(existsSync(join(dir, readdirSync(dir)[0], worker.id))).toBe(false);
  });
});
