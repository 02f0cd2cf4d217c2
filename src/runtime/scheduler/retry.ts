/**
 * Owns: what becomes of a task whose attempt failed. A user's fault ends the job at once; all else is tried again, elsewhere if possible,
 * up to `task.attempts`. That holds for `fatal` errors too: broken memory is a fault of the place, and a fault of minispark itself shows
 * again on the next tries, at the price of a few of them. A full disk is tried elsewhere alone: the same rows would fill it again.
 */
import type { WireError } from '../../core/errors.js';
import { endJob } from './job-end.js';
import { keyOf, type TaskState } from './job-state.js';
import { releaseWorker } from './placement.js';
import { requeueTask } from './stages.js';
import type { Turn } from './state.js';

/** Counts the failure; tries again or ends the job. */
export function failAttempt(turn: Turn, task: TaskState, error: WireError): void {
  const { job } = task.stage;
  const worker = task.worker!.worker;
  task.failures++;
  task.failedAt = turn.time;
  if (!task.failedOn.includes(worker)) task.failedOn.push(worker);
  const willRetry =
    error.kind !== 'user' && task.failures < job.maxAttempts && !(error.condition === 'DISK_FULL' && failedEverywhere(turn, task));
  // A broadcast value that was sent there and is not there.
  if (typeof error.data?.['blob'] === 'string') task.worker!.blobs.delete(error.data['blob']);
  reportFailure(turn, task, error, willRetry);
  releaseWorker(turn, task);
  if (willRetry) requeueTask(turn, task, 'retries');
  else endJob(turn, job, error.kind === 'user' ? error : lastError(task, worker, error));
}

function failedEverywhere({ state }: Turn, task: TaskState): boolean {
  for (const worker of state.workers.keys()) if (!task.failedOn.includes(worker)) return false;
  return true;
}

/** The attempt did not fail of itself: it is tried again without counting. */
export function excuseAttempt(turn: Turn, task: TaskState, error: WireError): void {
  reportFailure(turn, task, error, true);
  releaseWorker(turn, task);
  requeueTask(turn, task, 'requeued');
}

export function reportFailure(turn: Turn, task: TaskState, error: WireError, willRetry: boolean): void {
  const event = { time: turn.time, kind: 'task-failed', task: keyOf(task), worker: task.worker!.worker, error, willRetry } as const;
  turn.actions.push({ kind: 'emit', job: task.stage.job.id, event });
}

function lastError(task: TaskState, worker: string, error: WireError): WireError {
  const tries = task.failures === 1 ? 'failed' : `failed ${task.failures} times`;
  const { stage, partition } = keyOf(task);
  return { ...error, message: `Task ${partition} of stage ${stage} ${tries}, the last time on ${worker}: ${error.message}` };
}
