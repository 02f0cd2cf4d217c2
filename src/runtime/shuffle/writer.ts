/**
 * Owns: the seam between shuffle writers and whoever makes rows; engine/exec states the same one as `ShuffleWriter`.
 * Every writer passes one contract suite: what was written is what `readBlocks` gives.
 */
import type { Batch } from '../../data/batch.js';
import type { BlockEntry } from './block-index.js';

export interface BlockWriter {
  /** Rows with, per row, the reduce partition they belong to (`partitions[i]`, 0 ≤ it < number of partitions). May spill. */
  write(batch: Batch, partitions: Int32Array): void;
  /** Ends and commits the map output. */
  finish(): Promise<BlocksWritten>;
  /** Removes whatever was written. */
  abort(): void;
}

export interface BlocksWritten {
  /** Path of the committed data file. */
  readonly path: string;
  /** Bytes and rows of each reduce partition's block. */
  readonly bytes: readonly number[];
  readonly rows: readonly number[];
}

export function blocksWritten(path: string, entries: readonly BlockEntry[]): BlocksWritten {
  return { path, bytes: entries.map((entry) => entry.length), rows: entries.map((entry) => entry.rows) };
}
