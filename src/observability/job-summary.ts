/**
 * Owns: what the events so far amount to: per job and stage the tasks, rows, bytes and time. Progress, tables and reports read it.
 * Receives events in order, gives a `Run`; has no clock of its own. An event costs the same whatever the number of tasks.
 */
import type { WireError } from '../core/errors.js';
import type { Event, EventOf, StageInfo, TaskMetrics } from '../core/events.js';
import { NO_METRICS } from '../core/events.js';
import type { JobId, TaskKey, WorkerId } from '../core/ids.js';
import { addMetrics } from './metric-sums.js';

export interface Run {
  /** In order of submission. */
  readonly jobs: Map<JobId, JobSummary>;
  /** Workers that are here now, with their slots. */
  readonly workers: Map<WorkerId, { readonly host: string; readonly slots: number }>;
  workersLost: number;
}

export interface JobSummary {
  readonly job: JobId;
  readonly name: string;
  readonly submittedAt: number;
  finishedAt: number | null;
  error: WireError | null;
  cancelled: boolean;
  readonly stages: Map<number, StageSummary>;
  /** Caches that it read or made: partitions in all, found, and computed again after they were lost. */
  readonly caches: Map<string, CacheSummary>;
  /** What tasks added to accumulators with a name; of a list how many values. Each partition of a stage counts once. */
  readonly accumulated: Map<string, number | bigint>;
  /** How stages were changed before they began. */
  readonly adapted: { readonly stage: number; readonly text: string }[];
}

export interface CacheSummary {
  readonly stage: number;
  readonly partitions: number;
  readonly found: number;
  readonly foundBytes: number;
  stored: number;
  storedBytes: number;
  again: number;
}

export interface StageSummary {
  readonly stage: number;
  name: string;
  parents: readonly number[];
  tasks: number;
  /** Partitions that have succeeded at least once. */
  done: number;
  /** Attempts under way. */
  running: number;
  /** Attempts that failed, and those of them that were tried again. */
  failed: number;
  retried: number;
  /** Partitions computed again after they had succeeded, because their shuffle output was lost. */
  reran: number;
  /** The job succeeded without it: what it would have made is kept, or what reads it is. */
  skipped: boolean;
  startedAt: number | null;
  finishedAt: number | null;
  /** Sums over the first success of each partition, so that rows count once; `peakMemoryBytes` and `peakDescriptors` are the largest. */
  metrics: TaskMetrics;
  /** Longest attempt, in milliseconds. */
  longestMs: number;
  readonly succeeded: Set<number>;
  /** Attempts under way → worker. */
  readonly attempts: Map<string, WorkerId>;
}

export function emptyRun(): Run {
  return { jobs: new Map(), workers: new Map(), workersLost: 0 };
}

/** Of a whole log. */
export function summarize(events: Iterable<Event>): Run {
  const run = emptyRun();
  for (const event of events) applyEvent(run, event);
  return run;
}

/** Folds one event into `run`. Events of jobs or stages that were never announced are ignored. */
export function applyEvent(run: Run, event: Event): void {
  switch (event.kind) {
    case 'job-submitted':
      run.jobs.set(event.job, newJob(event.job, event.name, event.time, event.stages));
      return;
    case 'job-finished':
      finishJob(run.jobs.get(event.job), event.time, event.error, event.cancelled);
      return;
    case 'stage-started':
      startStage(run.jobs.get(event.job)?.stages.get(event.stage), event);
      return;
    case 'stage-finished': {
      const stage = run.jobs.get(event.job)?.stages.get(event.stage);
      if (stage) stage.finishedAt = event.time;
      return;
    }
    case 'task-started':
      startAttempt(stageOf(run, event.task), event.task, event.worker);
      return;
    case 'task-finished':
      finishTask(run, event);
      return;
    case 'task-failed':
      failAttempt(stageOf(run, event.task), event.task, event.willRetry);
      return;
    case 'worker-registered':
      run.workers.set(event.worker, { host: event.host, slots: event.slots });
      return;
    case 'worker-lost':
      loseWorker(run, event.worker);
      return;
    case 'cache-used': {
      const { stage, partitions, found, foundBytes } = event;
      const counts = { stage, partitions, found, foundBytes, stored: 0, storedBytes: 0, again: 0 };
      run.jobs.get(event.job)?.caches.set(event.cache, counts);
      return;
    }
    case 'cache-stored':
      storePartition(run.jobs.get(event.job)?.caches.get(event.cache), event.bytes, event.again);
      return;
    case 'shuffle-lost':
    case 'cache-lost':
    case 'shuffle-written':
    case 'blocks-written':
    case 'fault-injected':
      return;
    case 'plan-adapted':
      run.jobs.get(event.job)?.adapted.push({ stage: event.stage, text: event.text });
      return;
    default:
      // A newer log may hold kinds that this version does not know.
      event satisfies never;
  }
}

/** Wall time of a stage from its first start to its end, or to `now` while it runs; 0 before it starts. */
export function stageMs(stage: StageSummary, now: number): number {
  return stage.startedAt === null ? 0 : Math.max(0, (stage.finishedAt ?? now) - stage.startedAt);
}

function newJob(job: JobId, name: string, time: number, stages: readonly StageInfo[]): JobSummary {
  return {
    job,
    name,
    submittedAt: time,
    finishedAt: null,
    error: null,
    cancelled: false,
    stages: new Map(stages.map((info) => [info.stage, newStage(info)])),
    caches: new Map(),
    accumulated: new Map(),
    adapted: [],
  };
}

function newStage(info: StageInfo): StageSummary {
  return {
    ...info,
    done: 0,
    running: 0,
    failed: 0,
    retried: 0,
    reran: 0,
    skipped: false,
    startedAt: null,
    finishedAt: null,
    metrics: NO_METRICS,
    longestMs: 0,
    succeeded: new Set(),
    attempts: new Map(),
  };
}

function finishJob(job: JobSummary | undefined, time: number, error: WireError | null, cancelled: boolean): void {
  if (job === undefined) return;
  job.finishedAt = time;
  job.error = error;
  job.cancelled = cancelled;
  for (const stage of job.stages.values()) {
    stage.attempts.clear();
    stage.running = 0;
    if (stage.startedAt !== null) stage.finishedAt ??= time;
    else stage.skipped = error === null && stage.tasks > 0;
  }
}

function startStage(stage: StageSummary | undefined, event: EventOf<'stage-started'>): void {
  if (stage === undefined) return;
  stage.startedAt ??= event.time;
  stage.finishedAt = null;
  stage.name = event.name ?? stage.name;
  stage.parents = event.parents ?? stage.parents;
  // A later round runs only what was lost.
  if (event.round === 0) stage.tasks = event.tasks;
}

function stageOf(run: Run, task: TaskKey): StageSummary | undefined {
  return run.jobs.get(task.job)?.stages.get(task.stage);
}

const attemptKey = (task: TaskKey): string => `${task.partition}.${task.attempt}`;

function startAttempt(stage: StageSummary | undefined, task: TaskKey, worker: WorkerId): void {
  if (stage === undefined) return;
  stage.attempts.set(attemptKey(task), worker);
  stage.running = stage.attempts.size;
}

function endAttempt(stage: StageSummary, task: TaskKey): void {
  stage.attempts.delete(attemptKey(task));
  stage.running = stage.attempts.size;
}

function storePartition(cache: CacheSummary | undefined, bytes: number, again: boolean): void {
  if (cache === undefined) return;
  cache.stored++;
  cache.storedBytes += bytes;
  if (again) cache.again++;
}

function finishTask(run: Run, { task, metrics, accumulated = [] }: EventOf<'task-finished'>): void {
  const stage = stageOf(run, task);
  if (stage === undefined) return;
  const isFirst = finishAttempt(stage, task, metrics);
  const sums = run.jobs.get(task.job)?.accumulated;
  if (!isFirst || !sums) return;
  for (const { name, value } of accumulated) if (name !== null) sums.set(name, plus(sums.get(name), value));
}

const plus = (a: number | bigint | undefined, b: number | bigint): number | bigint =>
  a === undefined ? b : typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b);

/** Whether its partition succeeded for the first time. */
function finishAttempt(stage: StageSummary, task: TaskKey, metrics: TaskMetrics): boolean {
  endAttempt(stage, task);
  stage.longestMs = Math.max(stage.longestMs, metrics.runMs);
  if (stage.succeeded.has(task.partition)) {
    stage.reran++;
    return false;
  }
  stage.succeeded.add(task.partition);
  stage.done = stage.succeeded.size;
  stage.metrics = addMetrics(stage.metrics, metrics);
  return true;
}

function failAttempt(stage: StageSummary | undefined, task: TaskKey, willRetry: boolean): void {
  if (stage === undefined) return;
  endAttempt(stage, task);
  stage.failed++;
  if (willRetry) stage.retried++;
}

function loseWorker(run: Run, worker: WorkerId): void {
  run.workers.delete(worker);
  run.workersLost++;
  for (const job of run.jobs.values()) {
    if (job.finishedAt !== null) continue;
    for (const stage of job.stages.values()) {
      for (const [attempt, place] of stage.attempts) if (place === worker) stage.attempts.delete(attempt);
      stage.running = stage.attempts.size;
    }
  }
}
