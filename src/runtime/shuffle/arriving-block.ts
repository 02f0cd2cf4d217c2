/**
 * Owns: one block on its way from another worker, until it is whole: in memory or, where that is too much, in a file of the task.
 * Receives its bytes in pieces of any size; gives the block once its checksum holds, and nothing before.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeDirectories } from '../../core/make-directories.js';
import type { Arena } from '../../data/arena.js';
import { AppendFile, attemptWrite } from './block-file.js';
import type { BlockHead } from './block-source.js';
import type { LargeBlock } from './large-block.js';

export interface FetchedBlock {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

/** Where blocks go that arrive. */
export interface BlockSpace {
  readonly arena: Arena;
  /** Blocks above this many bytes go to disk. */
  readonly largeBytes: number;
  /** A path at which there is no file; its directory may be missing. */
  readonly spillPath: () => string;
  /** Told of the bytes of every block that went there. */
  readonly onSpill: (bytes: number) => void;
}

export interface ArrivingBlock {
  /** Bytes that have not come yet. */
  readonly missing: number;
  /** Takes the next bytes, no more than are missing. Throws DISK_FULL, TOO_MANY_OPEN_FILES and SHUFFLE_WRITE_FAILED. */
  push(bytes: Uint8Array): void;
  /** The block, whose bytes have all come; null where they do not match the checksum. */
  end(): FetchedBlock | LargeBlock | null;
  /** Forgets what has come. */
  drop(): void;
}

export function expectBlock(head: BlockHead, space: BlockSpace): ArrivingBlock {
  return head.length > space.largeBytes ? new SpilledArrival(head, space) : new HeldArrival(head, space);
}

/** Removes the file of a block that has one for as long as it is read. */
export function removeFetched(block: FetchedBlock | LargeBlock): void {
  if ('range' in block && block.isOwn) rmSync(block.range.path, { force: true });
}

class HeldArrival implements ArrivingBlock {
  private readonly head: BlockHead;
  private readonly bytes: Uint8Array;
  private filled = 0;

  constructor(head: BlockHead, { arena }: BlockSpace) {
    this.head = head;
    this.bytes = arena.take(head.length);
  }

  get missing(): number {
    return this.bytes.length - this.filled;
  }

  push(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  end(): FetchedBlock | null {
    const { bytes, head } = this;
    return crc32(bytes) === head.crc ? { bytes, rows: head.rows } : null;
  }

  drop(): void {}
}

class SpilledArrival implements ArrivingBlock {
  private readonly head: BlockHead;
  private readonly space: BlockSpace;
  private readonly file: AppendFile;

  constructor(head: BlockHead, space: BlockSpace) {
    this.head = head;
    this.space = space;
    const path = space.spillPath();
    attemptWrite(path, () => makeDirectories(dirname(path), 0o700));
    this.file = new AppendFile(path);
  }

  get missing(): number {
    return this.head.length - this.file.size;
  }

  push(bytes: Uint8Array): void {
    this.file.append(bytes);
  }

  end(): LargeBlock | null {
    const { length, crc, rows } = this.head;
    this.file.flush();
    const sum = this.file.takeCrc();
    this.file.close();
    if (sum !== crc) return null;
    this.space.onSpill(length);
    return { range: { path: this.file.path, offset: 0, length, crc }, rows, isOwn: true };
  }

  drop(): void {
    this.file.close();
    rmSync(this.file.path, { force: true });
  }
}
