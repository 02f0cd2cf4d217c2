/**
 * Owns: the state machine: `apply(input) → actions`. No clock, socket or randomness: the same inputs give the same actions.
 * An input's cost grows with what it names (and with stages and workers where one of those changes), never with the tasks there are.
 * Parts: submission.ts, stages.ts (which may run), placement.ts (where), retry.ts, recovery.ts (what was lost), job-end.ts.
 */
import { fatalError, fetchFailureOf, type WireError } from '../../core/errors.js';
import type { JobId, TaskKey, WorkerId } from '../../core/ids.js';
import type { FromWorker, ShuffleWritten } from '../rpc/messages.js';
import type { Action, Input, Submission, WorkerFact, WorkerRegistration } from './actions.js';
import { awaitWorkers, endJob, endStarvedJob, wireWithoutStack } from './job-end.js';
import { isResultStage, type JobState, type TaskState } from './job-state.js';
import { claim, forgetKept, keepOutput, release } from './keep.js';
import { countWritten } from './map-statistics.js';
import { recordOutput } from './outputs.js';
import { holdResults, listWorker, placeTasks, releaseWorker } from './placement.js';
import { loseWorker, recoverFetch } from './recovery.js';
import { failAttempt } from './retry.js';
import { markComplete, refreshStages } from './stages.js';
import {
  createState,
  createWorker,
  currentTask,
  type SchedulerOptions,
  type SchedulerState,
  type Turn,
  type WorkerState,
} from './state.js';
import { createJob } from './submission.js';

export class Scheduler {
  /** For reading: status pages, and the decision whether a result block is still wanted. */
  readonly state: SchedulerState;

  constructor(options: Partial<SchedulerOptions> = {}) {
    this.state = createState(options);
  }

  /** Never throws: what a driver or worker got wrong becomes its job's error, or is ignored if it is late. */
  apply(input: Input): Action[] {
    const turn: Turn = { state: this.state, time: input.time, actions: [] };
    this.state.steps++;
    applyInput(turn, input);
    placeTasks(turn);
    return turn.actions;
  }
}

function applyInput(turn: Turn, input: Input): void {
  const { state } = turn;
  switch (input.kind) {
    case 'submit':
      submit(turn, input.submission);
      break;
    case 'end-job': {
      const job = state.jobs.get(input.job);
      if (job) endJob(turn, job, input.error, input.cancelled);
      break;
    }
    case 'worker-registered':
      register(turn, input.registration);
      break;
    case 'worker-facts': {
      const worker = state.workers.get(input.worker);
      if (worker) learn(turn, worker, input.facts);
      break;
    }
    case 'worker-disconnected': {
      const worker = state.workers.get(input.worker);
      if (worker) loseWorker(turn, worker, input.reason, false);
      break;
    }
    case 'results-held': {
      const job = state.jobs.get(input.job);
      if (job) holdResults(turn, job, input.held);
      break;
    }
    case 'release':
      release(turn, input.ids);
      break;
    case 'timer':
      ring(turn, input.id);
      break;
    default:
      input satisfies never;
  }
}

/** An id that runs already is the service's to refuse: here it would end the wrong job. */
function submit(turn: Turn, submission: Submission): void {
  const { state, time, actions } = turn;
  if (state.jobs.has(submission.job)) return;
  let job: JobState;
  try {
    job = createJob(submission, state.submitted++);
  } catch (error) {
    actions.push({ kind: 'job-done', job: submission.job, error: wireWithoutStack(error) });
    return;
  }
  state.jobs.set(job.id, job);
  const stages = submission.graph.stages.map(({ stage, name, tasks, parents }) => ({ stage, name, tasks: tasks.length, parents }));
  actions.push({ kind: 'emit', job: job.id, event: { time, kind: 'job-submitted', job: job.id, name: submission.name, stages } });
  claim(turn, job);
  for (const { worker, host, slots } of state.workers.values()) {
    actions.push({ kind: 'emit', job: job.id, event: { time, kind: 'worker-registered', worker, host, slots } });
  }
  if (state.workers.size === 0) awaitWorkers(turn, job);
  refreshStages(turn, job);
  endCompleteJob(turn, job);
}

/** A result stage without tasks is complete as soon as its parents are. */
function endCompleteJob(turn: Turn, job: JobState): void {
  if (job.stages[job.stages.length - 1].status === 'complete') endJob(turn, job, null);
}

/** A worker that registers again under its id lost its stream and with it all that ran there. */
function register(turn: Turn, registration: WorkerRegistration): void {
  const { state, time, actions } = turn;
  const earlier = state.workers.get(registration.worker);
  if (earlier) loseWorker(turn, earlier, 'it registered anew', false);
  const worker = createWorker(registration, time);
  state.workers.set(worker.worker, worker);
  for (const job of state.jobs.values()) job.starvedSince = null;
  const { worker: id, host, slots } = registration;
  actions.push({ kind: 'emit', job: null, event: { time, kind: 'worker-registered', worker: id, host, slots } });
  listWorker(turn, worker);
  watch(turn, worker);
}

/** Timer ids: `worker/<id>` for silence, `no-workers/<job>` for jobs that starve. */
function ring(turn: Turn, id: string): void {
  const { state, time, actions } = turn;
  const name = id.slice(id.indexOf('/') + 1);
  if (id.startsWith('no-workers/')) {
    const job = state.jobs.get(name as JobId);
    if (job) endStarvedJob(turn, job);
    return;
  }
  const worker = state.workers.get(name as WorkerId);
  if (!worker) return;
  if (time < worker.lastSeen + state.options.heartbeatTimeoutMs) {
    watch(turn, worker);
    return;
  }
  const reason = `nothing was heard of it for ${Math.round((time - worker.lastSeen) / 100) / 10} s`;
  actions.push({ kind: 'close-worker', worker: worker.worker, reason });
  loseWorker(turn, worker, reason, false);
}

function watch(turn: Turn, worker: WorkerState): void {
  const { heartbeatTimeoutMs } = turn.state.options;
  if (heartbeatTimeoutMs === 0) return;
  turn.actions.push({ kind: 'start-timer', id: `worker/${worker.worker}`, at: worker.lastSeen + heartbeatTimeoutMs });
}

function learn(turn: Turn, worker: WorkerState, facts: readonly WorkerFact[]): void {
  worker.lastSeen = turn.time;
  for (const fact of facts) {
    turn.state.steps++;
    switch (fact.kind) {
      case 'heartbeat':
        break;
      case 'started':
        for (const key of fact.keys) started(turn, worker, key);
        break;
      case 'finished':
        finished(turn, worker, fact);
        break;
      case 'failed':
        failed(turn, worker, fact.key, fact.error);
        break;
      case 'evicted':
        forgetKept(turn, fact.cache, worker.worker, fact.outputs, 'evicted');
        break;
      case 'leaving':
        loseWorker(turn, worker, fact.reason, true);
        return;
      default:
        fact satisfies never;
    }
  }
}

function started(turn: Turn, worker: WorkerState, key: TaskKey): void {
  turn.state.steps++;
  const task = currentTask(turn.state, worker.worker, key);
  if (!task || !worker.queued.delete(task)) return;
  turn.actions.push({ kind: 'emit', job: key.job, event: { time: turn.time, kind: 'task-started', task: key, worker: worker.worker } });
}

function finished(turn: Turn, worker: WorkerState, fact: Extract<FromWorker, { kind: 'finished' }>): void {
  const { key, metrics, accumulated } = fact;
  const task = currentTask(turn.state, worker.worker, key);
  if (!task) return;
  const { stage } = task;
  started(turn, worker, key);
  if (isResultStage(stage)) turn.actions.push({ kind: 'accept-result', key });
  else if (fact.output === null) {
    failAttempt(turn, task, wireWithoutStack(fatalError('INTERNAL_ERROR', 'A map task finished without shuffle output.')));
    return;
  } else {
    if (countWritten(turn, task, worker, fact.output)) refreshStages(turn, stage.job);
    acceptOutput(turn, task, worker, fact.output);
    keepOutput(turn, task, worker, fact.output);
  }
  worker.taskMs = worker.taskMs * 0.8 + metrics.runMs * 0.2;
  releaseWorker(turn, task);
  task.status = 'done';
  task.worker = null;
  turn.actions.push({
    kind: 'emit',
    job: key.job,
    event: { time: turn.time, kind: 'task-finished', task: key, worker: worker.worker, metrics, ...(accumulated && { accumulated }) },
  });
  if (--stage.remaining > 0) return;
  markComplete(turn, stage);
  refreshStages(turn, stage.job);
  endCompleteJob(turn, stage.job);
}

function acceptOutput(turn: Turn, task: TaskState, worker: WorkerState, written: ShuffleWritten): void {
  const { job } = task.stage;
  task.output = {
    map: task.partition,
    attempt: task.attempt,
    worker: worker.worker,
    endpoint: written.served?.endpoint ?? worker.endpoint,
    token: written.served?.token ?? worker.blockToken,
    path: written.path,
    bytes: written.bytes,
    ...(written.home !== undefined && { home: written.home }),
    ...(written.served && { served: true }),
  };
  task.acceptedAt = ++job.acceptances;
  recordOutput(turn, worker, task);
}

function failed(turn: Turn, worker: WorkerState, key: TaskKey, error: WireError): void {
  const task = currentTask(turn.state, worker.worker, key);
  if (!task) return;
  started(turn, worker, key);
  const failure = fetchFailureOf(error);
  if (failure) recoverFetch(turn, task, failure, error);
  else failAttempt(turn, task, error);
}
