/**
 * Owns: the seam between shuffle writers and whoever makes rows; engine/exec states the same one as `ShuffleWriter`.
 * Every writer passes one contract suite: what was written is what `readBlocks` gives.
 */
import type { Batch } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import type { EncodeOptions } from './block-format.js';
import type { BlockEntry, MapIdentity } from './block-index.js';

export interface BlockWriter {
  /** Rows with, per row, the reduce partition they belong to (`partitions[i]`, 0 ≤ it < number of partitions). May spill. */
  write(batch: Batch, partitions: Int32Array): void;
  /** Ends and commits the map output. */
  finish(): Promise<BlocksWritten>;
  /** Removes whatever was written. */
  abort(): void;
}

/** What every writer is told. */
export interface WriterOptions extends EncodeOptions {
  readonly schema: Schema;
  readonly partitions: number;
  readonly identity: MapIdentity;
  /** Path of the data file to be, ending in `.data`, in a directory that exists; the index's name derives from it. */
  readonly dataPath: string;
  /** Directory for a spill file. */
  readonly spillDir: string;
  /** Bytes of input batches held before rows go to disk. Sorting takes about twice as much again. */
  readonly bufferBytes: number;
  /** Told of every spill, in bytes written. */
  readonly onSpill?: (bytes: number) => void;
  /** Told the bytes that the writer holds while it sorts. */
  readonly onMemory?: (bytes: number) => void;
  /** Told once, while as many files are open as the writer ever holds. */
  readonly onOpen?: () => void;
}

export interface BlocksWritten {
  /** Path of the committed data file; of the name that it would have where there is one a partition. */
  readonly path: string;
  /** Bytes and rows of each reduce partition's block. */
  readonly bytes: readonly number[];
  readonly rows: readonly number[];
  /** Data files that it made, empty ones included. */
  readonly files: number;
}

export function blocksWritten(path: string, entries: readonly BlockEntry[], files: number): BlocksWritten {
  return { path, files, bytes: entries.map((entry) => entry.length), rows: entries.map((entry) => entry.rows) };
}
