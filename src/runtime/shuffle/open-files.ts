/**
 * Owns: the block files that a thread keeps open because it reads many small blocks of them: opening one costs more than reading from it.
 * Gives descriptors. Those first opened stay, so that rounds over more files than may be open still find some of them.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';

/** Blocks below this are small. */
const SMALL_BLOCK_BYTES = 16 << 10;
const MOST_FILES = 512;
/** Of all kept files. A thread that has nothing to do keeps the space of removed files taken until its next shuffle. */
const MOST_BYTES = 128 << 20;

interface OpenFile {
  readonly fd: number;
  readonly bytes: number;
}

const kept = new Map<string, OpenFile>();
let keptBytes = 0;
/** All files are of one shuffle. */
let directory = '';

/** Opens the file for one block, calls `use`, and closes the file again unless it is worth keeping. Throws what opening throws. */
export function withOpenFile<T>(path: string, blockBytes: number, use: (fd: number) => T): T {
  const known = kept.get(path);
  if (known) return use(known.fd);
  const fd = openSync(path, 'r');
  if (blockBytes < SMALL_BLOCK_BYTES && keep(path, fd, blockBytes)) return use(fd);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Closes kept files of this directory and of those below it. */
export function closeFilesBelow(dir: string): void {
  if (!directory.startsWith(dir)) return;
  for (const { fd } of kept.values()) closeSync(fd);
  kept.clear();
  keptBytes = 0;
}

/** False where the file is one block, so that nobody comes again, or where there is no room. */
function keep(path: string, fd: number, blockBytes: number): boolean {
  if (mostFiles() === 0) return false;
  const own = dirname(path);
  if (own !== directory) {
    closeFilesBelow(directory);
    directory = own;
  }
  const bytes = fstatSync(fd).size;
  if (bytes <= blockBytes || kept.size >= mostFiles() || keptBytes + bytes > MOST_BYTES) return false;
  kept.set(path, { fd, bytes });
  keptBytes += bytes;
  return true;
}

let limit: number | null = null;

/** A thread's part of a quarter of the descriptors that the process may have; none where these are few. */
function mostFiles(): number {
  limit ??= Math.max(0, Math.min(MOST_FILES, Math.floor((descriptorLimit() - 256) / 4 / Math.max(4, availableParallelism()))));
  return limit;
}

function descriptorLimit(): number {
  try {
    const found = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return found ? Number(found[1]) : 0;
  } catch {
    // Another system: it does not tell.
    return 0;
  }
}
