/**
 * Owns: a worker: takes the scheduler's messages, knows the jobs, keeps and serves what their tasks make (which run in task-slots.ts).
 * Knows no transport: the local executor holds one in process, registration.ts puts one behind a gRPC stream.
 */
import type { JobId, WorkerId } from '../../core/ids.js';
import { type FromWorker, type MapOutput, PROTOCOL_VERSION, type ToWorker } from '../rpc/messages.js';
import { type BlockStore, cleanAbandoned, openBlockStore } from '../shuffle/block-store.js';
import { type KeptBlock, type KeptName, KeptStore } from '../shuffle/kept-store.js';
import { type BlockServer, newToken, reachableHost, startBlockServer } from '../shuffle/server.js';
import { BlobFiles } from './blob-files.js';
import { type ServiceAddress, ServiceLink } from './service-link.js';
import type { KeptBytes } from './task-request.js';
import { InlineRunner, ThreadRunner } from './task-runner.js';
import { type Send, type TaskHome, TaskSlots } from './task-slots.js';
import { WorkerJob } from './worker-job.js';

export interface WorkerOptions {
  readonly id: WorkerId;
  readonly slots: number;
  /** Directory for shuffle and spill files; empty means the system's temporary directory. */
  readonly dir: string;
  /** Host name or address under which others reach this one. */
  readonly host: string;
  /** Whether other workers may fetch blocks; needless where all tasks run in one process. */
  readonly serveBlocks: boolean;
  /** Run tasks in the calling thread, one at a time, for closures that only it has: such a task cannot be ended within a batch. */
  readonly inThread: boolean;
  /** The cluster's; null where it has none. */
  readonly secret: string | null;
  /** Keeps and serves its shuffle blocks beyond its life. */
  readonly shuffleService?: ServiceAddress;
}

export type Registration = Extract<FromWorker, { kind: 'register' }>;

/** Where what tasks make is kept, and from where others have it. */
interface Shelves {
  readonly store: BlockStore;
  readonly kept: KeptStore;
  readonly token: string;
  readonly server: BlockServer | null;
  readonly service: ServiceLink | null;
}

export class Worker {
  readonly registration: Registration;
  private readonly store: BlockStore;
  private readonly blobs: BlobFiles;
  private readonly kept: KeptStore;
  private readonly server: BlockServer | null;
  private readonly service: ServiceLink | null;
  private readonly tasks: TaskSlots;
  private readonly jobs = new Map<JobId, WorkerJob>();
  private stopped = false;

  private constructor(options: WorkerOptions, { store, kept, token, server, service }: Shelves, send: Send) {
    const { id, slots, host, inThread } = options;
    const endpoint = server?.endpoint ?? '';
    this.registration = {
      kind: 'register',
      worker: id,
      host: reachableHost(host),
      endpoint,
      blockToken: token,
      slots,
      protocol: PROTOCOL_VERSION,
    };
    this.store = store;
    this.blobs = new BlobFiles(store);
    this.kept = kept;
    this.server = server;
    this.service = service;
    const runner = inThread ? new InlineRunner(id, store) : new ThreadRunner(id, store, slots);
    this.tasks = new TaskSlots(slots, runner, this.homeOfTasks(), send);
    // A process that ends without a word still leaves nothing behind.
    process.once('exit', this.removeFiles);
  }

  /**
   * Makes the worker's directory, removes those of dead ones, starts threads and block server, attaches to the shuffle service.
   * Throws SHUFFLE_DIR_UNUSABLE, CANNOT_LISTEN and what ServiceLink.open throws.
   */
  static async start(options: WorkerOptions, send: Send): Promise<Worker> {
    cleanAbandoned(options.dir);
    const store = openBlockStore(options.dir, options.id);
    let service: ServiceLink | null = null;
    try {
      const evicted = (cache: string, outputs: readonly KeptName[]) =>
        void send({ kind: 'evicted', cache, outputs: outputs.map(({ map, home }) => ({ map, home })) });
      const kept = new KeptStore(store, options.id, evicted);
      const token = newToken();
      const source = { worker: options.id, token, store, kept };
      const findSource = (worker: WorkerId) => (worker === options.id ? source : null);
      if (options.shuffleService) service = await ServiceLink.open(options.shuffleService, options.id);
      const server = options.serveBlocks ? await startBlockServer({ host: options.host, findSource, secret: options.secret }) : null;
      return new Worker(options, { store, kept, token, server, service }, send);
    } catch (error) {
      service?.close();
      store.remove();
      throw error;
    }
  }

  /** Takes a message of the scheduler. `refused` and `shutdown` are the transport's business. */
  receive(message: ToWorker): void {
    if (this.stopped) return;
    switch (message.kind) {
      case 'job':
        this.jobs.set(message.job, new WorkerJob(this.store.jobDir(message.job), message, this.registration.worker));
        this.kept.setBusy(true);
        break;
      case 'stage':
        this.jobs.get(message.job)?.addStage(message);
        break;
      case 'launch':
        this.tasks.launch(message.tasks);
        break;
      case 'cancel':
        for (const key of message.keys) this.tasks.cancel(key, message.reason);
        break;
      case 'drop-job':
        this.dropJob(message.job);
        break;
      case 'blob':
        this.blobs.receive(message);
        break;
      case 'release':
        this.blobs.release(message.ids);
        this.kept.release(message.ids);
        break;
      case 'refused':
      case 'shutdown':
        break;
      default:
        message satisfies never;
    }
  }

  /** Ends all tasks, as `cancel` does, and forgets all jobs; the worker stays usable. */
  dropAll(): void {
    for (const job of [...this.jobs.keys()]) this.dropJob(job, true);
    this.kept.clear();
  }

  /** Ends tasks, threads and block server and removes all files. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.tasks.stop();
    await this.server?.close();
    this.service?.close();
    process.off('exit', this.removeFiles);
    this.removeFiles();
  }

  private readonly removeFiles = () => this.store.remove();

  private homeOfTasks(): TaskHome {
    return {
      jobOf: (id) => this.jobs.get(id) ?? null,
      taskDir: (key) => this.store.taskDir(key),
      keptBytes: (outputs) => this.keptBytes(outputs),
      servicePlace: () => this.service?.place() ?? null,
      blobFailure: (blob) => this.blobs.failure(blob),
      keep: (block, job) => this.keep(block, job),
      left: (id, job) => {
        if (job.dropped) this.tidy(id, job);
      },
    };
  }

  /** A job that is over by now has no use for it, and the scheduler does not learn of it. */
  private keep(block: KeptBlock, job: WorkerJob | null): void {
    if (!job || job.dropped || this.stopped) this.kept.discard(block);
    else this.kept.put(block, job.cacheBytes());
  }

  private keptBytes(outputs: readonly MapOutput[]): KeptBytes[] {
    return outputs.flatMap(({ home = '', map, attempt }) => {
      const found = this.kept.find({ home, map, attempt });
      return found?.bytes ? [{ home, map, bytes: found.bytes }] : [];
    });
  }

  /** `abandoned`: the scheduler was lost, with which the job may go on. */
  private dropJob(id: JobId, abandoned = false): void {
    const job = this.jobs.get(id);
    if (!job) {
      // It may have been lost sight of here before.
      this.service?.endJob(id);
      return;
    }
    this.jobs.delete(id);
    this.tasks.cancelJob(id, job);
    job.dropped = true;
    job.abandoned = abandoned;
    this.tidy(id, job);
    this.kept.setBusy(this.jobs.size > 0);
  }

  /** After a lost connection the same job may have been sent again, and have its files in the same place. */
  private tidy(id: JobId, job: WorkerJob): void {
    if (job.running > 0 || this.jobs.has(id)) return;
    job.removeFiles();
    if (job.abandoned) this.service?.abandonJob(id);
    else this.service?.endJob(id);
  }
}
