/**
 * Owns: broadcast values as files of the worker, which its threads read: parts come from the scheduler in order, a file is there once it is whole.
 * What could not be written is remembered, so that the task that misses it can say why.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskError } from '../../core/disk-errors.js';
import type { MinisparkError } from '../../core/errors.js';
import { makeDirectories } from '../../core/make-directories.js';
import type { BlobPart } from '../rpc/messages.js';
import type { BlockStore } from '../shuffle/block-store.js';

export class BlobFiles {
  private readonly store: BlockStore;
  /** Bytes of those that are on their way. */
  private readonly received = new Map<string, number>();
  private readonly failures = new Map<string, MinisparkError>();

  constructor(store: BlockStore) {
    this.store = store;
  }

  /** Never throws: see `failure`. A part that does not follow the one before is no part of a value that could be whole. */
  receive({ id, offset, total, bytes }: BlobPart): void {
    const path = this.store.blobPath(id);
    if (offset === 0) {
      this.received.set(id, 0);
      this.failures.delete(id);
    }
    if (this.received.get(id) !== offset) return;
    try {
      if (offset === 0) makeDirectories(dirname(path), 0o700);
      writeFileSync(`${path}.tmp`, bytes, { flag: offset === 0 ? 'w' : 'a', mode: 0o600 });
      this.received.set(id, offset + bytes.length);
      if (offset + bytes.length < total) return;
      renameSync(`${path}.tmp`, path);
      this.received.delete(id);
    } catch (cause) {
      this.forget(id);
      const error = diskError('BROADCAST_NOT_WRITTEN', `The broadcast value ${id} cannot be written to ${path}`, cause);
      this.failures.set(id, error.with({ data: { blob: id } }));
    }
  }

  /** Why a value is not here, where it was sent and the disk refused it: DISK_FULL, TOO_MANY_OPEN_FILES or BROADCAST_NOT_WRITTEN, retryable. */
  failure(id: unknown): MinisparkError | null {
    return this.failures.get(String(id)) ?? null;
  }

  release(ids: readonly string[]): void {
    for (const id of ids) {
      this.forget(id);
      this.failures.delete(id);
    }
  }

  private forget(id: string): void {
    this.received.delete(id);
    const path = this.store.blobPath(id);
    // What is no directory holds no file.
    try {
      for (const file of [path, `${path}.tmp`]) rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
    }
  }
}
