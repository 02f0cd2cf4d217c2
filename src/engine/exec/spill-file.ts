/**
 * Owns: batches that wait on disk for their operator: written one after the other, read back in order, removed when closed.
 * One file is a row of frames: four bytes of length, then an Arrow IPC stream of one batch.
 */
import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { diskError } from '../../core/disk-errors.js';
import { fatalError } from '../../core/errors.js';
import { makeDirectories } from '../../core/make-directories.js';
import type { Batch } from '../../data/batch.js';
import { decodeStream, encodeStream } from '../../data/ipc.js';
import type { Schema } from '../../data/types.js';
import type { TaskContext } from './task-context.js';

let files = 0;

/** Its methods throw DISK_FULL, TOO_MANY_OPEN_FILES or SPILL_FAILED, all retryable, when the disk refuses. */
export class SpillFile {
  private readonly path: string;
  private readonly schema: Schema;
  private readonly context: TaskContext;
  /** -1 once closed. */
  private fd: number;

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
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    for (const part of [length, bytes]) this.append(part);
    this.context.metrics.spilledBytes += length.length + bytes.length;
  }

  *read(): Iterable<Batch> {
    const { size } = fstatSync(this.fd);
    const length = Buffer.alloc(4);
    for (let at = 0; at < size; ) {
      this.fill(length, at);
      const bytes = new Uint8Array(length.readUInt32LE());
      this.fill(bytes, at + 4);
      at += 4 + bytes.length;
      yield* decodeStream(bytes).batches;
    }
  }

  private append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += this.attempt(() => writeSync(this.fd, bytes, done, bytes.length - done));
  }

  private fill(target: Uint8Array, at: number): void {
    for (let done = 0; done < target.length; ) {
      const got = readSync(this.fd, target, done, target.length - done, at + done);
      if (got === 0) throw fatalError('SPILL_FAILED', `${this.path} ends too early.`);
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

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw diskError('SPILL_FAILED', `Rows cannot be spilled to ${this.path}`, cause);
    }
  }
}
