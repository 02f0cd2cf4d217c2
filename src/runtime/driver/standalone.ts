/** Owns: the standing scheduler and worker processes of a cluster, without their command lines. */
import type { EventListener } from '../../core/events.js';
import { parseAddress } from '../rpc/address.js';
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
  /** Address of the shuffle service of this host. */
  readonly shuffleService?: string;
  /** A name like no other's on any machine; one is made where there is none. */
  readonly id?: string;
  /** Has the worker leave, from its start on. */
  readonly signal?: AbortSignal;
}

/** Throws SCHEDULER_UNREACHABLE, CONNECT_ABORTED and what starting a worker throws. */
export async function runWorker(options: WorkerProcessOptions): Promise<JoinedWorker> {
  const { scheduler, threads, host, dir, tokenFile, id, signal } = options;
  const { joinScheduler } = await import('../worker/registration.js');
  // The scheduler of a local cluster may be busy with its own job for any time; its worker ends with it.
  const rejoinMs = process.connected ? Number.POSITIVE_INFINITY : undefined;
  const shuffleService = options.shuffleService === undefined ? undefined : parseAddress(options.shuffleService);
  return joinScheduler({ scheduler, threads, host, dir: dir ?? '', token: readToken(tokenFile), id, shuffleService, rejoinMs, signal });
}

export interface ServiceProcessOptions {
  readonly host: string;
  readonly port: number;
  readonly dir?: string;
  readonly tokenFile?: string;
  readonly retainMs: number;
}

export interface ServiceProcess {
  readonly endpoint: string;
  /** Where its files are. */
  readonly root: string;
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** A shuffle service; ends with its parent process, where that holds an IPC channel. Throws what startShuffleService throws. */
export async function runShuffleService({ host, port, dir, tokenFile, retainMs }: ServiceProcessOptions): Promise<ServiceProcess> {
  const { startShuffleService } = await import('../shuffle/shuffle-service.js');
  const { endpoint, root, close: stop } = await startShuffleService({ host, port, dir: dir ?? '', secret: readToken(tokenFile), retainMs });
  let settle = (): void => {};
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const close = async () => {
    process.off('disconnect', close);
    await stop();
    settle();
  };
  process.once('disconnect', close);
  if (process.connected === false) await close();
  return { endpoint, root, closed, close };
}
