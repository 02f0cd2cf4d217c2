/**
 * Owns: `local-cluster[W,T]`: a scheduler on loopback in this process and W worker processes of T threads, spawned and ended with the session.
 * The workers join over the same gRPC stream as those of a standing cluster.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fatalError } from '../../core/errors.js';
import type { Event } from '../../core/events.js';
import { runJob } from '../scheduler/run-job.js';
import { startScheduler } from '../scheduler/server.js';
import { dismiss, spawnCommand } from './child-commands.js';
import type { Executor, ExecutorOptions } from './executor.js';
import type { WorkerProcesses } from './faults.js';

/** How long all workers may take to join. */
const JOIN_MS = 20_000;
/** No worker comes in place of one that is gone: enough for a broken stream to be opened again. */
const NO_WORKERS_MS = 2_000;

/** Workers start while the driver goes on; `slots` and `run` wait for them. Throws what the first worker that fails says. */
export async function openLocalCluster(workers: number, threads: number, { config, faults }: ExecutorOptions): Promise<Executor> {
  const roll = new Roll(workers);
  const service = { noWorkersMs: NO_WORKERS_MS, onEvent: (event: Event) => roll.hear(event) };
  const dir = config.get('shuffle.dir');
  const shuffleService = config.get('shuffle.service') === 'true' ? await spawnShuffleService(dir) : null;
  const server = await startScheduler({ host: '127.0.0.1', port: 0, token: null, service });
  // Numbered, so that people can tell them apart, and unlike those of any other cluster on this machine.
  const ids = Array.from({ length: workers }, (_, i) => `worker-${i + 1}-${randomBytes(6).toString('hex')}`);
  const children = ids.map((id) =>
    spawnWorker({ id, address: server.address, threads, dir, service: shuffleService?.address ?? null }, roll),
  );
  faults?.attach(killable(ids, children));
  // Awaited by slots() and run(); a session that is closed before is no unhandled rejection.
  roll.complete.catch(() => {});
  return {
    async slots() {
      return workers * threads;
    },
    async *run(submission, onEvent) {
      await unlessAborted(roll.complete, submission.signal);
      yield* runJob(server.service, submission, faults?.watch(onEvent) ?? onEvent, submission.signal);
    },
    async share(id, bytes) {
      server.service.share(id, bytes);
    },
    async release(ids) {
      server.service.release(ids);
    },
    async close() {
      roll.end();
      const closed = server.close('the session was stopped');
      await Promise.all([closed, ...children.map(dismiss)]);
      if (shuffleService) await dismiss(shuffleService.child);
    },
  };
}

/** Who of the expected workers is there. */
class Roll {
  readonly complete: Promise<void>;
  private missing: number;
  private settle!: { resolve(): void; reject(error: Error): void };
  private readonly timer: NodeJS.Timeout;

  constructor(expected: number) {
    this.missing = expected;
    this.complete = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.timer = setTimeout(() => this.fail(`${this.missing} of ${expected} workers did not join within ${JOIN_MS / 1000} s.`), JOIN_MS);
  }

  hear(event: Event): void {
    if (event.kind === 'worker-registered' && --this.missing === 0) this.end();
  }

  /** Only before all have joined: later the scheduler deals with it. */
  fail(message: string): void {
    clearTimeout(this.timer);
    this.settle.reject(fatalError('WORKER_START_FAILED', message));
  }

  end(): void {
    clearTimeout(this.timer);
    this.settle.resolve();
  }
}

function killable(ids: readonly string[], children: readonly ChildProcess[]): WorkerProcesses {
  return {
    numberOf: (id) => ids.indexOf(id) + 1,
    kill: (number) => (children[number - 1]?.kill('SIGKILL') ? ids[number - 1] : null),
  };
}

interface SpawnedWorker {
  readonly id: string;
  readonly address: string;
  readonly threads: number;
  readonly dir: string;
  /** Of the shuffle service. */
  readonly service: string | null;
}

function spawnWorker({ id, address, threads, dir, service }: SpawnedWorker, roll: Roll): ChildProcess {
  const args = ['worker', '--scheduler', `grpc://${address}`, '--threads', String(threads), '--id', id];
  if (dir !== '') args.push('--dir', dir);
  if (service !== null) args.push('--shuffle-service', service);
  return spawnCommand(args, (why) => roll.fail(`A worker process ${why}`));
}

/** Resolves when it listens. */
async function spawnShuffleService(dir: string): Promise<{ readonly address: string; readonly child: ChildProcess }> {
  let fail = (_why: string): void => {};
  const child = spawnCommand(['shuffle-service', '--port', '0', ...(dir === '' ? [] : ['--dir', dir])], (why) => fail(why), 'pipe');
  return new Promise((resolve, reject) => {
    fail = (why) => {
      clearTimeout(timer);
      reject(fatalError('SHUFFLE_SERVICE_START_FAILED', `The process of the shuffle service ${why}`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`did not listen within ${JOIN_MS / 1000} s.`);
    }, JOIN_MS);
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const address = / listens on (\S+), /.exec(said)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve({ address, child });
    });
  });
}

/** Resolves with `promise`, or as soon as the signal is aborted: whoever goes on notices that it was. */
async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
