/**
 * Owns: jobs as their drivers see them: who hears of a job's facts, its rows on the way, its end. A job that has succeeded stays here until
 * its driver has its last row. What a driver does to its job becomes an input of the state machine, given to `feed`.
 */
import { asMinisparkError, userError, type WireError } from '../../core/errors.js';
import type { Event } from '../../core/events.js';
import type { JobId, TaskKey } from '../../core/ids.js';
import type { JobResult } from '../rpc/messages.js';
import type { Input } from './actions.js';
import { wireWithoutStack } from './job-end.js';
import { JobResults } from './results.js';

/** Where a job's facts, rows and end go. Calls come one at a time, `onDone` last; they may come before `submit` returns. */
export interface JobListener {
  onEvent(event: Event): void;
  /** At most `resultWindowBytes` are under way: report what was consumed by `JobHandle.taken`. */
  onResult(result: JobResult): void;
  onDone(error: WireError | null): void;
}

export interface JobHandle {
  /** Ends the job with JOB_CANCELLED. Nothing happens if it has ended. */
  cancel(reason: string): void;
  /** Bytes of result blocks that the driver has consumed. */
  taken(bytes: number): void;
}

export type Untimed<T> = T extends unknown ? Omit<T, 'time'> : never;

interface DrivenJob {
  readonly listener: JobListener;
  readonly results: JobResults;
  /** The job's launches of result tasks are held. */
  held: boolean;
  /** Succeeded; only the delivery of results goes on. */
  finished: boolean;
}

export class DrivenJobs {
  private readonly jobs = new Map<JobId, DrivenJob>();
  private readonly window: number;
  private readonly feed: (input: Untimed<Input>) => void;

  /** `window`: result bytes that a driver is sent ahead of what it has taken. */
  constructor(window: number, feed: (input: Untimed<Input>) => void) {
    this.window = window;
    this.feed = feed;
  }

  has(job: JobId): boolean {
    return this.jobs.has(job);
  }

  ids(): JobId[] {
    return [...this.jobs.keys()];
  }

  add(id: JobId, listener: JobListener): JobHandle {
    const results = new JobResults(this.window, (result) => this.tell(id, () => listener.onResult(result)));
    const job: DrivenJob = { listener, results, held: false, finished: false };
    this.jobs.set(id, job);
    const isCurrent = () => this.jobs.get(id) === job;
    return {
      cancel: (reason) => {
        if (isCurrent()) this.end(id, wireWithoutStack(userError('JOB_CANCELLED', `The job was cancelled: ${reason}.`)), true);
      },
      taken: (bytes) => {
        if (!isCurrent()) return;
        results.taken(bytes);
        this.settle(id, job);
      },
    };
  }

  /** Tells the job's driver, or all where it is null. */
  hear(id: JobId | null, event: Event): void {
    for (const name of id === null ? this.jobs.keys() : [id]) this.tell(name, () => this.jobs.get(name)?.listener.onEvent(event));
  }

  /** A result block of an attempt that runs. Gives the bytes that wait for the driver by now. */
  keepResult(key: TaskKey, rows: number, block: Uint8Array): number {
    const results = this.jobs.get(key.job)?.results;
    results?.add(key, rows, block);
    return results?.bytes ?? 0;
  }

  /** How many result blocks of this attempt are here. */
  countResults(key: TaskKey): number {
    return this.jobs.get(key.job)?.results.count(key) ?? 0;
  }

  acceptResult(key: TaskKey): void {
    const job = this.jobs.get(key.job);
    job?.results.accept(key);
    if (job) this.settle(key.job, job);
  }

  discardResult(key: TaskKey): void {
    this.jobs.get(key.job)?.results.discard(key);
  }

  /** Has the job ended from outside. */
  end(id: JobId, error: WireError, cancelled: boolean): void {
    if (this.jobs.get(id)?.finished) this.close(id, error);
    else this.feed({ kind: 'end-job', job: id, error, cancelled });
  }

  /** The state machine is through with the job. */
  finish(id: JobId, error: WireError | null): void {
    const job = this.jobs.get(id);
    if (!job) return;
    job.finished = true;
    if (error !== null || job.results.isDelivered) this.close(id, error);
  }

  private settle(id: JobId, job: DrivenJob): void {
    const { isDelivered, isBehind } = job.results;
    if (job.finished) {
      if (isDelivered) this.close(id, null);
      return;
    }
    const held = job.held ? !isDelivered : isBehind;
    if (held === job.held) return;
    job.held = held;
    this.feed({ kind: 'results-held', job: id, held });
  }

  private close(id: JobId, error: WireError | null): void {
    const job = this.jobs.get(id);
    this.jobs.delete(id);
    job?.listener.onDone(error);
  }

  /** A listener that throws ends its own job, and nobody else's. */
  private tell(id: JobId, call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.end(id, wireWithoutStack(asMinisparkError(thrown)), false);
    }
  }
}
