/**
 * Owns: reading blocks from files of this host. Both the short cut of readers and the block server come through here.
 * Receives the path of a data file and which map output it should hold; gives the block's place or bytes. Indexes are cached a thread.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { isOutOfDescriptors, tooManyOpenFiles } from '../../core/disk-errors.js';
import { retryableError } from '../../core/errors.js';
import { BlockIndex } from './block-index.js';
import { indexPath } from './file-layout.js';
import { findAhead, forgetAhead, isSmall, readAhead } from './read-ahead.js';

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

/** Drops what is kept of files below a directory that is about to be removed. */
export function forgetFiles(directory: string): void {
  forgetAhead(directory);
  for (const [path, index] of cache) {
    if (!path.startsWith(directory)) continue;
    cache.delete(path);
    cachedBytes -= index.byteLength;
  }
}

/**
 * Directories that this thread has read from and that have gone since, with whoever kept them: all that lay there is lost, also blocks that
 * were read ahead.
 */
export function removedDirectories(dataPaths: readonly string[]): ReadonlySet<string> {
  const removed = new Set<string>();
  for (const directory of new Set(dataPaths.map(dirname))) {
    if (existsSync(directory) || ![...cache.keys()].some((path) => path.startsWith(`${directory}/`))) continue;
    forgetAhead(directory);
    removed.add(directory);
  }
  return removed;
}

/**
 * Reads `length` bytes at `offset` of a file into `target` at `at`. With a `window`, a small block is read with as much of what follows.
 * Throws BLOCK_NOT_FOUND, BLOCK_CORRUPT (the file is too short) and TOO_MANY_OPEN_FILES.
 */
export function readRange(dataPath: string, offset: number, length: number, target: Uint8Array, at: number, window = 0): void {
  const small = isSmall(length, window);
  const known = small ? findAhead(dataPath, offset, length) : null;
  if (known) {
    target.set(known, at);
    return;
  }
  let fd: number;
  try {
    fd = openSync(dataPath, 'r');
  } catch (cause) {
    if (isOutOfDescriptors(cause)) throw tooManyOpenFiles(`${dataPath} cannot be read`, cause);
    throw retryableError('BLOCK_NOT_FOUND', `A shuffle block cannot be read: ${(cause as Error).message}.`, { cause });
  }
  try {
    let done = 0;
    if (small) {
      const bytes = readAhead(dataPath, fd, offset, length, window);
      target.set(bytes, at);
      done = bytes.length;
    }
    while (done < length) {
      const count = readSync(fd, target, at + done, length - done, offset + done);
      if (count === 0) throw retryableError('BLOCK_CORRUPT', `${dataPath} is shorter than its index says.`);
      done += count;
    }
  } finally {
    closeSync(fd);
  }
}
