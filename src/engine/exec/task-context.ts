/**
 * Owns: what a task may ask of the place it runs in: its shuffle input and output, its memory, its cancellation.
 * runtime/worker implements it; engine/exec sees nothing else of the runtime.
 */
import type { Config } from '../../core/config.js';
import type { TaskKey } from '../../core/ids.js';
import type { Batch, Column } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import type { Closure } from '../../frontend/plan/expression.js';
import type { MapRange, PlainPartitioning, ShuffleOutput } from '../../planner/physical/operators.js';

/** Where the rows of a map task go; made by runtime/shuffle. */
export interface ShuffleWriter {
  /** Rows with, per row, the reduce partition they belong to (`partitions[i]`, length batch.length). May spill. */
  write(batch: Batch, partitions: Int32Array): void;
  /** Ends and commits the map output. */
  finish(): Promise<ShuffleWriteResult>;
  /** Removes whatever was written. */
  abort(): void;
}

export interface ShuffleWriteResult {
  /** Path of the committed data file, for readers on the same host. */
  readonly path: string;
  /** Bytes and rows of each reduce partition's block. */
  readonly bytes: readonly number[];
  readonly rows: readonly number[];
  /** Data files that were made for it, empty ones included. */
  readonly files: number;
}

export interface MutableMetrics {
  inputRows: number;
  inputBytes: number;
  skippedRows: number;
  outputRows: number;
  outputBytes: number;
  shuffleReadRows: number;
  shuffleReadBytes: number;
  shuffleRemoteBytes: number;
  shuffleWriteRows: number;
  shuffleWriteBytes: number;
  shuffleWriteFiles: number;
  cacheReadRows: number;
  cacheReadBytes: number;
  cacheWriteRows: number;
  cacheWriteBytes: number;
  spilledBytes: number;
  peakMemoryBytes: number;
  peakDescriptors: number;
}

export interface TaskContext {
  readonly key: TaskKey;
  readonly config: Config;
  readonly metrics: MutableMetrics;
  /** Directory of this task alone for spill files; removed when the task ends. */
  readonly spillDir: string;
  /** Throws the task's cancellation error once it was cancelled: call it once a batch. */
  checkCancelled(): void;
  /** The batches of one reduce partition, from all maps, or those in a range; bounded bytes in flight. Throws FETCH_FAILED. */
  readShuffle(shuffle: number, partition: number, schema: Schema, maps?: MapRange): AsyncIterable<Batch>;
  /** The batches of a kept partition, all columns; `shuffle` is the job's number of its cache. Throws FETCH_FAILED. */
  readKept(shuffle: number, partition: number, schema: Schema): AsyncIterable<Batch>;
  /**
   * The reduce partition of each of `length` rows. `keys` are the evaluated expressions of the partitioning, `bounds` the rows of its range
   * bounds (else empty), `start` the rows that this task handed on before.
   */
  partitionRows(
    partitioning: PlainPartitioning,
    keys: readonly Column[],
    length: number,
    start: number,
    bounds: readonly Column[],
  ): Int32Array;
  openShuffleWriter(output: ShuffleOutput, schema: Schema): ShuffleWriter;
  /** What `make` gives, made once for all tasks of this stage that run in this thread; `key` is unique in the stage. Kept while the stage runs. */
  once<T>(key: string, make: () => Promise<T>): Promise<T>;
  /** A closure's function, ready to be called in this thread. */
  closure(closure: Closure): (...args: never[]) => unknown;
  /** Hands a block of result rows (an Arrow IPC stream) to the driver. Awaits when too much is under way. */
  emitResult(block: Uint8Array, rows: number): Promise<void>;
}
