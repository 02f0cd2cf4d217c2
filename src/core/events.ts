/**
 * Owns: the one stream of facts. Progress, summary and event log read it, and whoever else listens.
 * Every event is JSON-plain, carries milliseconds since the epoch as `time`, and belongs to EVENT_VERSION; readers ignore kinds they do not know.
 */
import type { ShuffleWriterKind } from './config.js';
import type { WireError } from './errors.js';
import type { JobId, TaskKey, WorkerId } from './ids.js';

export const EVENT_VERSION = 1;

/** Counters of one finished attempt. Bytes are bytes on disk or wire, rows are rows of the operator's output. */
export interface TaskMetrics {
  readonly inputRows: number;
  readonly inputBytes: number;
  /** Rows of files that a scan's filters let it pass over: by statistics, bloom filters, dictionaries and page indexes. */
  readonly skippedRows: number;
  readonly outputRows: number;
  readonly outputBytes: number;
  readonly shuffleReadRows: number;
  readonly shuffleReadBytes: number;
  /** Of `shuffleReadBytes`, those that came over a socket. */
  readonly shuffleRemoteBytes: number;
  readonly shuffleWriteRows: number;
  readonly shuffleWriteBytes: number;
  /** Data files that its shuffle output made, empty ones included; an index is not counted. */
  readonly shuffleWriteFiles: number;
  /** Rows and bytes of kept partitions, read and written. */
  readonly cacheReadRows: number;
  readonly cacheReadBytes: number;
  readonly cacheWriteRows: number;
  readonly cacheWriteBytes: number;
  readonly spilledBytes: number;
  readonly peakMemoryBytes: number;
  /** Most open descriptors of its whole process that were seen while it wrote or read a shuffle; 0 where the system does not tell. */
  readonly peakDescriptors: number;
  /** Time in the task thread, in milliseconds. */
  readonly runMs: number;
}

export const NO_METRICS: TaskMetrics = {
  inputRows: 0,
  inputBytes: 0,
  skippedRows: 0,
  outputRows: 0,
  outputBytes: 0,
  shuffleReadRows: 0,
  shuffleReadBytes: 0,
  shuffleRemoteBytes: 0,
  shuffleWriteRows: 0,
  shuffleWriteBytes: 0,
  shuffleWriteFiles: 0,
  cacheReadRows: 0,
  cacheReadBytes: 0,
  cacheWriteRows: 0,
  cacheWriteBytes: 0,
  spilledBytes: 0,
  peakMemoryBytes: 0,
  peakDescriptors: 0,
  runMs: 0,
};

export type AccumulatorKind = 'double' | 'long' | 'collection';

/** What one attempt added to an accumulator. */
export interface AccumulatorUpdate {
  readonly id: string;
  readonly name: string | null;
  readonly kind: AccumulatorKind;
  /** The sum; of a collection the number of values. */
  readonly value: number | bigint;
  /** Of a collection: its values, `v8.serialize`d, as base64. */
  readonly values?: string;
}

export interface StageInfo {
  readonly stage: number;
  /** What a person calls it: `scan text → partial aggregate`. */
  readonly name: string;
  readonly tasks: number;
  readonly parents: readonly number[];
}

export type Event = { readonly time: number } & (
  | { readonly kind: 'job-submitted'; readonly job: JobId; readonly name: string; readonly stages: readonly StageInfo[] }
  | { readonly kind: 'job-finished'; readonly job: JobId; readonly error: WireError | null; readonly cancelled: boolean }
  | {
      readonly kind: 'stage-started';
      readonly job: JobId;
      readonly stage: number;
      readonly tasks: number;
      readonly round: number;
      /** Where the stage has become another one since the job was submitted. */
      readonly name?: string;
      readonly parents?: readonly number[];
    }
  | { readonly kind: 'stage-finished'; readonly job: JobId; readonly stage: number }
  | { readonly kind: 'task-started'; readonly task: TaskKey; readonly worker: WorkerId }
  | {
      readonly kind: 'task-finished';
      readonly task: TaskKey;
      readonly worker: WorkerId;
      readonly metrics: TaskMetrics;
      readonly accumulated?: readonly AccumulatorUpdate[];
    }
  | {
      readonly kind: 'task-failed';
      readonly task: TaskKey;
      readonly worker: WorkerId;
      readonly error: WireError;
      readonly willRetry: boolean;
    }
  | { readonly kind: 'worker-registered'; readonly worker: WorkerId; readonly host: string; readonly slots: number }
  | { readonly kind: 'worker-lost'; readonly worker: WorkerId; readonly reason: string }
  /** The driver has ended a worker on purpose, when `at` of the job's tasks had finished (0.25 is a quarter). */
  | { readonly kind: 'fault-injected'; readonly job: JobId; readonly worker: WorkerId; readonly fault: 'kill'; readonly at: number }
  /** A stage whose output is kept: of its partitions `found` are there already, `lost` once were and are computed again. */
  | {
      readonly kind: 'cache-used';
      readonly job: JobId;
      readonly stage: number;
      readonly cache: string;
      readonly partitions: number;
      readonly found: number;
      readonly foundBytes: number;
      readonly lost: number;
    }
  /** A partition is kept. `again`: it was before, and was lost. */
  | {
      readonly kind: 'cache-stored';
      readonly job: JobId;
      readonly cache: string;
      readonly partition: number;
      readonly worker: WorkerId;
      readonly bytes: number;
      readonly rows: number;
      readonly memory: boolean;
      readonly again: boolean;
    }
  /** Kept partitions are gone that nobody released. */
  | {
      readonly kind: 'cache-lost';
      readonly cache: string;
      readonly partitions: readonly number[];
      readonly worker: WorkerId;
      readonly reason: 'worker-lost' | 'evicted' | 'unreadable';
    }
  | {
      readonly kind: 'shuffle-lost';
      readonly job: JobId;
      readonly shuffle: number;
      readonly maps: readonly number[];
      readonly worker: WorkerId;
    }
  /** A map stage has finished for the first time: what its `maps` tasks wrote, by reduce partition. Caches have events of their own. */
  | {
      readonly kind: 'shuffle-written';
      readonly job: JobId;
      readonly stage: number;
      readonly shuffle: number;
      readonly writer: ShuffleWriterKind;
      readonly maps: number;
      readonly partitions: number;
      /** Of tasks with more than 2,000 partitions to within a twentieth. */
      readonly bytes: readonly number[];
      readonly rows: readonly number[];
    }
  /** What one map task wrote, by reduce partition; only with `events.blocks=true`. */
  | {
      readonly kind: 'blocks-written';
      readonly job: JobId;
      readonly stage: number;
      readonly shuffle: number;
      readonly map: number;
      readonly worker: WorkerId;
      readonly bytes: readonly number[];
    }
  /** A stage was changed before it began, because of what the ones before it wrote. */
  | {
      readonly kind: 'plan-adapted';
      readonly job: JobId;
      readonly stage: number;
      readonly decision: 'coalesce' | 'broadcast' | 'skew' | 'empty';
      /** For people: `200 partitions are read by 2 tasks`. */
      readonly text: string;
      /** What was compared; a name that ends in `bytes` is shown in units. */
      readonly numbers: Readonly<Record<string, number>>;
    }
);

export type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>;
export type EventListener = (event: Event) => void;
