/**
 * Owns: what the scheduler and its workers tell each other, as tagged unions; the same whether they share a process or a gRPC stream.
 * Stage definitions and task inputs are JSON text (core/json.ts) that this room and the scheduler's messages do not look into.
 */
import type { WireError } from '../../core/errors.js';
import type { AccumulatorUpdate, TaskMetrics } from '../../core/events.js';
import type { JobId, TaskKey, WorkerId } from '../../core/ids.js';

/** Raised on any incompatible change of proto/ or of these unions; registration and submission carry it. */
export const PROTOCOL_VERSION = 3;

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
  /** Of a kept partition: the directory of the worker's store that it lies in, in place of the job's. */
  readonly home?: string;
  /** A shuffle service serves it: it outlives its worker. The scheduler's own business. */
  readonly served?: boolean;
}

export interface ShuffleLocations {
  readonly shuffle: number;
  readonly outputs: readonly MapOutput[];
}

/** `bytes` of the value `id` from `offset` on; it has `total` bytes. */
export interface BlobPart {
  readonly id: string;
  readonly offset: number;
  readonly total: number;
  readonly bytes: Uint8Array;
}

/** Largest broadcast value: one buffer, one file. */
export const MAX_BLOB_BYTES = 2 ** 31 - 1;

/** The parts of a value, each small enough for a frame. */
export function* partsOf(id: string, value: Uint8Array): Iterable<BlobPart> {
  const total = value.length;
  for (let offset = 0; offset < total; offset += BLOB_PART_BYTES) {
    yield { id, offset, total, bytes: value.subarray(offset, offset + BLOB_PART_BYTES) };
  }
}

const BLOB_PART_BYTES = 1 << 20;

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
  /** Part of a broadcast value, in order from offset 0: before the first task of a job that reads it. */
  | ({ readonly kind: 'blob' } & BlobPart)
  /** Nobody will read these any more: broadcast values and caches. */
  | { readonly kind: 'release'; readonly ids: readonly string[] }
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'shutdown'; readonly reason: string };

/** Where a shuffle service answers, and what it wants to see for one worker's blocks. */
export interface Served {
  readonly endpoint: string;
  readonly token: string;
}

export interface ShuffleWritten {
  readonly shuffle: number;
  readonly path: string;
  readonly bytes: readonly number[];
  readonly rows: readonly number[];
  /** Of a kept partition: as MapOutput.home, and whether it is in memory. */
  readonly home?: string;
  readonly memory?: boolean;
  /** The shuffle service that serves it in place of the worker. */
  readonly served?: Served;
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
      /** What the task added to accumulators. */
      readonly accumulated?: readonly AccumulatorUpdate[];
    }
  | { readonly kind: 'failed'; readonly key: TaskKey; readonly error: WireError; readonly metrics: TaskMetrics | null }
  /** Opaque rows (an Arrow IPC stream) of a result task, in order of `index` from 0. */
  | { readonly kind: 'result'; readonly key: TaskKey; readonly index: number; readonly rows: number; readonly block: Uint8Array }
  /** Kept partitions that this worker no longer has, though nobody released them. */
  | { readonly kind: 'evicted'; readonly cache: string; readonly outputs: readonly { readonly map: number; readonly home: string }[] }
  /** Leaving on purpose (SIGTERM): nothing more will run here. */
  | { readonly kind: 'leaving'; readonly worker: WorkerId; readonly reason: string };

/** A job as a driver submits it; the scheduler knows what a graph is, this room does not. */
export interface JobRequest {
  readonly job: JobId;
  readonly name: string;
  readonly graph: unknown;
  readonly config: Readonly<Record<string, string>>;
  readonly bundle: { readonly hash: string; readonly code: string } | null;
  /** Broadcast values that its functions read; their bytes were sent before. */
  readonly blobs?: readonly string[];
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
