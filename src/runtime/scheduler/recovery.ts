/**
 * Owns: what is done when shuffle outputs are gone: because a reader could not fetch them, or because their worker is.
 * Outputs are made again only as far as stages that are still wanted read them (see stages.ts); their readers then begin a new round.
 */
import { type FetchFailure, retryableError, type WireError } from '../../core/errors.js';
import type { WorkerId } from '../../core/ids.js';
import { awaitWorkers, endJob, wireWithoutStack } from './job-end.js';
import type { JobState, StageState, TaskState } from './job-state.js';
import { loseKeptOutputs, loseWorkerKept } from './keep.js';
import { forgetOutput, outputsOf } from './outputs.js';
import { releaseWorker, unlistWorker } from './placement.js';
import { excuseAttempt, failAttempt, reportFailure } from './retry.js';
import { refreshStages, requeueTask } from './stages.js';
import type { Turn, WorkerState } from './state.js';

/**
 * A reader could not fetch map outputs. Those still recorded at the worker, or the endpoint, that it names are lost, and the reader runs again in a new round,
 * which does not count as a failed attempt but is bounded by `maxFetchRounds`. Outputs that are being made again, or were since this
 * reader's round began, are old news: the reader just runs again. Anything else is an ordinary failure.
 */
export function recoverFetch(turn: Turn, task: TaskState, failure: FetchFailure, error: WireError): void {
  const { stage } = task;
  const writer = stage.job.shuffles.get(failure.shuffle);
  const lost = new Set<TaskState>();
  let oldNews = false;
  for (const partition of failure.maps) {
    turn.state.steps++;
    const map = writer?.tasks[partition];
    if (!map) continue;
    if (map.output === null || map.acceptedAt > task.snapshot) oldNews = true;
    else if (map.output.worker === failure.worker || map.output.endpoint === failure.endpoint) lost.add(map);
  }
  if (!writer || (lost.size === 0 && !oldNews)) {
    failAttempt(turn, task, error);
    return;
  }
  if (lost.size > 0 && countFetchRound(stage, task.round) > turn.state.options.maxFetchRounds) {
    reportFailure(turn, task, error, false);
    const message = `Stage ${stage.definition.stage} lost its input ${stage.fetchRounds} times, the last time from ${failure.worker}: ${error.message}`;
    endJob(turn, stage.job, { ...error, message });
    return;
  }
  excuseAttempt(turn, task, error);
  if (lost.size > 0 && writer.distrusted.has(failure.worker)) addRestOfWorker(turn, writer, failure.worker, task.snapshot, lost);
  writer.distrusted.add(failure.worker);
  for (const map of lost) {
    // Where a service gave them the worker may be as good as any.
    if (!map.output?.served && !map.failedOn.includes(failure.worker)) map.failedOn.push(failure.worker);
    map.failedAt = turn.time;
  }
  for (const [worker, maps] of byWriter(lost)) loseOutputs(turn, writer, maps, worker);
  refreshStages(turn, stage.job);
}

/**
 * A worker from which fetches of one shuffle fail again and again is not believed to hold the rest of it either: of what it put where the lost
 * outputs were. What it serves itself since its shuffle service went is not in doubt.
 */
function addRestOfWorker(turn: Turn, writer: StageState, worker: WorkerId, snapshot: number, lost: Set<TaskState>): void {
  const endpoints = new Set([...lost].map(({ output }) => output?.endpoint));
  for (const map of outputsOf(turn, writer, worker)) {
    turn.state.steps++;
    if (map.acceptedAt <= snapshot && endpoints.has(map.output?.endpoint)) lost.add(map);
  }
}

function byWriter(lost: Iterable<TaskState>): Map<WorkerId, TaskState[]> {
  const groups = new Map<WorkerId, TaskState[]>();
  for (const map of lost) {
    const worker = map.output?.worker ?? '';
    const group = groups.get(worker);
    if (group) group.push(map);
    else groups.set(worker, [map]);
  }
  return groups;
}

/** Many readers of one round may fail: they count once. */
function countFetchRound(stage: StageState, round: number): number {
  if (stage.lastFetchRound !== round) stage.fetchRounds++;
  stage.lastFetchRound = round;
  return stage.fetchRounds;
}

/** To be followed by `refreshStages`. */
function loseOutputs(turn: Turn, stage: StageState, lost: readonly TaskState[], worker: WorkerId): void {
  const { job, definition } = stage;
  loseKeptOutputs(
    turn,
    stage,
    lost.flatMap(({ output }) => output ?? []),
  );
  for (const task of lost) {
    turn.state.steps++;
    forgetOutput(turn, task);
    stage.remaining++;
    requeueTask(turn, task, task.failedOn.includes(worker) ? 'retries' : 'requeued');
  }
  if (stage.status === 'complete') stage.status = 'waiting';
  const shuffle = definition.output.kind === 'shuffle' ? definition.output.shuffle : -1;
  const maps = lost.map((task) => task.partition);
  turn.actions.push({ kind: 'emit', job: job.id, event: { time: turn.time, kind: 'shuffle-lost', job: job.id, shuffle, maps, worker } });
}

/**
 * A worker is gone. What it had started counts as a failed attempt, so that a task which brings down its worker ends its job and not the
 * cluster, unless the worker left on purpose. What was only queued there, and the outputs that it served itself, are made again elsewhere.
 */
export function loseWorker(turn: Turn, worker: WorkerState, reason: string, onPurpose: boolean): void {
  const { state, time } = turn;
  state.workers.delete(worker.worker);
  unlistWorker(turn, worker);
  turn.actions.push({ kind: 'emit', job: null, event: { time, kind: 'worker-lost', worker: worker.worker, reason } });
  state.lastLoss = `Worker ${worker.worker} on ${worker.host} was lost: ${reason}.`;
  const error = wireWithoutStack(retryableError('WORKER_LOST', state.lastLoss));
  for (const task of [...worker.launched]) {
    state.steps++;
    if (!state.jobs.has(task.stage.job.id)) continue;
    if (worker.queued.has(task)) {
      releaseWorker(turn, task);
      requeueTask(turn, task, 'requeued');
    } else if (onPurpose) excuseAttempt(turn, task, error);
    else failAttempt(turn, task, error);
  }
  loseWorkerKept(turn, worker);
  for (const [id, tasks] of worker.outputs) {
    const job = state.jobs.get(id);
    if (job) loseWorkerOutputs(turn, job, tasks, worker.worker);
  }
  if (state.workers.size === 0) for (const job of state.jobs.values()) awaitWorkers(turn, job);
}

function loseWorkerOutputs(turn: Turn, job: JobState, tasks: Set<TaskState>, worker: WorkerId): void {
  const byStage = new Map<StageState, TaskState[]>();
  for (const task of tasks) {
    const lost = byStage.get(task.stage);
    if (lost) lost.push(task);
    else byStage.set(task.stage, [task]);
  }
  for (const [stage, lost] of byStage) loseOutputs(turn, stage, lost, worker);
  refreshStages(turn, job);
}
