/**
 * Owns: what goes into the state machine and what comes out, both as plain data.
 * Inputs carry the time at which they happened (ms since the epoch); whoever performs the actions owns clock, timers and sockets.
 * A log of inputs replays to the same actions.
 */
import type { WireError } from '../../core/errors.js';
import type { Event } from '../../core/events.js';
import type { JobId, TaskKey, WorkerId } from '../../core/ids.js';
import type { StageGraph } from '../../planner/stages/graph.js';
import type { FromWorker, ToWorker } from '../rpc/messages.js';

/** What a driver hands in: the part of driver/executor.ts's JobSubmission that the scheduler reads. */
export interface Submission {
  readonly job: JobId;
  readonly name: string;
  readonly graph: StageGraph;
  readonly config: Readonly<Record<string, string>>;
  readonly bundle: { readonly hash: string; readonly code: string } | null;
  /** Broadcast values that its tasks read. */
  readonly blobs?: readonly string[];
}

/** What a worker says that changes state. Result blocks are routed around the state machine. */
export type WorkerFact = Extract<FromWorker, { kind: 'heartbeat' | 'started' | 'finished' | 'failed' | 'leaving' | 'evicted' }>;

export interface WorkerRegistration {
  readonly worker: WorkerId;
  readonly host: string;
  readonly endpoint: string;
  /** What readers must show this worker's block server. */
  readonly blockToken: string;
  readonly slots: number;
}

export type Input = { readonly time: number } & (
  | { readonly kind: 'submit'; readonly submission: Submission }
  /** Ends a job from outside: the driver cancelled it or went away, or its results outgrew their bound. */
  | { readonly kind: 'end-job'; readonly job: JobId; readonly error: WireError; readonly cancelled: boolean }
  | { readonly kind: 'worker-registered'; readonly registration: WorkerRegistration }
  /** All that arrived together: tasks are placed once after them. */
  | { readonly kind: 'worker-facts'; readonly worker: WorkerId; readonly facts: readonly WorkerFact[] }
  | { readonly kind: 'worker-disconnected'; readonly worker: WorkerId; readonly reason: string }
  /** The driver is behind with taking results: launch no more result tasks of this job until it has caught up. */
  | { readonly kind: 'results-held'; readonly job: JobId; readonly held: boolean }
  /** No later job will read these broadcast values and caches. */
  | { readonly kind: 'release'; readonly ids: readonly string[] }
  | { readonly kind: 'timer'; readonly id: string }
);

export type Action =
  | { readonly kind: 'send'; readonly worker: WorkerId; readonly message: ToWorker }
  /** The bytes of a broadcast value, which the state machine never sees. */
  | { readonly kind: 'send-blob'; readonly worker: WorkerId; readonly blob: string }
  /** No job reads these any more. */
  | { readonly kind: 'forget-blobs'; readonly ids: readonly string[] }
  /** The worker is given up: close its stream. */
  | { readonly kind: 'close-worker'; readonly worker: WorkerId; readonly reason: string }
  /** To the driver of `job`, or to all of them where `job` is null. */
  | { readonly kind: 'emit'; readonly job: JobId | null; readonly event: Event }
  /** This attempt is its partition's one: its blocks go to the driver. */
  | { readonly kind: 'accept-result'; readonly key: TaskKey }
  | { readonly kind: 'discard-result'; readonly key: TaskKey }
  /** Last of a job. */
  | { readonly kind: 'job-done'; readonly job: JobId; readonly error: WireError | null }
  /** Feed back `{kind: 'timer', id}` at `at`; the same id again replaces the earlier one. */
  | { readonly kind: 'start-timer'; readonly id: string; readonly at: number };
