/**
 * Owns: which stages may run: readiness, rounds, completion, and what a worker must be told before a stage's first task.
 * Runs once when a job is submitted, when a stage completes and when outputs are lost; its cost grows with stages, never with tasks.
 */
import { toJson } from '../../core/json.js';
import type { MapOutput, ShuffleLocations, ToWorker } from '../rpc/messages.js';
import { adaptJoins, adaptOpening, isHeld } from './adaptation.js';
import { isResultStage, type JobState, keyOf, pendingTasks, type StageState, type TaskState } from './job-state.js';
import { tellWritten } from './map-statistics.js';
import type { Turn } from './state.js';

/** Brings the status of every stage of a job up to date; opens a round for each that becomes ready. */
export function refreshStages(turn: Turn, job: JobState): void {
  adaptJoins(turn, job);
  const wanted = wantedStages(job);
  for (const stage of job.stages) {
    turn.state.steps++;
    if (stage.status === 'complete') continue;
    const ready = wanted.has(stage) && !isHeld(stage) && stage.parents.every((parent) => parent.status === 'complete');
    if (ready && stage.status === 'waiting') openRound(turn, stage);
    else if (!ready && stage.status === 'ready') {
      stage.status = 'waiting';
      unlistStage(turn, stage);
    }
  }
}

function wantedStages(job: JobState): Set<StageState> {
  const wanted = new Set<StageState>();
  for (let i = job.stages.length - 1; i >= 0; i--) {
    const stage = job.stages[i];
    if (isResultStage(stage) || stage.children.some((child) => wanted.has(child) && child.status !== 'complete')) wanted.add(stage);
  }
  return wanted;
}

function openRound(turn: Turn, stage: StageState): void {
  const { job } = stage;
  stage.status = 'ready';
  if (stage.round < 0) adaptOpening(turn, stage);
  const { definition } = stage;
  stage.round++;
  stage.message = null;
  stage.local = null;
  stage.snapshot = job.acceptances;
  turn.actions.push({
    kind: 'emit',
    job: job.id,
    event: {
      time: turn.time,
      kind: 'stage-started',
      job: job.id,
      stage: definition.stage,
      tasks: stage.remaining,
      round: stage.round,
      ...(definition.name !== job.submission.graph.stages[definition.stage].name && { name: definition.name, parents: definition.parents }),
    },
  });
  if (stage.remaining === 0) markComplete(turn, stage);
  else listStage(turn, stage);
}

/** To be followed by `refreshStages`: children may run now. */
export function markComplete(turn: Turn, stage: StageState): void {
  stage.status = 'complete';
  unlistStage(turn, stage);
  tellWritten(turn, stage);
  turn.actions.push({
    kind: 'emit',
    job: stage.job.id,
    event: { time: turn.time, kind: 'stage-finished', job: stage.job.id, stage: stage.definition.stage },
  });
}

/** Puts a stage among those that placement draws from, if it may launch something now. */
export function listStage(turn: Turn, stage: StageState): void {
  if (stage.listed || stage.status !== 'ready' || pendingTasks(stage) === 0) return;
  if (stage.job.held && isResultStage(stage)) return;
  const { ready } = turn.state;
  let at = ready.length;
  while (at > 0 && comesBefore(stage, ready[at - 1])) {
    turn.state.steps++;
    at--;
  }
  ready.splice(at, 0, stage);
  stage.listed = true;
}

export function unlistStage(turn: Turn, stage: StageState): void {
  if (!stage.listed) return;
  turn.state.ready.splice(turn.state.ready.indexOf(stage), 1);
  stage.listed = false;
}

function comesBefore(a: StageState, b: StageState): boolean {
  return a.job === b.job ? a.definition.stage < b.definition.stage : a.job.order < b.job.order;
}

/** A task becomes pending again; the attempt that ran, if any, is no longer listened to. */
export function requeueTask(turn: Turn, task: TaskState, queue: 'requeued' | 'retries'): void {
  if (isResultStage(task.stage)) turn.actions.push({ kind: 'discard-result', key: keyOf(task) });
  task.status = 'pending';
  task.worker = null;
  task.stage[queue].push(task);
  listStage(turn, task.stage);
}

/** The `stage` message of the current round; the same object for every worker. */
export function stageMessage(turn: Turn, stage: StageState): ToWorker {
  stage.message ??= {
    kind: 'stage',
    job: stage.job.id,
    stage: stage.definition.stage,
    round: stage.round,
    definition: definitionText(stage),
    shuffles: stage.parents.map((parent) => locationsOf(turn, parent)),
  };
  return stage.message;
}

function definitionText(stage: StageState): string {
  const { tasks: _, ...definition } = stage.definition;
  return toJson(definition);
}

function locationsOf(turn: Turn, parent: StageState): ShuffleLocations {
  const { output } = parent.definition;
  const outputs: MapOutput[] = [];
  for (const task of parent.tasks) {
    turn.state.steps++;
    if (task?.output) outputs.push(task.output);
  }
  return { shuffle: output.kind === 'shuffle' ? output.shuffle : -1, outputs };
}
