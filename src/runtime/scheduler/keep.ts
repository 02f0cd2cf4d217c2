/**
 * Owns: what outlives a job: broadcast values, sent to a worker before its first task that may read them, and freed when the driver says so;
 * not before the last job that uses them is over.
 */
import type { JobState, Turn, WorkerState } from './state.js';

/** Sends the job's broadcast values that the worker has not got. */
export function sendBlobs(turn: Turn, job: JobState, worker: WorkerState): void {
  for (const blob of job.submission.blobs ?? []) {
    turn.state.steps++;
    if (worker.blobs.has(blob)) continue;
    worker.blobs.add(blob);
    turn.actions.push({ kind: 'send-blob', worker: worker.worker, blob });
  }
}

/** What a new job uses stays, whatever was said before. */
export function claim(turn: Turn, job: JobState): void {
  for (const id of job.uses) turn.state.doomed.delete(id);
}

/** Frees what no running job uses; the rest goes with the last one that does. */
export function release(turn: Turn, ids: readonly string[]): void {
  const { state } = turn;
  const used = new Set<string>();
  for (const job of state.jobs.values()) for (const id of job.uses) used.add(id);
  for (const id of ids) if (used.has(id)) state.doomed.add(id);
  free(
    turn,
    ids.filter((id) => !used.has(id)),
  );
}

/** To be called after the job was forgotten. */
export function releaseDoomed(turn: Turn, job: JobState): void {
  const doomed = [...job.uses].filter((id) => turn.state.doomed.delete(id));
  if (doomed.length > 0) release(turn, doomed);
}

function free(turn: Turn, ids: readonly string[]): void {
  if (ids.length === 0) return;
  for (const worker of turn.state.workers.values()) {
    turn.state.steps++;
    const here = ids.filter((id) => worker.blobs.delete(id));
    if (here.length > 0) turn.actions.push({ kind: 'send', worker: worker.worker, message: { kind: 'release', ids: here } });
  }
  turn.actions.push({ kind: 'forget-blobs', ids });
}
