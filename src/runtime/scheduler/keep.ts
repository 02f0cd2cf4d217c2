/**
 * Owns: what outlives a job: caches, whose partitions lie at workers, and broadcast values, sent to a worker before its first task that may read
 * them. Both are freed when the driver says so, not before the last job that uses them is over. A job finds the partitions that are there, and
 * makes the others as any stage makes its output; so a lost partition is computed again from what it was made of.
 */
import type { EventOf } from '../../core/events.js';
import type { WorkerId } from '../../core/ids.js';
import { cacheOf } from '../../planner/stages/graph.js';
import type { MapOutput, ShuffleWritten } from '../rpc/messages.js';
import { createTask, type JobState, type StageState, type TaskState } from './job-state.js';
import { recordOutput } from './outputs.js';
import type { KeptState, Turn, WorkerState } from './state.js';

/** Sends the job's broadcast values that the worker has not got. */
export function sendBlobs(turn: Turn, job: JobState, worker: WorkerState): void {
  for (const blob of job.submission.blobs ?? []) {
    turn.state.steps++;
    if (worker.blobs.has(blob)) continue;
    worker.blobs.add(blob);
    turn.actions.push({ kind: 'send-blob', worker: worker.worker, blob });
  }
}

/** What a new job uses stays, whatever was said before; its tasks whose output is there already are done. */
export function claim(turn: Turn, job: JobState): void {
  for (const id of job.uses) turn.state.doomed.delete(id);
  for (const stage of job.stages) {
    const cache = cacheOf(stage.definition.output);
    if (cache !== null) findKept(turn, stage, cache);
  }
}

function findKept(turn: Turn, stage: StageState, cache: string): void {
  const { state, time, actions } = turn;
  const kept = keptState(turn, cache);
  let foundBytes = 0;
  for (const [partition, output] of kept.outputs) {
    state.steps++;
    if (partition >= stage.definition.tasks.length) continue;
    const task = createTask(stage, partition);
    task.status = 'done';
    task.output = output;
    stage.tasks[partition] = task;
    stage.remaining--;
    stage.freshLeft--;
    foundBytes += output.bytes[0];
    recordOutput(turn, state.workers.get(output.worker) as WorkerState, task);
  }
  if (stage.remaining === 0) stage.status = 'complete';
  const { stage: number, tasks } = stage.definition;
  const found = kept.outputs.size;
  const counts = { partitions: tasks.length, found, foundBytes, lost: kept.made.size - found };
  const event = { time, kind: 'cache-used', job: stage.job.id, stage: number, cache, ...counts } as const;
  actions.push({ kind: 'emit', job: stage.job.id, event });
}

/** An accepted output of a stage that keeps it is there for later jobs, unless one computed by another job is. */
export function keepOutput(turn: Turn, task: TaskState, worker: WorkerState, { bytes, rows, memory = false }: ShuffleWritten): void {
  const cache = cacheOf(task.stage.definition.output);
  if (cache === null || task.output === null) return;
  const { partition } = task;
  const { id: job } = task.stage.job;
  const kept = keptState(turn, cache);
  const again = kept.made.has(partition);
  kept.made.add(partition);
  if (!kept.outputs.has(partition)) {
    kept.outputs.set(partition, task.output);
    const here = worker.kept.get(cache);
    if (here) here.add(partition);
    else worker.kept.set(cache, new Set([partition]));
  }
  const event = {
    kind: 'cache-stored',
    job,
    cache,
    partition,
    worker: worker.worker,
    bytes: bytes[0],
    rows: rows[0],
    memory,
    again,
  } as const;
  turn.actions.push({ kind: 'emit', job, event: { time: turn.time, ...event } });
}

/** Tasks of a stage have lost their outputs. */
export function loseKeptOutputs(turn: Turn, stage: StageState, outputs: readonly MapOutput[]): void {
  const cache = cacheOf(stage.definition.output);
  if (cache === null) return;
  const byWorker = new Map<WorkerId, MapOutput[]>();
  for (const output of outputs) byWorker.set(output.worker, [...(byWorker.get(output.worker) ?? []), output]);
  for (const [worker, lost] of byWorker) {
    forgetKept(
      turn,
      cache,
      worker,
      lost.map(({ map, home = '' }) => ({ map, home })),
      'unreadable',
    );
  }
}

/** A worker no longer has these; late and repeated news change nothing. */
export function forgetKept(
  turn: Turn,
  cache: string,
  worker: WorkerId,
  lost: readonly { readonly map: number; readonly home: string }[],
  reason: EventOf<'cache-lost'>['reason'],
): void {
  const kept = turn.state.kept.get(cache);
  const partitions: number[] = [];
  for (const { map, home } of lost) {
    turn.state.steps++;
    const output = kept?.outputs.get(map);
    if (output?.worker !== worker || output.home !== home) continue;
    kept?.outputs.delete(map);
    turn.state.workers.get(worker)?.kept.get(cache)?.delete(map);
    partitions.push(map);
  }
  if (partitions.length > 0) tellLost(turn, cache, worker, partitions, reason);
}

/** What lay at a worker that is gone. */
export function loseWorkerKept(turn: Turn, worker: WorkerState): void {
  for (const [cache, partitions] of worker.kept) {
    for (const partition of partitions) {
      turn.state.steps++;
      turn.state.kept.get(cache)?.outputs.delete(partition);
    }
    if (partitions.size > 0) tellLost(turn, cache, worker.worker, [...partitions], 'worker-lost');
  }
}

function tellLost(
  turn: Turn,
  cache: string,
  worker: WorkerId,
  partitions: readonly number[],
  reason: EventOf<'cache-lost'>['reason'],
): void {
  turn.actions.push({ kind: 'emit', job: null, event: { time: turn.time, kind: 'cache-lost', cache, partitions, worker, reason } });
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

/** Workers that computed a partition which another one's replaced hold it too: all are told. */
function free(turn: Turn, ids: readonly string[]): void {
  if (ids.length === 0) return;
  const caches = ids.filter((id) => turn.state.kept.delete(id));
  for (const worker of turn.state.workers.values()) {
    turn.state.steps++;
    for (const cache of caches) worker.kept.delete(cache);
    const here = [...caches, ...ids.filter((id) => worker.blobs.delete(id))];
    if (here.length > 0) turn.actions.push({ kind: 'send', worker: worker.worker, message: { kind: 'release', ids: here } });
  }
  turn.actions.push({ kind: 'forget-blobs', ids });
}

function keptState(turn: Turn, cache: string): KeptState {
  let kept = turn.state.kept.get(cache);
  if (!kept) {
    kept = { outputs: new Map(), made: new Set() };
    turn.state.kept.set(cache, kept);
  }
  return kept;
}
