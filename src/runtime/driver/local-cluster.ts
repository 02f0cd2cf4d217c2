/**
 * Owns: `local-cluster[W,T]`: a scheduler on loopback in this process and W worker processes of T threads, spawned and ended with the session.
 * The workers join over the same gRPC stream as those of a standing cluster.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fatalError } from '../../core/errors.js';
import type { Event } from '../../core/events.js';
import { packageRoot } from '../rpc/proto-path.js';
import { runJob } from '../scheduler/run-job.js';
import { startScheduler } from '../scheduler/server.js';
import type { Executor, ExecutorOptions } from './executor.js';
import type { WorkerProcesses } from './faults.js';

/** How long all workers may take to join, and to leave when told to. */
const JOIN_MS = 20_000;
const LEAVE_MS = 5_000;
/** No worker comes in place of one that is gone: enough for a broken stream to be opened again. */
const NO_WORKERS_MS = 2_000;

/** Workers start while the driver goes on; `slots` and `run` wait for them. Throws what the first worker that fails says. */
export async function openLocalCluster(workers: number, threads: number, { config, faults }: ExecutorOptions): Promise<Executor> {
  const roll = new Roll(workers);
  const service = { noWorkersMs: NO_WORKERS_MS, onEvent: (event: Event) => roll.hear(event) };
  const server = await startScheduler({ host: '127.0.0.1', port: 0, token: null, service });
  // Numbered, so that people can tell them apart, and unlike those of any other cluster on this machine.
  const ids = Array.from({ length: workers }, (_, i) => `worker-${i + 1}-${randomBytes(6).toString('hex')}`);
  const children = ids.map((id) => spawnWorker({ id, address: server.address, threads, dir: config.get('shuffle.dir') }, roll));
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
}

function spawnWorker({ id, address, threads, dir }: SpawnedWorker, roll: Roll): ChildProcess {
  const command = join(packageRoot(dirname(fileURLToPath(import.meta.url))), 'bin', 'minispark.js');
  const args = [command, 'worker', '--scheduler', `grpc://${address}`, '--threads', String(threads), '--id', id];
  if (dir !== '') args.push('--dir', dir);
  // The IPC channel is how a worker learns that this process died.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  child.once('exit', (code, signal) =>
    roll.fail(`A worker process ended with ${signal ?? `code ${code}`}.${said ? `\n${said.trim()}` : ''}`),
  );
  // Without a listener this would end the whole process; it comes instead of `exit` where there was no process.
  child.once('error', (error) => roll.fail(`A worker process cannot be run: ${error.message}.`));
  return child;
}

/** Resolves when the process is gone. One that has not joined yet is not told by the scheduler, but notices that its channel is closed. */
async function dismiss(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), LEAVE_MS);
  await gone;
  clearTimeout(timer);
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
