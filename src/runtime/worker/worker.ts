/**
 * Owns: a worker: takes the scheduler's messages, runs tasks on its slots, reports what became of them, keeps and serves their shuffle files.
 * Knows no transport: the local executor holds one in process, registration.ts puts one behind a gRPC stream.
 */
import { rm } from 'node:fs/promises';
import { asMinisparkError, fatalError, type MinisparkError, retryableError, toWireError } from '../../core/errors.js';
import { formatTask, type JobId, type TaskKey, type WorkerId } from '../../core/ids.js';
import { type FromWorker, type LaunchedTask, type MapOutput, PROTOCOL_VERSION, type ToWorker } from '../rpc/messages.js';
import { type BlockStore, cleanAbandoned, openBlockStore } from '../shuffle/block-store.js';
import { type KeptBlock, type KeptName, KeptStore } from '../shuffle/kept-store.js';
import { type BlockServer, newToken, reachableHost, startBlockServer } from '../shuffle/server.js';
import { BlobFiles } from './blob-files.js';
import { type ServiceAddress, ServiceLink } from './service-link.js';
import { died, failure, timedOut } from './task-failure.js';
import type { BlockMessage, KeptBytes, TaskReply, TaskRequest } from './task-request.js';
import { InlineRunner, type TaskRunner, ThreadRunner } from './task-runner.js';
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

/** Where the result is a promise, further result blocks of that task are held back until it resolves. */
export type Send = (message: FromWorker) => void | Promise<void>;
export type Registration = Extract<FromWorker, { kind: 'register' }>;

/** Where what tasks make is kept, and from where others have it. */
interface Shelves {
  readonly store: BlockStore;
  readonly kept: KeptStore;
  readonly token: string;
  readonly server: BlockServer | null;
  readonly service: ServiceLink | null;
}

interface Running {
  readonly key: TaskKey;
  readonly slot: number;
  readonly job: WorkerJob;
  readonly abort: AbortController;
  /** Why it was ended from outside. */
  ended: MinisparkError | null;
  timer: NodeJS.Timeout | null;
}

/** How long a cancelled task may take to notice before its thread is ended. */
const GRACE_MS = 2000;

export class Worker {
  readonly registration: Registration;
  private readonly send: Send;
  private readonly store: BlockStore;
  private readonly blobs: BlobFiles;
  private readonly kept: KeptStore;
  private readonly server: BlockServer | null;
  private readonly service: ServiceLink | null;
  private readonly runner: TaskRunner;
  private readonly jobs = new Map<JobId, WorkerJob>();
  private readonly queue = new Map<string, LaunchedTask>();
  private readonly running = new Map<string, Running>();
  private readonly freeSlots: number[];
  private serial = 0;
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
    this.send = send;
    this.store = store;
    this.blobs = new BlobFiles(store);
    this.kept = kept;
    this.server = server;
    this.service = service;
    this.runner = inThread ? new InlineRunner(id, store) : new ThreadRunner(id, store, slots);
    // A process that ends without a word still leaves nothing behind.
    process.once('exit', this.removeFiles);
    this.freeSlots = Array.from({ length: slots }, (_, i) => slots - 1 - i);
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
        for (const task of message.tasks) this.queue.set(formatTask(task.key), task);
        this.startQueued();
        break;
      case 'cancel':
        for (const key of message.keys) this.cancel(key, message.reason);
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
    this.queue.clear();
    for (const task of this.running.values()) this.end(task, retryableError('WORKER_STOPPED', 'The worker was stopped.'), 0);
    await this.runner.close();
    await this.server?.close();
    this.service?.close();
    process.off('exit', this.removeFiles);
    this.removeFiles();
  }

  private readonly removeFiles = () => this.store.remove();

  private startQueued(): void {
    const started: TaskKey[] = [];
    for (const [name, task] of this.queue) {
      const slot = this.freeSlots.pop();
      if (slot === undefined) break;
      this.queue.delete(name);
      started.push(task.key);
      void this.execute(name, task, slot);
    }
    if (started.length > 0) void this.send({ kind: 'started', keys: started });
  }

  /** Runs one task on a slot that is free for it, to its report. */
  private async execute(name: string, { key, round, input }: LaunchedTask, slot: number): Promise<void> {
    const job = this.jobs.get(key.job);
    // Known from now on: what comes in the same turn may cancel it.
    const task: Running | null = job ? { key, slot, job, abort: new AbortController(), ended: null, timer: null } : null;
    if (task) {
      this.running.set(name, task);
      task.job.running++;
    }
    // What is reported of a task comes after the `started` of the same turn.
    await Promise.resolve();
    const reply = task
      ? await this.run(task, round, input)
      : failure(fatalError('INTERNAL_ERROR', `A task of ${key.job} was launched here without its job.`));
    if (task) {
      this.running.delete(name);
      task.job.running--;
    }
    if (reply.ok && reply.kept) this.keep(reply.kept, job);
    if (!this.stopped) this.report(key, reply);
    this.freeSlots.push(slot);
    if (job?.dropped) this.tidy(key.job, job);
    if (!this.stopped) this.startQueued();
  }

  private async run(task: Running, round: number, input: string): Promise<TaskReply> {
    const { key, slot, job, abort } = task;
    const onBlock = ({ index, rows, block }: BlockMessage) => this.send({ kind: 'result', key, index, rows, block });
    try {
      if (task.ended) return failure(task.ended);
      const timeout = job.timeoutMs();
      const kept = this.keptBytes(job.keptReads(key.stage, round, input));
      const stageFile = job.stageFile(key.stage, round);
      const service = this.service?.place() ?? null;
      const request: TaskRequest = { serial: ++this.serial, slot, key, stageFile, input, kept, service };
      if (timeout > 0) task.timer = setTimeout(() => this.end(task, timedOut(job.stageName(key.stage), key.stage, timeout), 0), timeout);
      const reply = await this.runner.run(request, job.bundleHash(), abort.signal, onBlock).catch((thrown) => failure(died(thrown)));
      if (reply.ok) return reply;
      const missing = reply.error.condition === 'BROADCAST_UNAVAILABLE' ? this.blobs.failure(reply.error.data?.['blob']) : null;
      const better = task.ended ?? missing;
      return better === null ? reply : { ...reply, error: toWireError(better) };
    } catch (thrown) {
      return failure(asMinisparkError(thrown));
    } finally {
      if (task.timer) clearTimeout(task.timer);
      // Its thread may have ended without tidying up; what cannot be removed now goes with the job.
      if (task.ended) rm(this.store.taskDir(key), { recursive: true, force: true }).catch(() => {});
    }
  }

  private report(key: TaskKey, reply: TaskReply): void {
    if (!reply.ok) void this.send({ kind: 'failed', key, error: reply.error, metrics: reply.metrics });
    else {
      const { metrics, output, blocks, accumulated } = reply;
      void this.send({ kind: 'finished', key, metrics, output, blocks, ...(accumulated.length > 0 && { accumulated }) });
    }
  }

  /** A job that is over by now has no use for it, and the scheduler does not learn of it. */
  private keep(block: KeptBlock, job: WorkerJob | undefined): void {
    if (!job || job.dropped || this.stopped) this.kept.discard(block);
    else this.kept.put(block, job.cacheBytes());
  }

  private keptBytes(outputs: readonly MapOutput[]): KeptBytes[] {
    return outputs.flatMap(({ home = '', map, attempt }) => {
      const found = this.kept.find({ home, map, attempt });
      return found?.bytes ? [{ home, map, bytes: found.bytes }] : [];
    });
  }

  private cancel(key: TaskKey, reason: string): void {
    const name = formatTask(key);
    if (this.queue.delete(name)) return;
    const task = this.running.get(name);
    if (task) this.end(task, retryableError('TASK_CANCELLED', `The task was cancelled: ${reason}.`), GRACE_MS);
  }

  /** Tells the task to end, and ends its thread if it has not after `grace` ms. */
  private end(task: Running, error: MinisparkError, grace: number): void {
    if (task.ended) return;
    task.ended = error;
    if (task.timer) clearTimeout(task.timer);
    this.runner.cancel(task.slot);
    if (grace === 0) task.abort.abort();
    else task.timer = setTimeout(() => task.abort.abort(), grace);
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
    for (const [name, { key }] of this.queue) if (key.job === id) this.queue.delete(name);
    for (const task of this.running.values()) if (task.job === job) this.cancel(task.key, 'The job is over');
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
