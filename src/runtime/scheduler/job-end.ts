/**
 * Owns: the end of a job, for whatever reason, and the wait for workers that may be the reason.
 */
import { retryableError, toWireError, type WireError } from '../../core/errors.js';
import type { TaskKey } from '../../core/ids.js';
import { type JobState, keyOf } from './job-state.js';
import { releaseDoomed } from './keep.js';
import { forgetServed } from './outputs.js';
import { listWorker } from './placement.js';
import { unlistStage } from './stages.js';
import type { Turn, WorkerState } from './state.js';

/** `error` is null when all partitions were accepted. Forgets the job, here and on every worker. */
export function endJob(turn: Turn, job: JobState, error: WireError | null, cancelled = false): void {
  const { state, time, actions } = turn;
  state.jobs.delete(job.id);
  for (const stage of job.stages) unlistStage(turn, stage);
  for (const worker of state.workers.values()) {
    const keys = abandonTasks(turn, job, worker);
    if (keys.length > 0)
      actions.push({ kind: 'send', worker: worker.worker, message: { kind: 'cancel', keys, reason: 'The job is over' } });
    actions.push({ kind: 'send', worker: worker.worker, message: { kind: 'drop-job', job: job.id } });
    worker.told.delete(job.id);
    worker.outputs.delete(job.id);
    listWorker(turn, worker);
  }
  forgetServed(turn, job);
  releaseDoomed(turn, job);
  actions.push({ kind: 'emit', job: job.id, event: { time, kind: 'job-finished', job: job.id, error, cancelled } });
  actions.push({ kind: 'job-done', job: job.id, error });
}

function abandonTasks(turn: Turn, job: JobState, worker: WorkerState): TaskKey[] {
  const keys: TaskKey[] = [];
  for (const task of worker.launched) {
    turn.state.steps++;
    if (task.stage.job !== job) continue;
    keys.push(keyOf(task));
    worker.launched.delete(task);
    worker.queued.delete(task);
  }
  return keys;
}

/** Gives a job without workers its time to wait. */
export function awaitWorkers(turn: Turn, job: JobState): void {
  job.starvedSince = turn.time;
  turn.actions.push({ kind: 'start-timer', id: `no-workers/${job.id}`, at: turn.time + turn.state.options.noWorkersMs });
}

/** Ends the job if it has waited its time. */
export function endStarvedJob(turn: Turn, job: JobState): void {
  const { lastLoss, options } = turn.state;
  const { noWorkersMs } = options;
  if (job.starvedSince === null || turn.time < job.starvedSince + noWorkersMs) return;
  const before = lastLoss === null ? '' : ` ${lastLoss}`;
  const error = retryableError('NO_WORKERS', `No worker has been there to run tasks for ${noWorkersMs / 1000} s.${before}`, {
    hint: 'Start workers with `minispark worker --scheduler <host:port>`, or look into why those that ran have ended',
  });
  endJob(turn, job, wireWithoutStack(error));
}

/** As it travels, without the scheduler's own stack, which tells a user nothing. */
export function wireWithoutStack(thrown: unknown): WireError {
  const { stack: _, ...wire } = toWireError(thrown);
  return wire;
}
