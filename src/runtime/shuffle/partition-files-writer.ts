/**
 * Owns: the two writers that keep a file a reduce partition: `hash`, whose files belong to one map task, and `consolidated`, whose files
 * belong to a slot, one map's block after the other's. What the buffer cannot hold goes to the files at once: nothing is spilled or merged.
 * One file is open at a time, whatever their number.
 */
import { closeSync, existsSync, fstatSync, openSync, rmSync, writevSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { END_OF_STREAM } from '../../data/ipc.js';
import { attemptWrite, commitIndex } from './block-file.js';
import { dictionaryFlags, encodeRows, schemaMessage } from './block-format.js';
import type { BlockEntry } from './block-index.js';
import { blockPath, type FileLayout, indexPath } from './file-layout.js';
import { RowBuffer } from './row-buffer.js';
import type { SortedRun } from './sorted-run.js';
import { type BlocksWritten, type BlockWriter, blocksWritten, type WriterOptions } from './writer.js';

/** Its methods throw DISK_FULL, TOO_MANY_OPEN_FILES or SHUFFLE_WRITE_FAILED, all retryable, when the disk refuses. */
export function createPartitionFilesWriter(options: WriterOptions, layout: FileLayout): BlockWriter {
  return new PartitionFilesWriter(options, layout);
}

class PartitionFilesWriter implements BlockWriter {
  private readonly options: WriterOptions;
  private readonly layout: FileLayout;
  private readonly buffer: RowBuffer;
  /** Of each partition so far; its stream has begun where it has rows. */
  private readonly entries: { offset: number; length: number; rows: number; crc: number }[];
  private readonly touched = new Set<string>();
  /** Which columns are dictionaries, as the first rows had them: a block has one schema. */
  private coded: readonly boolean[] | null = null;
  private files = 0;

  constructor(options: WriterOptions, layout: FileLayout) {
    this.options = options;
    this.layout = layout;
    this.buffer = new RowBuffer(options);
    this.entries = Array.from({ length: options.partitions }, () => ({ offset: 0, length: 0, rows: 0, crc: 0 }));
  }

  write(batch: Parameters<BlockWriter['write']>[0], partitions: Int32Array): void {
    if (!this.buffer.add(batch, partitions)) return;
    this.flush(this.buffer.take(this.coded), false);
  }

  async finish(): Promise<BlocksWritten> {
    const { dataPath, identity } = this.options;
    this.flush(this.buffer.take(this.coded), true);
    commitIndex(dataPath, identity, this.layout, this.entries);
    return blocksWritten(dataPath, this.entries satisfies readonly BlockEntry[], this.files);
  }

  /** What a consolidated file got already stays there: no index names it. */
  abort(): void {
    this.buffer.clear();
    const index = indexPath(this.options.dataPath);
    const own = this.layout.writer === 'hash' ? [...this.touched] : [];
    for (const path of [index, `${index}.tmp`, ...own]) rmSync(path, { force: true });
  }

  /** Appends the rows of a run to their partitions' files; `last` ends the streams, and makes the files that got no row. */
  private flush({ batch, starts }: SortedRun, last: boolean): void {
    const { schema, partitions } = this.options;
    this.coded ??= dictionaryFlags(batch);
    const dictionaries = this.coded;
    for (let p = 0; p < partitions; p++) {
      const rows = starts[p + 1] - starts[p];
      const begun = this.entries[p].rows > 0;
      const parts: Uint8Array[] = [];
      if (rows > 0) {
        if (!begun) parts.push(schemaMessage(schema, dictionaries));
        encodeRows(schema, batch, dictionaries, [starts[p], starts[p + 1]], this.options, (bytes) => parts.push(bytes));
      }
      if (last && (begun || rows > 0)) parts.push(END_OF_STREAM);
      if (parts.length > 0 || last) this.append(p, parts, rows, last && p === partitions - 1);
    }
  }

  private append(partition: number, parts: readonly Uint8Array[], rows: number, isLast: boolean): void {
    const path = blockPath(this.options.dataPath, this.layout, partition);
    const entry = this.entries[partition];
    if (!this.touched.has(path)) {
      this.touched.add(path);
      // An earlier map of the slot may have made it.
      if (this.layout.writer === 'hash' || !existsSync(path)) this.files++;
    }
    attemptWrite(path, () => {
      const fd = openSync(path, 'a', 0o600);
      try {
        if (entry.length === 0 && parts.length > 0) entry.offset = fstatSync(fd).size;
        writeAll(fd, parts);
        if (isLast) this.options.onOpen?.();
      } finally {
        closeSync(fd);
      }
    });
    for (const part of parts) {
      entry.crc = crc32(part, entry.crc);
      entry.length += part.length;
    }
    entry.rows += rows;
  }
}

/** Most buffers of one system call. */
const VECTOR = 1024;

function writeAll(fd: number, parts: readonly Uint8Array[]): void {
  for (let from = 0; from < parts.length; from += VECTOR) {
    let rest = parts.slice(from, from + VECTOR);
    while (rest.length > 0) {
      let written = writevSync(fd, rest);
      while (rest.length > 0 && written >= rest[0].length) {
        written -= rest[0].length;
        rest = rest.slice(1);
      }
      if (written > 0) rest = [rest[0].subarray(written), ...rest.slice(1)];
    }
  }
}
