/**
 * Owns: what the scheduler knows of one job: its stages and tasks, and through which states they go.
 * Changed by scheduler.ts and its parts only; which workers and jobs there are is in state.ts.
 */
import type { Config } from '../../core/config.js';
import type { JobId, TaskKey, WorkerId } from '../../core/ids.js';
import type { JoinCandidate } from '../../planner/stages/adapt-join.js';
import type { StageDefinition } from '../../planner/stages/graph.js';
import type { MapOutput, ToWorker } from '../rpc/messages.js';
import type { Submission } from './actions.js';
import { Fifo } from './fifo.js';
import type { WorkerState } from './state.js';

/*
 *            taken by a worker's room          `finished` of this attempt
 *  pending ──────────────────────────▶ launched ─────────────────▶ done
 *    ▲                                    │                          │
 *    ├── failed, tries left; worker lost; ┘                          │
 *    │   stolen for a free slot; FETCH_FAILED                        │
 *    └───────── its shuffle output was lost and is wanted ───────────┘
 *
 *  A message counts only if it names the attempt that is launched now, and comes from the worker it was launched on.
 */
export interface TaskState {
  readonly stage: StageState;
  readonly partition: number;
  status: 'pending' | 'launched' | 'done';
  /** Of the latest launch; -1 before the first. */
  attempt: number;
  /** Where and when the latest attempt was launched. */
  worker: WorkerState | null;
  launchedAt: number;
  /** `round` and `snapshot` of the stage at that launch. */
  round: number;
  snapshot: number;
  /** Attempts that count against `task.attempts`, where they were, and when the last of them ended. */
  failures: number;
  readonly failedOn: WorkerId[];
  failedAt: number;
  /** Of a map task that is done. */
  output: MapOutput | null;
  /** Value of the job's `acceptances` when `output` was accepted. */
  acceptedAt: number;
}

/** For each worker the tasks whose kept partition it holds, in order, of which those before `next` were looked at. */
export type LocalTasks = ReadonlyMap<WorkerId, { readonly partitions: number[]; next: number }>;

/*
 *           all parents complete, wanted              no task remains
 *  waiting ────────────────────────────▶ ready ──────────────────────▶ complete
 *   ▲   ▲          (round + 1)             │                              │
 *   │   └──── a parent lost outputs ───────┘                              │
 *   └────────────────── its own outputs were lost ────────────────────────┘
 *
 *  A stage is wanted when it is the result stage, or a wanted child is not complete: outputs that nobody will read are not made again.
 *  Tasks that run when their stage falls back to `waiting` run on; they may still succeed.
 */
export interface StageState {
  readonly job: JobState;
  /** Changed before the stage's first round, if at all. */
  definition: StageDefinition;
  readonly parents: StageState[];
  readonly children: StageState[];
  status: 'waiting' | 'ready' | 'complete';
  /** -1 before it was first ready. */
  round: number;
  /** The `stage` message of this round, made when the first task of the round is launched. */
  message: Extract<ToWorker, { kind: 'stage' }> | null;
  /** `acceptances` when the round began: map outputs accepted later were not in its locations. */
  snapshot: number;
  /** By partition; made when first launched. */
  readonly tasks: (TaskState | undefined)[];
  /** Tasks that are not done. */
  remaining: number;
  /** Where each task would rather run; made when the round's first task is launched. */
  local: LocalTasks | null;
  /** Tasks that were never launched, nor found done. */
  freshLeft: number;
  /** Pending tasks are those from `fresh` on that have no state yet, then those that came back: `requeued` may run anywhere, `retries` avoid where they failed. */
  fresh: number;
  readonly requeued: Fifo<TaskState>;
  readonly retries: TaskState[];
  /** In `SchedulerState.ready`. */
  listed: boolean;
  /** Rounds that a fetch failure ended, and the last such. */
  fetchRounds: number;
  lastFetchRound: number;
  /** Of a map stage: what its tasks have written so far, by reduce partition; null before the first, and of caches. */
  written: StageWritten | null;
  /** Whether events have told of it. */
  toldWritten: boolean;
  /** Of a map stage: workers from which a fetch of its outputs failed. */
  readonly distrusted: Set<WorkerId>;
}

/** Sums over map tasks, each counted once, however often it ran. */
export interface StageWritten {
  readonly bytes: number[];
  readonly rows: number[];
  totalBytes: number;
}

/** What may still be changed of a job's graph. */
export interface AdaptiveState {
  readonly targetBytes: number;
  readonly broadcastBytes: number;
  /** Joins that may do without a shuffle. */
  candidates: readonly JoinCandidate[];
  /** Stages that wait until that is known. */
  held: ReadonlySet<number>;
}

export interface JobState {
  readonly submission: Submission;
  readonly id: JobId;
  /** Order of submission. */
  readonly order: number;
  readonly stages: StageState[];
  /** Map stage by its shuffle. */
  readonly shuffles: Map<number, StageState>;
  /** What other jobs may use too and this one does: broadcast values and caches. */
  readonly uses: ReadonlySet<string>;
  readonly maxAttempts: number;
  readonly config: Config;
  /** Null where stages run as they were submitted. */
  readonly adaptive: AdaptiveState | null;
  /** Result bytes that may wait in the scheduler; 0 means no bound. */
  readonly maxResultBytes: number;
  /** Counts accepted map outputs. */
  acceptances: number;
  /** The driver is behind: the result stage launches nothing. */
  held: boolean;
  /** Since when there has been no worker. */
  starvedSince: number | null;
}

export function createStage(job: JobState, definition: StageDefinition): StageState {
  return {
    job,
    definition,
    parents: [],
    children: [],
    status: 'waiting',
    round: -1,
    message: null,
    snapshot: 0,
    tasks: [],
    remaining: definition.tasks.length,
    local: null,
    freshLeft: definition.tasks.length,
    fresh: 0,
    requeued: new Fifo(),
    retries: [],
    listed: false,
    fetchRounds: 0,
    lastFetchRound: -1,
    written: null,
    toldWritten: false,
    distrusted: new Set(),
  };
}

/** Notes who reads whom, as the stages' definitions say. */
export function linkStages(job: JobState): void {
  for (const stage of job.stages) stage.parents.length = stage.children.length = 0;
  for (const stage of job.stages) {
    for (const parent of new Set(stage.definition.parents)) {
      stage.parents.push(job.stages[parent]);
      job.stages[parent].children.push(stage);
    }
  }
}

export function createTask(stage: StageState, partition: number): TaskState {
  return {
    stage,
    partition,
    status: 'pending',
    attempt: -1,
    worker: null,
    launchedAt: 0,
    round: 0,
    snapshot: 0,
    failures: 0,
    failedOn: [],
    failedAt: 0,
    output: null,
    acceptedAt: 0,
  };
}

/** The key of a task's latest attempt. */
export function keyOf(task: TaskState): TaskKey {
  return { job: task.stage.job.id, stage: task.stage.definition.stage, partition: task.partition, attempt: task.attempt };
}

/** Tasks of the stage that wait to be launched. */
export function pendingTasks(stage: StageState): number {
  return stage.freshLeft + stage.requeued.length + stage.retries.length;
}

export function isResultStage(stage: StageState): boolean {
  return stage.definition.output.kind === 'rows';
}
