/**
 * Owns: what the scheduler and its workers tell each other, as tagged unions; the same whether they share a process or a gRPC stream.
 * Stage definitions and task inputs are JSON text (core/json.ts) that this room and the scheduler's messages do not look into.
 */
import type { WireError } from '../../core/errors.js';
import type { TaskMetrics } from '../../core/events.js';
import type { JobId, TaskKey, WorkerId } from '../../core/ids.js';

/** Raised on any incompatible change of proto/ or of these unions; registration and submission carry it. */
export const PROTOCOL_VERSION = 1;

/** Where the output of one map task lies. */
export interface MapOutput {
  readonly map: number;
  readonly attempt: number;
  readonly worker: WorkerId;
  /** `host:port` of the worker's block server; empty when it serves none (one process). */
  readonly endpoint: string;
  /** Path of the data file on the worker's host; the index lies beside it. */
  readonly path: string;
  /** What the worker's block server wants to see before it serves (`register.blockToken` of the worker). */
  readonly token: string;
  /** Bytes of the block of each reduce partition, 0 where it is empty. */
  readonly bytes: readonly number[];
}

export interface ShuffleLocations {
  readonly shuffle: number;
  readonly outputs: readonly MapOutput[];
}

export interface LaunchedTask {
  readonly key: TaskKey;
  /** Which `stage` message of this (job, stage) it belongs to. */
  readonly round: number;
  readonly input: string;
}

export type ToWorker =
  /** Before anything else of a job. `bundle` is the job's code, null where its closures are opaque or it has none. */
  | {
      readonly kind: 'job';
      readonly job: JobId;
      readonly config: Readonly<Record<string, string>>;
      readonly bundle: { readonly hash: string; readonly code: string } | null;
    }
  /** A stage is about to run here, or runs again with other inputs: `definition` is a StageDefinition without its tasks. */
  | {
      readonly kind: 'stage';
      readonly job: JobId;
      readonly stage: number;
      readonly round: number;
      readonly definition: string;
      readonly shuffles: readonly ShuffleLocations[];
    }
  | { readonly kind: 'launch'; readonly tasks: readonly LaunchedTask[] }
  | { readonly kind: 'cancel'; readonly keys: readonly TaskKey[]; readonly reason: string }
  /** The job is over: drop its definitions, bundle, caches and shuffle files. */
  | { readonly kind: 'drop-job'; readonly job: JobId }
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'shutdown'; readonly reason: string };

export interface ShuffleWritten {
  readonly shuffle: number;
  readonly path: string;
  readonly bytes: readonly number[];
  readonly rows: readonly number[];
}

export type FromWorker =
  | {
      readonly kind: 'register';
      readonly worker: WorkerId;
      readonly host: string;
      readonly endpoint: string;
      /** Random, for the worker's lifetime; handed to readers of its blocks in `MapOutput.token`. */
      readonly blockToken: string;
      readonly slots: number;
      readonly protocol: number;
    }
  | { readonly kind: 'heartbeat'; readonly worker: WorkerId }
  | { readonly kind: 'started'; readonly keys: readonly TaskKey[] }
  /** `output` of map tasks; `blocks`: how many result blocks of this key were sent before. */
  | {
      readonly kind: 'finished';
      readonly key: TaskKey;
      readonly metrics: TaskMetrics;
      readonly output: ShuffleWritten | null;
      readonly blocks: number;
    }
  | { readonly kind: 'failed'; readonly key: TaskKey; readonly error: WireError; readonly metrics: TaskMetrics | null }
  /** Opaque rows (an Arrow IPC stream) of a result task, in order of `index` from 0. */
  | { readonly kind: 'result'; readonly key: TaskKey; readonly index: number; readonly rows: number; readonly block: Uint8Array }
  /** Leaving on purpose (SIGTERM): nothing more will run here. */
  | { readonly kind: 'leaving'; readonly worker: WorkerId; readonly reason: string };

/** A job as a driver submits it; the scheduler knows what a graph is, this room does not. */
export interface JobRequest {
  readonly job: JobId;
  readonly name: string;
  readonly graph: unknown;
  readonly config: Readonly<Record<string, string>>;
  readonly bundle: { readonly hash: string; readonly code: string } | null;
}

/** Rows of one partition of the result stage, as the driver gets them: blocks of a partition in order, partitions in any order. */
export interface JobResult {
  readonly partition: number;
  readonly rows: number;
  readonly block: Uint8Array;
}

export interface SchedulerStatus {
  readonly protocol: number;
  readonly workers: number;
  readonly slots: number;
  readonly runningJobs: number;
}
