/**
 * Owns: batches that wait on disk for their operator: written one after the other, read back in order, removed when closed.
 * One file is a row of frames: length and CRC-32 in four bytes each, then an Arrow IPC stream of one batch.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { diskError, spillDamaged } from '../../core/disk-errors.js';
import { makeDirectories } from '../../core/make-directories.js';
import type { Batch } from '../../data/batch.js';
import { decodeStream, encodeStream } from '../../data/ipc.js';
import type { Schema } from '../../data/types.js';
import type { TaskContext } from './task-context.js';

const HEAD_BYTES = 8;
let files = 0;

/** Its methods throw DISK_FULL, TOO_MANY_OPEN_FILES or SPILL_FAILED when the disk refuses, SPILL_DAMAGED when it gives back other bytes; all retryable. */
export class SpillFile {
  private readonly path: string;
  private readonly schema: Schema;
  private readonly context: TaskContext;
  /** -1 once closed. */
  private fd: number;
  private size = 0;

  constructor(context: TaskContext, schema: Schema) {
    this.path = join(context.spillDir, `spill-${process.pid}-${files++}`);
    this.schema = schema;
    this.context = context;
    this.fd = this.attempt(() => {
      makeDirectories(context.spillDir);
      return openSync(this.path, 'wx+', 0o600);
    });
  }

  write(batch: Batch): void {
    const bytes = encodeStream(this.schema, [batch]);
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(bytes.length);
    head.writeUInt32LE(crc32(bytes), 4);
    for (const part of [head, bytes]) this.append(part);
    const written = head.length + bytes.length;
    this.size += written;
    this.context.metrics.spilledBytes += written;
  }

  *read(): Iterable<Batch> {
    const head = Buffer.alloc(HEAD_BYTES);
    for (let at = 0; at < this.size; ) {
      this.fill(head, at);
      const end = at + HEAD_BYTES + head.readUInt32LE();
      if (end > this.size) throw spillDamaged(this.path, 'ends too early');
      const bytes = new Uint8Array(end - at - HEAD_BYTES);
      this.fill(bytes, at + HEAD_BYTES);
      if (crc32(bytes) !== head.readUInt32LE(4)) throw spillDamaged(this.path, 'does not match its checksum');
      at = end;
      yield* decodeStream(bytes).batches;
    }
  }

  private append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += this.attempt(() => writeSync(this.fd, bytes, done, bytes.length - done));
  }

  private fill(target: Uint8Array, at: number): void {
    for (let done = 0; done < target.length; ) {
      const got = this.attempt(() => readSync(this.fd, target, done, target.length - done, at + done), 'read back from');
      if (got === 0) throw spillDamaged(this.path, 'ends too early');
      done += got;
    }
  }

  /** May be called again. */
  close(): void {
    if (this.fd < 0) return;
    closeSync(this.fd);
    this.fd = -1;
    rmSync(this.path, { force: true });
  }

  private attempt<T>(action: () => T, verb = 'spilled to'): T {
    try {
      return action();
    } catch (cause) {
      throw diskError('SPILL_FAILED', `Rows cannot be ${verb} ${this.path}`, cause);
    }
  }
}
