/**
 * Owns: the sort-style shuffle writer: whatever the number of reduce partitions, a map task leaves one data file and one index.
 * Receives batches with a partition a row; buffers them to a budget, sorts by partition, spills sorted runs and merges them at the end.
 */
import { join } from 'node:path';
import type { Batch, Column } from '../../data/batch.js';
import { columnBytes } from '../../data/size.js';
import type { Schema } from '../../data/types.js';
import { BlockFileWriter } from './block-file.js';
import { dictionaryFlags, encodeBlock } from './block-format.js';
import type { MapIdentity } from './block-index.js';
import { type SortedRun, sortByPartition } from './sorted-run.js';
import { SpilledRuns } from './spilled-runs.js';
import { type BlocksWritten, type BlockWriter, blocksWritten } from './writer.js';

export interface SortWriterOptions {
  readonly schema: Schema;
  readonly partitions: number;
  readonly identity: MapIdentity;
  /** Path of the data file to be, ending in `.data`, in a directory that exists. */
  readonly dataPath: string;
  /** Directory for the spill file. */
  readonly spillDir: string;
  /** Bytes of input batches held before a run is spilled. Sorting takes about twice as much again. */
  readonly bufferBytes: number;
  /** Most rows of a record batch. */
  readonly batchRows: number;
  /** Told of every spill, in bytes written. */
  readonly onSpill?: (bytes: number) => void;
  /** Told the bytes that the writer holds while it sorts. */
  readonly onMemory?: (bytes: number) => void;
}

/** Its methods throw SHUFFLE_WRITE_FAILED, retryable, when the disk refuses. */
export function createSortWriter(options: SortWriterOptions): BlockWriter {
  return new SortWriter(options);
}

class SortWriter implements BlockWriter {
  private readonly options: SortWriterOptions;
  private batches: Batch[] = [];
  private partitions: Int32Array[] = [];
  private readonly dictionaries = new Set<Column>();
  private buffered = 0;
  private runs: SpilledRuns | null = null;
  private output: BlockFileWriter | null = null;

  constructor(options: SortWriterOptions) {
    this.options = options;
  }

  write(batch: Batch, partitions: Int32Array): void {
    if (batch.length === 0) return;
    this.batches.push(batch);
    this.partitions.push(partitions);
    this.buffered += this.bytesOf(batch);
    if (this.buffered >= this.options.bufferBytes) this.spill();
  }

  async finish(): Promise<BlocksWritten> {
    const { dataPath, identity } = this.options;
    this.output = new BlockFileWriter(dataPath, identity);
    if (this.runs === null) this.writeRun(this.output, this.sortBuffered(false));
    else this.mergeRuns(this.output, this.runs);
    return blocksWritten(dataPath, this.output.commit());
  }

  abort(): void {
    this.batches = [];
    this.partitions = [];
    this.runs?.remove();
    this.runs = null;
    this.output?.abort();
  }

  private spill(): void {
    const { schema, partitions, spillDir, batchRows, onSpill, identity } = this.options;
    const name = `shuffle-${identity.shuffle}-${identity.map}-${identity.attempt}.spill`;
    this.runs ??= new SpilledRuns(join(spillDir, name), schema, partitions, batchRows);
    const before = this.runs.bytes;
    this.runs.add(this.sortBuffered(true));
    onSpill?.(this.runs.bytes - before);
  }

  private writeRun(output: BlockFileWriter, { batch, starts }: SortedRun): void {
    const { schema, partitions, batchRows } = this.options;
    const dictionaries = dictionaryFlags(batch);
    const append = (bytes: Uint8Array) => output.append(bytes);
    for (let p = 0; p < partitions; p++) {
      encodeBlock(schema, batch, dictionaries, [starts[p], starts[p + 1]], batchRows, append);
      output.endBlock(starts[p + 1] - starts[p]);
    }
  }

  private mergeRuns(output: BlockFileWriter, runs: SpilledRuns): void {
    const last = this.sortBuffered(true);
    const append = (bytes: Uint8Array) => output.append(bytes);
    for (let p = 0; p < this.options.partitions; p++) output.endBlock(runs.mergeBlock(p, last, append));
    runs.remove();
    this.runs = null;
  }

  private sortBuffered(plain: boolean): SortedRun {
    const { batches, partitions, options } = this;
    options.onMemory?.(2 * this.buffered);
    this.batches = [];
    this.partitions = [];
    this.dictionaries.clear();
    this.buffered = 0;
    return sortByPartition(options.schema, batches, partitions, options.partitions, plain);
  }

  /** A dictionary that many batches share is held, and so counted, once. */
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
