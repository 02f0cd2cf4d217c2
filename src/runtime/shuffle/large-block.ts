/**
 * Owns: blocks that are too large to be held whole: checked against their checksum piece by piece in a file of this host, then
 * decoded a record batch at a time. The file stays open in between, so that what is decoded is what was checked.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { isOutOfDescriptors, spillDamaged, tooManyOpenFiles } from '../../core/disk-errors.js';
import { type MinisparkError, retryableError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { decodePieces } from '../../data/ipc.js';

/** Blocks above this are read so. */
export const LARGE_BLOCK_BYTES = 8 << 20;
const PIECE_BYTES = 1 << 20;

export interface BlockRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

/** A block that stays in its file. */
export interface LargeBlock {
  readonly range: BlockRange;
  readonly rows: number;
  /** Whether the file was made for this reader, which removes it. */
  readonly isOwn: boolean;
}

/**
 * The batches of a block; nothing is given before the checksum held. Throws CORRUPT_BLOCK, TOO_MANY_OPEN_FILES and, of a map's file,
 * BLOCK_NOT_FOUND and BLOCK_CORRUPT; of the reader's own, which held when it was written, SPILL_DAMAGED.
 */
export function* readLargeBlock({ range, isOwn }: LargeBlock): Generator<Batch> {
  const { path, offset, length, crc } = range;
  const fault = (condition: string, what: string, cause?: unknown): MinisparkError =>
    isOwn ? spillDamaged(path, what, cause) : retryableError(condition, `The shuffle file ${path} ${what}.`, { cause });
  const fd = openForReading(path, fault);
  try {
    const read = (from: number, to: number, target: Uint8Array = new Uint8Array(to - from)): Uint8Array => {
      for (let done = 0; done < to - from; ) {
        const count = readPart(fd, target.subarray(done, to - from), offset + from + done, fault);
        if (count === 0) throw fault('BLOCK_CORRUPT', 'ends too early');
        done += count;
      }
      return target;
    };
    const piece = new Uint8Array(PIECE_BYTES);
    let sum = 0;
    for (let from = 0; from < length; from += PIECE_BYTES) {
      const to = Math.min(length, from + PIECE_BYTES);
      sum = crc32(read(from, to, piece).subarray(0, to - from), sum);
    }
    if (sum !== crc) throw fault('BLOCK_CORRUPT', 'does not match its checksum');
    yield* decodePieces(length, read);
  } finally {
    closeSync(fd);
  }
}

type Fault = (condition: string, what: string, cause: unknown) => MinisparkError;

function openForReading(path: string, fault: Fault): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if (isOutOfDescriptors(cause)) throw tooManyOpenFiles(`${path} cannot be read`, cause);
    throw fault('BLOCK_NOT_FOUND', `cannot be read: ${(cause as Error).message}`, cause);
  }
}

function readPart(fd: number, target: Uint8Array, at: number, fault: Fault): number {
  try {
    return readSync(fd, target, 0, target.length, at);
  } catch (cause) {
    throw fault('BLOCK_CORRUPT', `cannot be read: ${(cause as Error).message}`, cause);
  }
}
