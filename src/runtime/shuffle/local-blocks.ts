/**
 * Owns: reading blocks from files of this host. Both the short cut of readers and the block server come through here.
 * Receives the path of a data file and which map output it should hold; gives the block's place or bytes. Indexes are cached a thread.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { isOutOfDescriptors, tooManyOpenFiles } from '../../core/disk-errors.js';
import { retryableError } from '../../core/errors.js';
import { BlockIndex } from './block-index.js';
import { indexPath } from './file-layout.js';

const CACHE_BYTES = 32 << 20;
const cache = new Map<string, BlockIndex>();
let cachedBytes = 0;

/** The index beside a data file, or null where there is none: the output is on another host, or gone. Throws BLOCK_CORRUPT and TOO_MANY_OPEN_FILES. */
export function readIndex(dataPath: string): BlockIndex | null {
  const cached = cache.get(dataPath);
  if (cached) return cached;
  let bytes: Buffer;
  try {
    bytes = readFileSync(indexPath(dataPath));
  } catch (cause) {
    if (isOutOfDescriptors(cause)) throw tooManyOpenFiles(`${indexPath(dataPath)} cannot be read`, cause);
    return null;
  }
  const index = new BlockIndex(bytes);
  cache.set(dataPath, index);
  cachedBytes += index.byteLength;
  for (const [path, old] of cache) {
    if (cachedBytes <= CACHE_BYTES) break;
    cache.delete(path);
    cachedBytes -= old.byteLength;
  }
  return index;
}

/** Drops the indexes of files below a directory that is about to be removed. */
export function forgetIndexes(directory: string): void {
  for (const [path, index] of cache) {
    if (!path.startsWith(directory)) continue;
    cache.delete(path);
    cachedBytes -= index.byteLength;
  }
}

/** Reads `length` bytes at `offset` of a file into `target` at `at`. Throws BLOCK_NOT_FOUND, BLOCK_CORRUPT (it is too short) and TOO_MANY_OPEN_FILES. */
export function readRange(dataPath: string, offset: number, length: number, target: Uint8Array, at: number): void {
  let fd: number;
  try {
    fd = openSync(dataPath, 'r');
  } catch (cause) {
    if (isOutOfDescriptors(cause)) throw tooManyOpenFiles(`${dataPath} cannot be read`, cause);
    throw retryableError('BLOCK_NOT_FOUND', `A shuffle block cannot be read: ${(cause as Error).message}.`, { cause });
  }
  try {
    for (let done = 0; done < length; ) {
      const count = readSync(fd, target, at + done, length - done, offset + done);
      if (count === 0) throw retryableError('BLOCK_CORRUPT', `${dataPath} is shorter than its index says.`);
      done += count;
    }
  } finally {
    closeSync(fd);
  }
}

const ARENA_BYTES = 256 << 10;

/** Gives pieces of memory aligned to 64 bytes, small ones from a shared buffer, so that thousands of tiny blocks are cheap. */
export class Arena {
  private buffer = new ArrayBuffer(0);
  private used = 0;

  take(bytes: number): Uint8Array {
    if (bytes > ARENA_BYTES >> 2) return new Uint8Array(bytes);
    if (this.used + bytes > this.buffer.byteLength) {
      this.buffer = new ArrayBuffer(ARENA_BYTES);
      this.used = 0;
    }
    const piece = new Uint8Array(this.buffer, this.used, bytes);
    this.used += (bytes + 63) & ~63;
    return piece;
  }
}
