/**
 * Owns: sorted runs on disk: one spill file, in which the record batches of a run lie partition after partition, without schema.
 * Receives runs as they exceed the buffer; gives back, a partition at a time, the record batches of all runs, small ones joined.
 */
import { readSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { spillDamaged } from '../../core/disk-errors.js';
import { makeDirectories } from '../../core/make-directories.js';
import type { Batch } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { decodeStream, END_OF_STREAM } from '../../data/ipc.js';
import { sliceBatch } from '../../data/slice.js';
import type { Schema } from '../../data/types.js';
import { AppendFile } from './block-file.js';
import { dictionaryFlags, type EncodeOptions, encodeRows, schemaMessage } from './block-format.js';
import type { SortedRun } from './sorted-run.js';

interface SpilledRun {
  /** Partition p has the bytes offsets[p] .. offsets[p + 1] of the file and the rows starts[p] .. starts[p + 1] of the run. */
  readonly offsets: Float64Array;
  readonly starts: Int32Array;
  /** Checksum of each partition's bytes. */
  readonly crcs: Uint32Array;
}

/** Rows of a partition in one run below which they are decoded and joined with those of other runs. */
const SMALL_ROWS = 4096;

/**
 * All runs are under one schema message: what the first has as dictionaries is written with dictionaries of each run, and all else must be
 * plain.
 */
export class SpilledRuns {
  private readonly schema: Schema;
  private readonly partitions: number;
  private readonly encode: EncodeOptions;
  private coded: readonly boolean[] | null = null;
  private readonly file: AppendFile;
  private readonly runs: SpilledRun[] = [];

  constructor(path: string, schema: Schema, partitions: number, encode: EncodeOptions) {
    this.schema = schema;
    this.partitions = partitions;
    this.encode = encode;
    makeDirectories(dirname(path), 0o700);
    this.file = new AppendFile(path);
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.file.size;
  }

  /** Which columns may be dictionaries in a run; null before the first. */
  get dictionaries(): readonly boolean[] | null {
    return this.coded;
  }

  add({ batch, starts }: SortedRun): void {
    this.coded ??= dictionaryFlags(batch);
    const offsets = new Float64Array(this.partitions + 1);
    const crcs = new Uint32Array(this.partitions);
    const append = (bytes: Uint8Array) => this.file.append(bytes);
    for (let p = 0; p < this.partitions; p++) {
      offsets[p] = this.file.size;
      encodeRows(this.schema, batch, this.coded, [starts[p], starts[p + 1]], this.encode, append);
      crcs[p] = this.file.takeCrc();
    }
    offsets[this.partitions] = this.file.size;
    this.runs.push({ offsets, starts, crcs });
  }

  /**
   * Appends the block of one partition, its rows in `last`, a run that was not spilled, at its end: a whole stream, or nothing where no
   * run has rows of it. Gives its rows.
   */
  mergeBlock(partition: number, last: SortedRun, append: (bytes: Uint8Array) => void): number {
    const coded = this.coded ?? dictionaryFlags(last.batch);
    const header = schemaMessage(this.schema, coded);
    let total = 0;
    let small: Batch[] = [];
    let smallRows = 0;
    const joinSmall = () => {
      if (smallRows === 0) return;
      encodeRows(this.schema, concatBatches(this.schema, small), coded, [0, smallRows], this.encode, append);
      small = [];
      smallRows = 0;
    };
    for (const run of this.runs) {
      const rows = run.starts[partition + 1] - run.starts[partition];
      if (rows === 0) continue;
      if (total === 0) append(header);
      total += rows;
      const bytes = this.read(run, partition);
      if (rows >= SMALL_ROWS) {
        joinSmall();
        append(bytes);
        continue;
      }
      small.push(...decodeStream(Buffer.concat([header, bytes, END_OF_STREAM])).batches);
      smallRows += rows;
      if (smallRows >= this.encode.batchRows) joinSmall();
    }
    const [from, to] = [last.starts[partition], last.starts[partition + 1]];
    if (from < to) {
      if (total === 0) append(header);
      total += to - from;
      small.push(sliceBatch(last.batch, from, to));
      smallRows += to - from;
    }
    joinSmall();
    if (total > 0) append(END_OF_STREAM);
    return total;
  }

  remove(): void {
    this.file.close();
    rmSync(this.file.path, { force: true });
  }

  /** Throws SPILL_DAMAGED: what is merged gets a checksum of its own, under which damage would pass. */
  private read({ offsets, crcs }: SpilledRun, partition: number): Uint8Array {
    const fd = this.file.flush();
    const from = offsets[partition];
    const bytes = Buffer.allocUnsafeSlow(offsets[partition + 1] - from);
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(fd, bytes, done, bytes.length - done, from + done);
      if (count === 0) throw spillDamaged(this.file.path, 'ends too early');
      done += count;
    }
    if (crc32(bytes) !== crcs[partition]) throw spillDamaged(this.file.path, 'does not match its checksum');
    return bytes;
  }
}
