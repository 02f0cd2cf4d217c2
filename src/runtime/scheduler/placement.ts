/**
 * Owns: which pending task goes to which worker, and the launches that say so: one message a worker a turn.
 * Idle slots are filled first, workers in turn; then each worker's short queue, so that a thread never waits for a round trip.
 * Jobs are served first come, first served, stages of a job in order. A task whose input is kept goes to the worker that has it, while that one
 * takes tasks; no worker idles for it. Else there is no locality: inputs are mounted alike everywhere.
 */

import type { TaskKey } from '../../core/ids.js';
import { toJson } from '../../core/json.js';
import type { LaunchedTask } from '../rpc/messages.js';
import { createTask, type JobState, keyOf, type LocalTasks, pendingTasks, type StageState, type TaskState } from './job-state.js';
import { sendBlobs } from './keep.js';
import { listStage, requeueTask, stageMessage, unlistStage } from './stages.js';
import type { Turn, WorkerState } from './state.js';

/** Worth of work, in ms of a slot, to keep queued at a worker: covers the round trip of a busy scheduler many times. */
const QUEUED_MS = 20;
/** Tasks queued a slot: at least one, and not so many that a long one among short ones holds up a crowd. */
const MAX_DEPTH = 64;
/** How many of a stage's failed tasks are looked at to find one that may run on a given worker. */
const RETRIES_LOOKED_AT = 16;

/** Launches all that may be launched. */
export function placeTasks(turn: Turn): void {
  const { state } = turn;
  stealTasks(turn);
  const launches = new Map<WorkerState, LaunchedTask[]>();
  const unsuited: WorkerState[] = [];
  while (state.ready.length > 0) {
    state.steps++;
    const worker = firstOf(state.free) ?? firstOf(state.roomy);
    if (worker === null) break;
    const task = takeTask(turn, worker);
    if (task === null) {
      unsuited.push(worker);
      state.free.delete(worker);
      state.roomy.delete(worker);
      continue;
    }
    launch(turn, task, worker, launches);
    listWorker(turn, worker);
  }
  for (const worker of unsuited) listWorker(turn, worker);
  for (const [worker, tasks] of launches) turn.actions.push({ kind: 'send', worker: worker.worker, message: { kind: 'launch', tasks } });
}

/** Files a worker under the room it has, behind the others of its kind. To be called whenever its tasks changed. */
export function listWorker(turn: Turn, worker: WorkerState): void {
  const { free, roomy, overfull } = turn.state;
  const load = worker.launched.size;
  free.delete(worker);
  roomy.delete(worker);
  if (load < worker.slots) free.add(worker);
  else if (load < worker.slots * (1 + queueDepth(worker))) roomy.add(worker);
  if (load > worker.slots) overfull.add(worker);
  else overfull.delete(worker);
}

export function unlistWorker(turn: Turn, worker: WorkerState): void {
  turn.state.free.delete(worker);
  turn.state.roomy.delete(worker);
  turn.state.overfull.delete(worker);
}

/** An attempt is over, or given up: its worker has room again. */
export function releaseWorker(turn: Turn, task: TaskState): void {
  const { worker } = task;
  if (worker === null) return;
  worker.launched.delete(task);
  worker.queued.delete(task);
  if (turn.state.workers.get(worker.worker) === worker) listWorker(turn, worker);
}

function queueDepth(worker: WorkerState): number {
  return Math.min(MAX_DEPTH, Math.max(1, Math.ceil(QUEUED_MS / worker.taskMs)));
}

function firstOf(workers: Set<WorkerState>): WorkerState | null {
  for (const worker of workers) return worker;
  return null;
}

/** The next task that may run on this worker, in the order of jobs and stages. */
function takeTask(turn: Turn, worker: WorkerState): TaskState | null {
  for (const stage of turn.state.ready) {
    turn.state.steps++;
    const task = takeRetry(turn, stage, worker) ?? stage.requeued.shift() ?? takeFresh(turn, stage, worker);
    if (task === null) continue;
    if (pendingTasks(stage) === 0) unlistStage(turn, stage);
    return task;
  }
  return null;
}

/** One whose kept input lies at the worker, else the next one. */
function takeFresh(turn: Turn, stage: StageState, worker: WorkerState): TaskState | null {
  if (stage.freshLeft === 0) return null;
  const partition = takeLocal(turn, stage, worker) ?? takeNext(turn, stage);
  const task = createTask(stage, partition);
  stage.freshLeft--;
  stage.tasks[partition] = task;
  return task;
}

function takeNext(turn: Turn, stage: StageState): number {
  while (stage.tasks[stage.fresh]) {
    turn.state.steps++;
    stage.fresh++;
  }
  return stage.fresh++;
}

function takeLocal(turn: Turn, stage: StageState, worker: WorkerState): number | null {
  if (!stage.definition.near) return null;
  stage.local ??= localTasks(turn, stage, stage.definition.near);
  const mine = stage.local.get(worker.worker);
  while (mine && mine.next < mine.partitions.length) {
    turn.state.steps++;
    const partition = mine.partitions[mine.next++];
    if (!stage.tasks[partition]) return partition;
  }
  return null;
}

function localTasks(turn: Turn, stage: StageState, { stage: parent, partitions }: Near): LocalTasks {
  const local = new Map<string, { partitions: number[]; next: number }>();
  const holders = stage.job.stages[parent].tasks;
  partitions.forEach((partition, task) => {
    turn.state.steps++;
    const worker = holders[partition]?.output?.worker;
    if (worker === undefined) return;
    const mine = local.get(worker);
    if (mine) mine.partitions.push(task);
    else local.set(worker, { partitions: [task], next: 0 });
  });
  return local;
}

type Near = NonNullable<StageState['definition']['near']>;

function takeRetry(turn: Turn, stage: StageState, worker: WorkerState): TaskState | null {
  const looked = Math.min(stage.retries.length, RETRIES_LOOKED_AT);
  for (let i = 0; i < looked; i++) {
    turn.state.steps++;
    if (avoids(turn, stage.retries[i], worker)) continue;
    return stage.retries.splice(i, 1)[0];
  }
  return null;
}

/** A task keeps away from workers on which it failed while there is another one, and not for longer than `retryElsewhereMs`. */
function avoids(turn: Turn, task: TaskState, worker: WorkerState): boolean {
  if (!task.failedOn.includes(worker.worker)) return false;
  if (turn.time >= task.failedAt + turn.state.options.retryElsewhereMs) return false;
  const failedOn = new Set(task.failedOn.filter((id) => turn.state.workers.has(id)));
  return failedOn.size < turn.state.workers.size;
}

function launch(turn: Turn, task: TaskState, worker: WorkerState, launches: Map<WorkerState, LaunchedTask[]>): void {
  const { stage } = task;
  tellStage(turn, stage, worker);
  // Those that it has got cost a look; one that it could not keep goes there again.
  if (stage.job.submission.blobs) sendBlobs(turn, stage.job, worker);
  task.status = 'launched';
  task.attempt++;
  task.worker = worker;
  task.launchedAt = turn.time;
  task.round = stage.round;
  task.snapshot = stage.snapshot;
  worker.launched.add(task);
  worker.queued.add(task);
  const launched = { key: keyOf(task), round: stage.round, input: toJson(stage.definition.tasks[task.partition]) };
  const batch = launches.get(worker);
  if (batch) batch.push(launched);
  else launches.set(worker, [launched]);
}

function tellStage(turn: Turn, stage: StageState, worker: WorkerState): void {
  const { submission } = stage.job;
  let rounds = worker.told.get(stage.job.id);
  if (!rounds) {
    rounds = new Map();
    worker.told.set(stage.job.id, rounds);
    const { job, config, bundle } = submission;
    turn.actions.push({ kind: 'send', worker: worker.worker, message: { kind: 'job', job, config, bundle } });
    sendBlobs(turn, stage.job, worker);
  }
  if (rounds.get(stage.definition.stage) === stage.round) return;
  rounds.set(stage.definition.stage, stage.round);
  turn.actions.push({ kind: 'send', worker: worker.worker, message: stageMessage(turn, stage) });
}

/**
 * When nothing is pending and slots are idle, tasks that wait behind long ones elsewhere go back to pending, oldest of each worker first.
 * Should one have started meanwhile, its attempt is no longer listened to: some work is lost, nothing else.
 * All workers are looked at, hence only every so often.
 */
function stealTasks(turn: Turn): void {
  const { state } = turn;
  if (turn.time < state.stealAgainAt || state.ready.length > 0 || state.free.size === 0 || state.overfull.size === 0) return;
  state.stealAgainAt = turn.time + state.options.stealAfterMs / 2;
  let wanted = 0;
  for (const worker of state.free) wanted += worker.slots - worker.launched.size;
  for (const worker of [...state.overfull]) {
    const keys: TaskKey[] = [];
    for (const task of worker.queued) {
      state.steps++;
      if (wanted === 0 || worker.launched.size <= worker.slots || task.launchedAt + state.options.stealAfterMs > turn.time) break;
      wanted--;
      keys.push(keyOf(task));
      releaseWorker(turn, task);
      requeueTask(turn, task, 'requeued');
    }
    if (keys.length > 0) {
      const reason = 'It waited behind other tasks while a slot was idle elsewhere';
      turn.actions.push({ kind: 'send', worker: worker.worker, message: { kind: 'cancel', keys, reason } });
    }
  }
}

/** The driver fell behind with results, or caught up. */
export function holdResults(turn: Turn, job: JobState, held: boolean): void {
  job.held = held;
  const result = job.stages[job.stages.length - 1];
  if (held) unlistStage(turn, result);
  else listStage(turn, result);
}
