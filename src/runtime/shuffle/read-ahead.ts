/**
 * Owns: bytes that came along when a small block was read. Behind it lie the blocks of the next partitions, which the thread's next tasks want:
 * opening a file costs far more than reading a few KiB of it. Bounded a thread; what was read longest ago goes.
 */
import { readSync } from 'node:fs';

/** Of all windows together: those of two shuffles that one task reads in turn. */
const KEPT_BYTES = 16 << 20;
/** Of the windows over the files of one reader. */
const READER_BYTES = 8 << 20;
const LARGEST_WINDOW = 64 << 10;
/** A window is worth its copy where it holds so many blocks. */
const BLOCKS_A_WINDOW = 8;

interface Window {
  readonly bytes: Uint8Array;
  /** Offset in the file of the first byte. */
  start: number;
  /** Bytes that are valid. */
  length: number;
}

const windows = new Map<string, Window>();
let keptBytes = 0;

/** How many bytes to read of each file at once for a reader of so many files that may hold `limit` bytes in all. */
export function windowBytes(files: number, limit = READER_BYTES): number {
  return Math.min(LARGEST_WINDOW, Math.floor(Math.min(limit, READER_BYTES) / files));
}

/** Whether blocks of this length are read by windows of this size. */
export function isSmall(length: number, window: number): boolean {
  return length * BLOCKS_A_WINDOW <= window;
}

/**
 * The block's bytes, valid until the next call; null where its file has to be opened. They are given although the file may be gone by now, without
 * asking: a path names one attempt of one map task and is written once, and its reader checks the bytes, so they are what any reader would
 * have had a moment earlier. Asking would cost a system call a block, which is what this file saves.
 */
export function findAhead(path: string, offset: number, length: number): Uint8Array | null {
  const window = windows.get(path);
  if (!window || offset < window.start || offset + length > window.start + window.length) return null;
  return window.bytes.subarray(offset - window.start, offset - window.start + length);
}

/** Reads a window that begins with the block; gives the block's bytes, fewer than `length` where the file ends before. Throws what reading throws. */
export function readAhead(path: string, fd: number, offset: number, length: number, size: number): Uint8Array {
  const old = windows.get(path);
  if (old) {
    windows.delete(path);
    keptBytes -= old.bytes.length;
  }
  const bytes = old?.bytes.length === size ? old.bytes : new Uint8Array(size);
  let filled = 0;
  for (;;) {
    const count = readSync(fd, bytes, filled, size - filled, offset + filled);
    filled += count;
    if (count === 0 || filled >= length) break;
  }
  // A file of a single block has nothing more to give.
  if (filled > length) keep(path, { bytes, start: offset, length: filled });
  return bytes.subarray(0, Math.min(filled, length));
}

export function forgetAhead(directory: string): void {
  for (const path of windows.keys()) if (path.startsWith(directory)) drop(path);
}

function keep(path: string, window: Window): void {
  windows.set(path, window);
  keptBytes += window.bytes.length;
  for (const oldest of windows.keys()) {
    if (keptBytes <= KEPT_BYTES) break;
    drop(oldest);
  }
}

function drop(path: string): void {
  keptBytes -= windows.get(path)?.bytes.length ?? 0;
  windows.delete(path);
}
