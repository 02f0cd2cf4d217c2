/**
 * Owns: broadcast values as files of the worker, which its threads read: parts come from the scheduler in order, a file is there once it is whole.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectories } from '../../core/make-directories.js';
import type { BlobPart } from '../rpc/messages.js';
import type { BlockStore } from '../shuffle/block-store.js';

export class BlobFiles {
  private readonly store: BlockStore;

  constructor(store: BlockStore) {
    this.store = store;
  }

  /** Never throws: what cannot be written is missed by the task that reads it, which tells so. */
  receive({ id, offset, total, bytes }: BlobPart): void {
    const path = this.store.blobPath(id);
    try {
      if (offset === 0) makeDirectories(dirname(path), 0o700);
      writeFileSync(`${path}.tmp`, bytes, { flag: offset === 0 ? 'w' : 'a', mode: 0o600 });
      if (offset + bytes.length === total) renameSync(`${path}.tmp`, path);
    } catch {
      rmSync(`${path}.tmp`, { force: true });
    }
  }

  release(ids: readonly string[]): void {
    for (const id of ids) rmSync(this.store.blobPath(id), { force: true });
  }
}
