/**
 * Owns: writing one partition of a plan whose rows are kept: one Arrow IPC stream, in shared memory as long as it fits there, else in a file.
 * Receives the batches of a task in order; gives where the stream is.
 */
import { crc32 } from 'node:zlib';
import type { Batch } from '../../data/batch.js';
import { END_OF_STREAM, encodeBatch, encodeSchema } from '../../data/ipc.js';
import type { Schema } from '../../data/types.js';
import { BlockFileWriter } from './block-file.js';
import { dictionaryFlags } from './block-format.js';
import type { MapIdentity } from './block-index.js';

export interface KeptWriterOptions {
  readonly schema: Schema;
  readonly identity: MapIdentity;
  /** Where a file goes, in a directory that exists. */
  readonly dataPath: string;
  /** Bytes up to which the partition stays in memory; 0 for a file at once. */
  readonly memoryBytes: number;
}

export interface KeptPartition {
  readonly rows: number;
  readonly size: number;
  readonly crc: number;
  /** Over shared memory, for any thread; null where it is in the file. */
  readonly bytes: Uint8Array | null;
}

/** Its methods throw DISK_FULL, TOO_MANY_OPEN_FILES or SHUFFLE_WRITE_FAILED, all retryable, when the disk refuses. */
export class KeptWriter {
  private readonly options: KeptWriterOptions;
  private parts: Uint8Array[] = [];
  private readonly dictionariesSent: Parameters<typeof encodeBatch>[3] = [];
  private dictionaries: readonly boolean[] | null = null;
  private file: BlockFileWriter | null = null;
  private rows = 0;
  private size = 0;

  constructor(options: KeptWriterOptions) {
    this.options = options;
  }

  write(batch: Batch): void {
    if (batch.length === 0) return;
    const { schema } = this.options;
    const dictionaries = this.begin(batch);
    for (const part of encodeBatch(schema, batch, { dictionaries }, this.dictionariesSent)) this.append(part);
    this.rows += batch.length;
  }

  finish(): KeptPartition {
    if (this.dictionaries !== null) this.append(END_OF_STREAM);
    const { rows, size, file } = this;
    if (file) {
      file.endBlock(rows);
      const [{ crc }] = file.commit();
      return { rows, size, crc, bytes: null };
    }
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    let at = 0;
    for (const part of this.parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.parts = [];
    return { rows, size, crc: crc32(bytes), bytes };
  }

  /** Removes whatever was written. */
  abort(): void {
    this.parts = [];
    this.file?.abort();
  }

  /** The first batch decides which columns are dictionaries in the whole stream. */
  private begin(batch: Batch): readonly boolean[] {
    if (this.dictionaries === null) {
      this.dictionaries = dictionaryFlags(batch);
      this.append(encodeSchema(this.options.schema, { dictionaries: [...this.dictionaries] }));
    }
    return this.dictionaries;
  }

  private append(part: Uint8Array): void {
    const { memoryBytes, dataPath, identity } = this.options;
    this.size += part.length;
    if (this.file === null && this.size <= memoryBytes) {
      this.parts.push(part);
      return;
    }
    if (this.file === null) {
      this.file = new BlockFileWriter(dataPath, identity);
      for (const earlier of this.parts) this.file.append(earlier);
      this.parts = [];
    }
    this.file.append(part);
  }
}
