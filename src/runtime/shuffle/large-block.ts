/**
 * Owns: blocks that are too large to be held whole: checked against their checksum piece by piece in a file of this host, then
 * decoded a record batch at a time. The file stays open in between, so that what is decoded is what was checked.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { isOutOfDescriptors, tooManyOpenFiles } from '../../core/disk-errors.js';
import { retryableError } from '../../core/errors.js';
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

/** The batches of a block. Throws BLOCK_NOT_FOUND, BLOCK_CORRUPT, CORRUPT_BLOCK and TOO_MANY_OPEN_FILES; nothing is given before the checksum held. */
export function* readLargeBlock({ path, offset, length, crc }: BlockRange): Generator<Batch> {
  const fd = openForReading(path);
  try {
    const read = (from: number, to: number, target: Uint8Array = new Uint8Array(to - from)): Uint8Array => {
      for (let done = 0; done < to - from; ) {
        const count = readSync(fd, target, done, to - from - done, offset + from + done);
        if (count === 0) throw retryableError('BLOCK_CORRUPT', `${path} is shorter than its index says.`);
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
    if (sum !== crc) throw retryableError('BLOCK_CORRUPT', `A block of ${path} does not match its checksum.`);
    yield* decodePieces(length, read);
  } finally {
    closeSync(fd);
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if (isOutOfDescriptors(cause)) throw tooManyOpenFiles(`${path} cannot be read`, cause);
    throw retryableError('BLOCK_NOT_FOUND', `A shuffle block cannot be read: ${(cause as Error).message}.`, { cause });
  }
}
