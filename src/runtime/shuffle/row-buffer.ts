/**
 * Owns: the rows that a shuffle writer holds, to a budget: batches with a partition a row come in, one run sorted by partition goes out.
 * Counts the bytes; a dictionary that many batches share is held, and so counted, once.
 */
import type { Batch, Column } from '../../data/batch.js';
import { columnBytes } from '../../data/size.js';
import { type SortedRun, sortByPartition } from './sorted-run.js';
import type { WriterOptions } from './writer.js';

export class RowBuffer {
  private readonly options: WriterOptions;
  private batches: Batch[] = [];
  private partitions: Int32Array[] = [];
  private readonly dictionaries = new Set<Column>();
  private bytes = 0;

  constructor(options: WriterOptions) {
    this.options = options;
  }

  /** Whether the buffer is full now: then its rows should be taken. */
  add(batch: Batch, partitions: Int32Array): boolean {
    if (batch.length === 0) return false;
    this.batches.push(batch);
    this.partitions.push(partitions);
    this.bytes += this.bytesOf(batch);
    return this.bytes >= this.options.bufferBytes;
  }

  /** All rows, sorted by partition; the buffer is empty afterwards. `coded`: which columns may stay dictionaries, where that is known already. */
  take(coded: readonly boolean[] | null): SortedRun {
    const { batches, partitions, options } = this;
    options.onMemory?.(2 * this.bytes);
    this.clear();
    return sortByPartition(options.schema, batches, partitions, options.partitions, coded);
  }

  clear(): void {
    this.batches = [];
    this.partitions = [];
    this.dictionaries.clear();
    this.bytes = 0;
  }

  private bytesOf(batch: Batch): number {
    let bytes = 4 * batch.length;
    for (const column of batch.columns) {
      bytes += columnBytes(column);
      if (column.layout !== 'dictionary') continue;
      if (this.dictionaries.has(column.dictionary)) bytes -= columnBytes(column.dictionary);
      else this.dictionaries.add(column.dictionary);
    }
    return bytes;
  }
}
