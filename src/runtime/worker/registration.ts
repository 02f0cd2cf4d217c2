/**
 * Owns: a worker's life as a process of a cluster: joins the scheduler, and joins again when the connection broke; leaves when told to.
 * Receives the scheduler's address; gives a promise of how it ended. Ends with its parent process too, where that holds an IPC channel.
 */
import { randomBytes } from 'node:crypto';
import { asMinisparkError, fatalError, type MinisparkError } from '../../core/errors.js';
import type { FromWorker, ToWorker } from '../rpc/messages.js';
import { openWorkStream, type WorkStream } from '../rpc/work-stream.js';
import { Worker } from './worker.js';

export interface JoinOptions {
  /** `grpc://host:port`. */
  readonly scheduler: string;
  readonly token: string | null;
  readonly threads: number;
  /** Where the block server listens; others are told this name, or the machine's own for 0.0.0.0 and ::. */
  readonly host: string;
  /** For shuffle and spill files; empty means the system's temporary directory. */
  readonly dir: string;
  /** `host:port` of the shuffle service of this host that keeps its blocks; it knows the same token. */
  readonly shuffleService?: string;
  /** A name like no other's on any machine; one is made where there is none. */
  readonly id?: string;
  /** How long to try to reach a scheduler that was lost; default 30 s. */
  readonly rejoinMs?: number;
  /** Has the worker leave, from its start on. */
  readonly signal?: AbortSignal;
}

export interface JoinedWorker {
  readonly id: string;
  /** Resolves when the worker left on purpose; rejects when the scheduler refused it or stayed away. Files are gone by then. */
  readonly closed: Promise<void>;
  /** Leaves: tells the scheduler, ends tasks, removes files. */
  close(): Promise<void>;
}

const REJOIN_MS = 30_000;
const PAUSE_MS = 500;

/** Throws SCHEDULER_UNREACHABLE, CONNECT_ABORTED, SHUFFLE_DIR_UNUSABLE, CANNOT_LISTEN; a refusal rejects `closed`. */
export async function joinScheduler(options: JoinOptions): Promise<JoinedWorker> {
  const membership = new Membership(options);
  await membership.start();
  return membership;
}

class Membership implements JoinedWorker {
  readonly id: string;
  readonly closed: Promise<void>;
  private readonly options: JoinOptions;
  private settle!: (error: MinisparkError | null) => void;
  private worker!: Worker;
  private stream: WorkStream | null = null;
  private leaving: Promise<void> | null = null;
  /** Ends an attempt to connect. */
  private readonly connecting = new AbortController();

  constructor(options: JoinOptions) {
    this.options = options;
    this.id = options.id ?? `worker-${randomBytes(6).toString('hex')}`;
    this.closed = new Promise((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve());
    });
    // Whoever only calls close() must not be brought down by a refusal.
    this.closed.catch(() => {});
  }

  async start(): Promise<void> {
    const { threads: slots, host, dir, shuffleService: address, token: secret } = this.options;
    const shuffleService = address === undefined ? undefined : { address, secret };
    const options = { id: this.id, slots, dir, host, serveBlocks: true, inThread: false, secret, shuffleService };
    this.worker = await Worker.start(options, (message) => this.send(message));
    const { signal } = this.options;
    signal?.addEventListener('abort', this.onStop);
    process.once('disconnect', this.onParentGone);
    if (signal?.aborted) this.onStop();
    if (process.connected === false) this.onParentGone();
    try {
      await this.connect();
    } catch (error) {
      await this.leave('it could not join', null);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.leave('it was stopped', null);
  }

  private readonly onStop = () => void this.leave('it was stopped', null);
  private readonly onParentGone = () => void this.leave('its parent process ended', null);

  private send(message: FromWorker): void | Promise<void> {
    if (!this.stream) return;
    this.stream.send(message);
    if (message.kind === 'result') return this.stream.writable();
  }

  private async connect(): Promise<void> {
    const { scheduler, token } = this.options;
    const handlers = {
      message: (message: ToWorker) => this.receive(message),
      closed: (error: MinisparkError | null) => {
        this.stream = null;
        if (error && !this.leaving) void this.rejoin(error);
      },
    };
    const stream = await openWorkStream(scheduler, this.worker.registration, token, handlers, { signal: this.connecting.signal });
    if (this.leaving) await stream.close();
    else this.stream = stream;
  }

  private receive(message: ToWorker): void {
    if (message.kind === 'shutdown') void this.leave(message.reason, null);
    else this.worker.receive(message);
  }

  /** The scheduler has forgotten this worker, and it forgets all jobs; then it tries to come back, for a while. */
  private async rejoin(lost: MinisparkError): Promise<void> {
    this.worker.dropAll();
    if (lost.kind === 'user') return this.leave(lost.message, lost);
    const until = Date.now() + (this.options.rejoinMs ?? REJOIN_MS);
    while (!this.leaving) {
      try {
        return await this.connect();
      } catch (thrown) {
        const error = asMinisparkError(thrown);
        if (error.condition !== 'SCHEDULER_UNREACHABLE' || Date.now() >= until) return this.leave(error.message, error);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  private leave(reason: string, error: MinisparkError | null): Promise<void> {
    this.leaving ??= this.leaveOnce(reason, error);
    return this.leaving;
  }

  private async leaveOnce(reason: string, error: MinisparkError | null): Promise<void> {
    process.off('disconnect', this.onParentGone);
    this.options.signal?.removeEventListener('abort', this.onStop);
    this.connecting.abort();
    const stream = this.stream;
    stream?.send({ kind: 'leaving', worker: this.id, reason });
    try {
      // No word of the tasks that end now: the scheduler has them run elsewhere, without counting it against them.
      await stream?.close();
      await this.worker.stop();
      this.settle(error);
    } catch (thrown) {
      this.settle(
        error ?? fatalError('WORKER_STOP_FAILED', `The worker could not tidy up: ${(thrown as Error).message}.`, { cause: thrown }),
      );
    }
  }
}
