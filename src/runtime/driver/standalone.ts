/** Owns: the standing scheduler and worker processes of a cluster, without their command lines. */
import type { EventListener } from '../../core/events.js';
import type { JoinedWorker } from '../worker/registration.js';
import { readToken } from './grpc-executor.js';

export interface SchedulerProcess {
  readonly port: number;
  /** Resolves when it was closed. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface SchedulerProcessOptions {
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  /** Hears of all workers and jobs. */
  readonly onEvent: EventListener;
}

/** Throws TOKEN_REQUIRED, PORT_IN_USE, CANNOT_LISTEN. */
export async function runScheduler({ host, port, tokenFile, onEvent }: SchedulerProcessOptions): Promise<SchedulerProcess> {
  const { startScheduler } = await import('../scheduler/server.js');
  const server = await startScheduler({ host, port, token: readToken(tokenFile), service: { onEvent } });
  let settle = (): void => {};
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return {
    port: server.port,
    closed,
    async close() {
      await server.close('it was stopped');
      settle();
    },
  };
}

export interface WorkerProcessOptions {
  readonly scheduler: string;
  readonly threads: number;
  readonly host: string;
  readonly dir?: string;
  readonly tokenFile?: string;
  /** A name like no other's on any machine; one is made where there is none. */
  readonly id?: string;
  /** Has the worker leave, from its start on. */
  readonly signal?: AbortSignal;
}

/** Throws SCHEDULER_UNREACHABLE, CONNECT_ABORTED and what starting a worker throws. */
export async function runWorker({ scheduler, threads, host, dir, tokenFile, id, signal }: WorkerProcessOptions): Promise<JoinedWorker> {
  const { joinScheduler } = await import('../worker/registration.js');
  // The scheduler of a local cluster may be busy with its own job for any time; its worker ends with it.
  const rejoinMs = process.connected ? Number.POSITIVE_INFINITY : undefined;
  return joinScheduler({ scheduler, threads, host, dir: dir ?? '', token: readToken(tokenFile), id, rejoinMs, signal });
}
