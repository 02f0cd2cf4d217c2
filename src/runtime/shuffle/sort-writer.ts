/**
 * Owns: the sort-style shuffle writer: whatever the number of reduce partitions, a map task leaves one data file and one index.
 * Receives batches with a partition a row; buffers them to a budget, sorts by partition, spills sorted runs and merges them at the end.
 */
import { join } from 'node:path';
import type { Batch } from '../../data/batch.js';
import { BlockFileWriter } from './block-file.js';
import { dictionaryFlags, encodeBlock } from './block-format.js';
import { RowBuffer } from './row-buffer.js';
import type { SortedRun } from './sorted-run.js';
import { SpilledRuns } from './spilled-runs.js';
import { type BlocksWritten, type BlockWriter, blocksWritten, type WriterOptions } from './writer.js';

/** Its methods throw DISK_FULL, TOO_MANY_OPEN_FILES or SHUFFLE_WRITE_FAILED, all retryable, when the disk refuses. */
export function createSortWriter(options: WriterOptions): BlockWriter {
  return new SortWriter(options);
}

class SortWriter implements BlockWriter {
  private readonly options: WriterOptions;
  private readonly buffer: RowBuffer;
  private runs: SpilledRuns | null = null;
  private output: BlockFileWriter | null = null;

  constructor(options: WriterOptions) {
    this.options = options;
    this.buffer = new RowBuffer(options);
  }

  write(batch: Batch, partitions: Int32Array): void {
    if (this.buffer.add(batch, partitions)) this.spill();
  }

  async finish(): Promise<BlocksWritten> {
    const { dataPath, identity } = this.options;
    this.output = new BlockFileWriter(dataPath, identity);
    this.options.onOpen?.();
    if (this.runs === null) this.writeRun(this.output, this.buffer.take(null));
    else this.mergeRuns(this.output, this.runs);
    return blocksWritten(dataPath, this.output.commit(), 1);
  }

  abort(): void {
    this.buffer.clear();
    this.runs?.remove();
    this.runs = null;
    this.output?.abort();
  }

  private spill(): void {
    const { schema, partitions, spillDir, onSpill, identity } = this.options;
    const name = `shuffle-${identity.shuffle}-${identity.map}-${identity.attempt}.spill`;
    this.runs ??= new SpilledRuns(join(spillDir, name), schema, partitions, this.options);
    const before = this.runs.bytes;
    this.runs.add(this.buffer.take(this.runs.dictionaries));
    onSpill?.(this.runs.bytes - before);
  }

  private writeRun(output: BlockFileWriter, { batch, starts }: SortedRun): void {
    const { schema, partitions } = this.options;
    const dictionaries = dictionaryFlags(batch);
    const append = (bytes: Uint8Array) => output.append(bytes);
    for (let p = 0; p < partitions; p++) {
      encodeBlock(schema, batch, dictionaries, [starts[p], starts[p + 1]], this.options, append);
      output.endBlock(starts[p + 1] - starts[p]);
    }
  }

  private mergeRuns(output: BlockFileWriter, runs: SpilledRuns): void {
    const last = this.buffer.take(runs.dictionaries);
    const append = (bytes: Uint8Array) => output.append(bytes);
    for (let p = 0; p < this.options.partitions; p++) output.endBlock(runs.mergeBlock(p, last, append));
    runs.remove();
    this.runs = null;
  }
}
