/**
 * Owns: the scheduler's whole state: its jobs (job-state.ts), workers, caches, and the indices that keep every input's cost free of the number of tasks.
 * Changed by scheduler.ts and its parts only; nothing here knows of time beyond what inputs said.
 */
import type { JobId, TaskKey, WorkerId } from '../../core/ids.js';
import type { MapOutput } from '../rpc/messages.js';
import type { Action, WorkerRegistration } from './actions.js';
import type { JobState, StageState, TaskState } from './job-state.js';

export interface SchedulerOptions {
  /** Silence after which a worker is lost; 0 never (workers of this very process). */
  readonly heartbeatTimeoutMs: number;
  /** How long a job waits for a first worker, or for another one after the last was lost. */
  readonly noWorkersMs: number;
  /** How often reading its input may send a stage back to its parents. */
  readonly maxFetchRounds: number;
  /** A task that waited so long behind others on its worker may move to a free slot elsewhere. */
  readonly stealAfterMs: number;
  /** How long a failed task waits for a worker on which it has not failed yet. */
  readonly retryElsewhereMs: number;
}

const DEFAULT_OPTIONS: SchedulerOptions = {
  heartbeatTimeoutMs: 5_000,
  noWorkersMs: 10_000,
  maxFetchRounds: 4,
  stealAfterMs: 200,
  retryElsewhereMs: 3_000,
};

export interface WorkerState extends WorkerRegistration {
  lastSeen: number;
  /** Tasks launched here and not over; of those, the ones not reported started, oldest first. */
  readonly launched: Set<TaskState>;
  readonly queued: Set<TaskState>;
  /** Which jobs, and which round of which stage of them, were described to it. */
  readonly told: Map<JobId, Map<number, number>>;
  /** Map tasks whose output lies here, and goes with the worker. */
  readonly outputs: Map<JobId, Set<TaskState>>;
  /** Cache → partitions of it that lie here. */
  readonly kept: Map<string, Set<number>>;
  /** Broadcast values that were sent here. */
  readonly blobs: Set<string>;
  /** Moving average of the time tasks take here, in ms: short ones are queued deeper. */
  taskMs: number;
}

/** Rows that stay for later jobs, made by stages with `keep`. */
export interface KeptState {
  /** Where each partition lies. */
  readonly outputs: Map<number, MapOutput>;
  /** Partitions that were ever there. */
  readonly made: Set<number>;
}

export interface SchedulerState {
  readonly options: SchedulerOptions;
  readonly workers: Map<WorkerId, WorkerState>;
  readonly jobs: Map<JobId, JobState>;
  /** By cache. */
  readonly kept: Map<string, KeptState>;
  /** By endpoint of a shuffle service: map tasks whose output it serves. */
  readonly served: Map<string, Map<JobId, Set<TaskState>>>;
  /** Released while a job uses them: they go with the last such job. */
  readonly doomed: Set<string>;
  /** Stages with pending tasks that may run now, by job order, then stage. */
  readonly ready: StageState[];
  /** Workers with an idle slot; with room in their queue only; with tasks waiting behind others. Used in turn. */
  readonly free: Set<WorkerState>;
  readonly roomy: Set<WorkerState>;
  readonly overfull: Set<WorkerState>;
  /** For people: the latest worker that was lost, and why. */
  lastLoss: string | null;
  /** Not before then are tasks looked for that wait behind others. */
  stealAgainAt: number;
  submitted: number;
  /** Loop turns spent so far: what the cost test holds against the number of inputs. */
  steps: number;
}

/** One `apply`: the state, the time of its input, and the actions so far. */
export interface Turn {
  readonly state: SchedulerState;
  readonly time: number;
  readonly actions: Action[];
}

export function createState(options: Partial<SchedulerOptions>): SchedulerState {
  return {
    options: { ...DEFAULT_OPTIONS, ...options },
    workers: new Map(),
    jobs: new Map(),
    kept: new Map(),
    served: new Map(),
    doomed: new Set(),
    ready: [],
    free: new Set(),
    roomy: new Set(),
    overfull: new Set(),
    lastLoss: null,
    stealAgainAt: 0,
    submitted: 0,
    steps: 0,
  };
}

export function createWorker(registration: WorkerRegistration, time: number): WorkerState {
  const { worker, host, endpoint, blockToken, slots } = registration;
  return {
    worker,
    host,
    endpoint,
    blockToken,
    slots,
    lastSeen: time,
    launched: new Set(),
    queued: new Set(),
    told: new Map(),
    outputs: new Map(),
    kept: new Map(),
    blobs: new Set(),
    taskMs: 50,
  };
}

/** The task whose running attempt on this worker is `key`; null for late, repeated and unknown ones. */
export function currentTask(state: SchedulerState, worker: WorkerId, key: TaskKey): TaskState | null {
  const task = state.jobs.get(key.job)?.stages[key.stage]?.tasks[key.partition];
  return task?.status === 'launched' && task.attempt === key.attempt && task.worker?.worker === worker ? task : null;
}
