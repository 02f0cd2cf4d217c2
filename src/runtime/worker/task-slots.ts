/**
 * Owns: a worker's tasks from launch to report: which wait, which runs on which slot, which are to end before they are through.
 * What tasks need and leave behind besides their slot is the worker's (`TaskHome`).
 */
import { rm } from 'node:fs/promises';
import { asMinisparkError, fatalError, type MinisparkError, retryableError, toWireError } from '../../core/errors.js';
import { formatTask, type JobId, type TaskKey } from '../../core/ids.js';
import type { FromWorker, LaunchedTask, MapOutput } from '../rpc/messages.js';
import type { KeptBlock } from '../shuffle/kept-store.js';
import type { ServicePlace } from './service-link.js';
import { died, failure, timedOut } from './task-failure.js';
import type { BlockMessage, KeptBytes, TaskReply, TaskRequest } from './task-request.js';
import type { TaskRunner } from './task-runner.js';
import type { WorkerJob } from './worker-job.js';

/** Where the result is a promise, further result blocks of that task are held back until it resolves. */
export type Send = (message: FromWorker) => void | Promise<void>;

/** The worker, as its tasks see it. */
export interface TaskHome {
  jobOf(id: JobId): WorkerJob | null;
  taskDir(key: TaskKey): string;
  /** Those of the outputs that are in memory here. */
  keptBytes(outputs: readonly MapOutput[]): readonly KeptBytes[];
  /** Where shuffle blocks go, if not into the worker's own directory. */
  servicePlace(): ServicePlace | null;
  /** Why a broadcast value is not here, where the disk refused it. */
  blobFailure(blob: unknown): MinisparkError | null;
  /** Takes the partition that a task has made to be kept; `job` null where it was not known here. */
  keep(block: KeptBlock, job: WorkerJob | null): void;
  /** A task of the job has ended and was reported. */
  left(id: JobId, job: WorkerJob): void;
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

export class TaskSlots {
  private readonly runner: TaskRunner;
  private readonly home: TaskHome;
  private readonly send: Send;
  private readonly queue = new Map<string, LaunchedTask>();
  private readonly running = new Map<string, Running>();
  private readonly free: number[];
  private serial = 0;
  private stopped = false;

  constructor(slots: number, runner: TaskRunner, home: TaskHome, send: Send) {
    this.runner = runner;
    this.home = home;
    this.send = send;
    this.free = Array.from({ length: slots }, (_, i) => slots - 1 - i);
  }

  launch(tasks: readonly LaunchedTask[]): void {
    for (const task of tasks) this.queue.set(formatTask(task.key), task);
    this.startQueued();
  }

  cancel(key: TaskKey, reason: string): void {
    const name = formatTask(key);
    if (this.queue.delete(name)) return;
    const task = this.running.get(name);
    if (task) this.end(task, retryableError('TASK_CANCELLED', `The task was cancelled: ${reason}.`), GRACE_MS);
  }

  /** Cancels whatever waits of the job of this id, and what runs of this very one. */
  cancelJob(id: JobId, job: WorkerJob): void {
    for (const [name, { key }] of this.queue) if (key.job === id) this.queue.delete(name);
    for (const task of this.running.values()) if (task.job === job) this.cancel(task.key, 'The job is over');
  }

  /** Ends all tasks, without a report, and their threads. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.queue.clear();
    for (const task of this.running.values()) this.end(task, retryableError('WORKER_STOPPED', 'The worker was stopped.'), 0);
    await this.runner.close();
  }

  private startQueued(): void {
    const started: TaskKey[] = [];
    for (const [name, task] of this.queue) {
      const slot = this.free.pop();
      if (slot === undefined) break;
      this.queue.delete(name);
      started.push(task.key);
      void this.execute(name, task, slot);
    }
    if (started.length > 0) void this.send({ kind: 'started', keys: started });
  }

  /** Runs one task on a slot that is free for it, to its report. */
  private async execute(name: string, { key, round, input }: LaunchedTask, slot: number): Promise<void> {
    const job = this.home.jobOf(key.job);
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
    if (reply.ok && reply.kept) this.home.keep(reply.kept, job);
    if (!this.stopped) this.report(key, reply);
    this.free.push(slot);
    if (job) this.home.left(key.job, job);
    if (!this.stopped) this.startQueued();
  }

  private async run(task: Running, round: number, input: string): Promise<TaskReply> {
    const { key, slot, job, abort } = task;
    const onBlock = ({ index, rows, block }: BlockMessage) => this.send({ kind: 'result', key, index, rows, block });
    try {
      if (task.ended) return failure(task.ended);
      const timeout = job.timeoutMs();
      const kept = this.home.keptBytes(job.keptReads(key.stage, round, input));
      const stageFile = job.stageFile(key.stage, round);
      const service = this.home.servicePlace();
      const request: TaskRequest = { serial: ++this.serial, slot, key, stageFile, input, kept, service };
      if (timeout > 0) task.timer = setTimeout(() => this.end(task, timedOut(job.stageName(key.stage), key.stage, timeout), 0), timeout);
      const reply = await this.runner.run(request, job.bundleHash(), abort.signal, onBlock).catch((thrown) => failure(died(thrown)));
      if (reply.ok) return reply;
      const missing = reply.error.condition === 'BROADCAST_UNAVAILABLE' ? this.home.blobFailure(reply.error.data?.['blob']) : null;
      const better = task.ended ?? missing;
      return better === null ? reply : { ...reply, error: toWireError(better) };
    } catch (thrown) {
      return failure(asMinisparkError(thrown));
    } finally {
      if (task.timer) clearTimeout(task.timer);
      // Its thread may have ended without tidying up; what cannot be removed now goes with the job.
      if (task.ended) rm(this.home.taskDir(key), { recursive: true, force: true }).catch(() => {});
    }
  }

  private report(key: TaskKey, reply: TaskReply): void {
    if (!reply.ok) void this.send({ kind: 'failed', key, error: reply.error, metrics: reply.metrics });
    else {
      const { metrics, output, blocks, accumulated } = reply;
      void this.send({ kind: 'finished', key, metrics, output, blocks, ...(accumulated.length > 0 && { accumulated }) });
    }
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
}
