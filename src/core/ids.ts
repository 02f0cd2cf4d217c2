/**
 * Owns: the identities of jobs, stages, tasks, workers and shuffle blocks, and their one printed form.
 * Everything here is plain JSON so that it crosses threads, sockets and logs unchanged.
 */

/** `job-<time base36>-<random>`: unique across drivers, sorts by time of submission. */
export type JobId = string;
/** `worker-<random>`: chosen by the worker process, one for its lifetime. */
export type WorkerId = string;

/** One try at one partition of one stage. `attempt` counts from 0 and is never reused within a job. */
export interface TaskKey {
  readonly job: JobId;
  readonly stage: number;
  readonly partition: number;
  readonly attempt: number;
}

/** The rows that one map task wrote for one reduce partition. `shuffle` is unique within its job. */
export interface BlockId {
  readonly shuffle: number;
  readonly map: number;
  readonly partition: number;
}

export function formatTask(key: TaskKey): string {
  return `${key.job}/stage ${key.stage}/partition ${key.partition}/attempt ${key.attempt}`;
}
