/**
 * Owns: the identities of jobs, stages, tasks and workers, and their one printed form.
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

/** Whether a text may be the id of a job or worker. Files are named by them: none leads out of its directory. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text);
}

export function formatTask(key: TaskKey): string {
  return `${key.job}/stage ${key.stage}/partition ${key.partition}/attempt ${key.attempt}`;
}
