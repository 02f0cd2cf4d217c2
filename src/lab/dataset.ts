/**
 * Owns: made-up data sets: which kinds there are, and writing one as a directory of files. Bytes depend on (kind, size, seed, skew) alone;
 * the number of files only tells where they are cut, between blocks of 1 MiB that end at a line's end.
 */
import { existsSync, readdirSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MinisparkError, userError } from '../core/errors.js';
import { makeDirectories } from '../core/make-directories.js';
import { eventGenerator } from './generate-events.js';
import { SKEWED_HEADER, skewedGenerator } from './generate-skewed.js';
import { textGenerator } from './generate-text.js';

/** Fills the buffer with whole lines of the block of that number, and gives the bytes used. */
export type BlockGenerator = (block: number, into: Uint8Array) => number;

export type DatasetKind = 'text' | 'events' | 'skewed';

interface Kind {
  readonly extension: string;
  /** First line of each file. */
  readonly header: string;
  readonly generator: (seed: number, skew: number) => BlockGenerator;
}

const KINDS: Readonly<Record<DatasetKind, Kind>> = {
  text: { extension: 'txt', header: '', generator: textGenerator },
  events: { extension: 'jsonl', header: '', generator: eventGenerator },
  skewed: { extension: 'csv', header: SKEWED_HEADER, generator: skewedGenerator },
};

export const DATASET_KINDS = Object.keys(KINDS) as DatasetKind[];

const BLOCK_BYTES = 1 << 20;
/** A smaller last block would hold no line. */
const LEAST_BYTES = 1024;

export interface DatasetOptions {
  readonly kind: DatasetKind;
  /** Bytes wanted; what is written is at most this and short of it by less than a line for each MiB. */
  readonly size: number;
  readonly seed: number;
  readonly skew: number;
  readonly out: string;
  readonly files: number;
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
  readonly onBytes: (written: number) => void;
}

/**
 * Writes the whole data set beside `out` and then moves it there: `out` is complete or is not there. Gives bytes and files written.
 * Throws PATH_ALREADY_EXISTS for a directory with something in it unless `overwrite`, INVALID_ARGUMENT for a size too small, FILE_NOT_WRITABLE
 * for what the disk refuses.
 */
export async function writeDataset(options: DatasetOptions): Promise<{ readonly bytes: number; readonly files: number }> {
  const { out, size } = options;
  if (size < LEAST_BYTES) throw userError('INVALID_ARGUMENT', `A size of ${size} bytes is too small.`, { hint: 'The least is 1k.' });
  try {
    return await replaceDirectory(options);
  } catch (thrown) {
    // What Node's file system throws has a code; an interrupt has none, or a number.
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (thrown instanceof MinisparkError || typeof code !== 'string') throw thrown;
    throw userError('FILE_NOT_WRITABLE', `${out} cannot be written: ${message}.`, { hint: 'Give another --out.', cause: thrown });
  }
}

async function replaceDirectory(options: DatasetOptions): Promise<{ readonly bytes: number; readonly files: number }> {
  const { out, overwrite } = options;
  if (!overwrite && existsSync(out) && readdirSync(out).length > 0) {
    throw userError('PATH_ALREADY_EXISTS', `${out} exists and is not empty.`, { hint: '--overwrite replaces it.' });
  }
  const scratch = join(dirname(out), `.${basename(out)}-${process.pid}`);
  makeDirectories(scratch);
  try {
    const written = await writeFiles(options, scratch);
    await rm(out, { recursive: true, force: true });
    await rename(scratch, out);
    return written;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function writeFiles(options: DatasetOptions, directory: string): Promise<{ bytes: number; files: number }> {
  const { kind, size, seed, skew, signal, onBytes } = options;
  const { extension, header, generator } = KINDS[kind];
  const blocks = Math.ceil(size / BLOCK_BYTES);
  const files = Math.min(options.files, blocks);
  const generate = generator(seed, skew);
  const buffer = new Uint8Array(BLOCK_BYTES);
  let bytes = 0;
  for (let file = 0; file < files; file++) {
    const handle = await open(join(directory, `part-${String(file).padStart(5, '0')}.${extension}`), 'wx');
    try {
      bytes += await writeAll(handle, Buffer.from(header));
      for (let block = firstBlock(file, files, blocks); block < firstBlock(file + 1, files, blocks); block++) {
        signal.throwIfAborted();
        const room = Math.min(BLOCK_BYTES, size - block * BLOCK_BYTES);
        bytes += await writeAll(handle, buffer.subarray(0, generate(block, buffer.subarray(0, room))));
        onBytes(bytes);
      }
    } finally {
      await handle.close();
    }
  }
  return { bytes, files };
}

function firstBlock(file: number, files: number, blocks: number): number {
  return Math.floor((file * blocks) / files);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<number> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
  return bytes.length;
}
