/**
 * Owns: reading a byte range of a file as blocks of whole records, for every format whose records end at a newline.
 * A range owns the records that start in it: it leaves out what precedes its first newline and reads past its end to finish the last.
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { fatalError } from '../../core/errors.js';
import { allocBytes, growTo, MAX_BUFFER_BYTES } from '../../data/alloc.js';
import { corruptFile, InputFile, localPath } from './fs.js';
import type { ReadMetrics, Split } from './source.js';
import { isGzip } from './splits.js';

export const NEWLINE = 10;
export const CARRIAGE_RETURN = 13;

/** Bytes buffer[start, end) hold whole records; all end in a newline but perhaps the file's last. The receiver owns the buffer, when recycled until it asks for the next block. */
export interface Block {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Byte of the (uncompressed) file at which buffer[start] stood. */
  readonly position: number;
}

/** What reading reports to and asks; a ReadRequest is one. */
export interface ReadWatch {
  /** Two buffers take turns: the one of the block before last is free. */
  readonly recycles: boolean;
  checkCancelled(): void;
  readonly metrics: Pick<ReadMetrics, 'inputBytes'>;
}

/** For reads that nobody counts or cancels, such as inference. */
export const UNWATCHED: ReadWatch = { recycles: false, checkCancelled() {}, metrics: { inputBytes: 0 } };

/** The end of the last whole record in buffer[from, to), or -1. `known` is how far it was asked in vain before. */
export type LastRecordEnd = (buffer: Uint8Array, from: number, to: number, known: number) => number;

const lastLineEnd: LastRecordEnd = (buffer, _from, to, known) => {
  const i = buffer.subarray(known, to).lastIndexOf(NEWLINE);
  return i < 0 ? -1 : known + i + 1;
};

/** Past the end of the range only the rest of one record is wanted. */
const TAIL_BYTES = 64 * 1024;

/** Cuts bytes as they come into blocks. Ask `limit()` first (it may change `buffer`), fill `buffer` from `have` up to it, call `accept`; until `done`. */
class BlockCutter {
  buffer: Uint8Array;
  have = 0;
  done = false;
  /** Byte of the file that comes next. */
  position: number;
  private base: number;
  private from = 0;
  private known = 0;
  private skipping: boolean;
  private readonly end: number;
  private readonly blockBytes: number;
  private readonly lastEnd: LastRecordEnd;
  private readonly recycles: boolean;
  private spare: Uint8Array | null = null;

  constructor(start: number, end: number, blockBytes: number, lastEnd: LastRecordEnd, recycles: boolean) {
    this.recycles = recycles;
    this.skipping = start > 0;
    // The byte before tells whether a record starts at `start` itself.
    this.position = this.skipping ? start - 1 : 0;
    this.base = this.position;
    this.end = end;
    this.blockBytes = blockBytes;
    this.lastEnd = lastEnd;
    this.buffer = allocBytes(Math.min(blockBytes, Math.max(16, end - this.position + 1)));
  }

  limit(): number {
    const { buffer, have, position, end } = this;
    if (have === buffer.length) {
      if (have >= MAX_BUFFER_BYTES) throw fatalError('RECORD_TOO_LARGE', `The record at byte ${this.base} is longer than 2 GiB.`);
      this.buffer = growTo(buffer, Math.min(MAX_BUFFER_BYTES, Math.max(have * 2, 4096)));
    }
    const most = position < end ? have + end - position : have + Math.max(TAIL_BYTES, have);
    return Math.min(this.buffer.length, most);
  }

  /** `n` bytes were filled in; 0 says that the file has ended. */
  accept(n: number): Block | null {
    this.have += n;
    this.position += n;
    if (this.skipping && !this.skip(n === 0)) return null;
    const cut = this.cut(n === 0);
    if (cut <= this.from) {
      this.known = this.have;
      return null;
    }
    const block = { buffer: this.buffer, start: this.from, end: cut, position: this.base + this.from };
    if (!this.done) this.carry(cut);
    return block;
  }

  /** Leaves out the record that began before the range; false until its end is found. */
  private skip(ended: boolean): boolean {
    const i = this.buffer.subarray(0, this.have).indexOf(NEWLINE);
    if (i < 0 || this.base + i + 1 >= this.end) {
      this.done = ended || i >= 0 || this.position >= this.end;
      this.base += this.have;
      this.have = 0;
      return false;
    }
    this.from = i + 1;
    this.known = i + 1;
    this.skipping = false;
    return true;
  }

  private cut(ended: boolean): number {
    if (ended) {
      this.done = true;
      return this.have;
    }
    if (this.position < this.end) return this.lastEnd(this.buffer, this.from, this.have, this.known);
    const search = Math.max(this.known, this.end - 1 - this.base);
    const i = this.buffer.subarray(search, this.have).indexOf(NEWLINE);
    this.done = i >= 0;
    return i < 0 ? -1 : search + i + 1;
  }

  private carry(cut: number): void {
    const rest = this.have - cut;
    const bytes = Math.max(rest * 2, Math.min(this.blockBytes, rest + Math.max(TAIL_BYTES, this.end - this.position)));
    const next = this.spare !== null && this.spare.length >= bytes ? this.spare : allocBytes(bytes);
    this.spare = this.recycles ? this.buffer : null;
    next.set(this.buffer.subarray(cut, this.have));
    this.buffer = next;
    this.base += cut;
    this.have = rest;
    this.from = 0;
    this.known = rest;
  }
}

export type Blocks = Iterable<Block> | AsyncIterable<Block>;

/**
 * Blocks of about `blockBytes` of the split's records. `lastEnd` is given where a newline does not always end a record; such a split is a
 * whole file. Gzip files are unpacked as a stream. Counts input bytes and asks for cancellation once a block.
 */
export function readBlocks(split: Split, watch: ReadWatch, blockBytes: number, lastEnd?: LastRecordEnd): Blocks {
  return isGzip(split.uri) ? gzipBlocks(split, watch, blockBytes, lastEnd) : fileBlocks(split, watch, blockBytes, lastEnd);
}

function* fileBlocks(split: Split, watch: ReadWatch, blockBytes: number, lastEnd?: LastRecordEnd): Generator<Block> {
  const file = new InputFile(split.uri);
  try {
    // With a rule of its own for ends, the end of the range is the end of the file, which shows itself.
    const end = lastEnd === undefined ? split.end : Number.POSITIVE_INFINITY;
    const cutter = new BlockCutter(split.start, end, blockBytes, lastEnd ?? lastLineEnd, watch.recycles);
    while (!cutter.done) {
      watch.checkCancelled();
      const limit = cutter.limit();
      const n = file.read(cutter.buffer, cutter.have, limit, cutter.position);
      watch.metrics.inputBytes += n;
      const block = cutter.accept(n);
      if (block !== null) yield block;
    }
  } finally {
    file.close();
  }
}

async function* gzipBlocks(split: Split, watch: ReadWatch, blockBytes: number, lastEnd?: LastRecordEnd): AsyncGenerator<Block> {
  new InputFile(split.uri).close();
  const packed = createReadStream(localPath(split.uri), { highWaterMark: 256 * 1024 });
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  packed.on('data', (data) => {
    watch.metrics.inputBytes += data.length;
  });
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    const cutter = new BlockCutter(0, Number.POSITIVE_INFINITY, blockBytes, lastEnd ?? lastLineEnd, watch.recycles);
    for await (const chunk of unpacked(gunzip, split.uri)) {
      watch.checkCancelled();
      for (let at = 0; at < chunk.length; ) {
        const limit = cutter.limit();
        const n = Math.min(limit - cutter.have, chunk.length - at);
        cutter.buffer.set(chunk.subarray(at, at + n), cutter.have);
        at += n;
        const block = cutter.accept(n);
        if (block !== null) yield block;
      }
    }
    checkRest(split.uri, gunzip.bytesWritten);
    const last = cutter.accept(0);
    if (last !== null) yield last;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

/** A member that does not begin as one ends the stream without an error: zeros may fill a file up, nothing else may follow. */
function checkRest(uri: string, read: number): void {
  const file = new InputFile(uri);
  try {
    const buffer = allocBytes(Math.min(64 * 1024, Math.max(0, file.bytes - read)));
    for (let at = read; at < file.bytes; ) {
      const n = file.read(buffer, 0, buffer.length, at);
      if (n === 0) return;
      if (buffer.subarray(0, n).some((byte) => byte !== 0)) throw corruptFile(uri, `what follows byte ${read} is not compressed by gzip`);
      at += n;
    }
  } finally {
    file.close();
  }
}

async function* unpacked(gunzip: AsyncIterable<Buffer>, uri: string): AsyncGenerator<Buffer> {
  try {
    yield* gunzip;
  } catch (error) {
    throw corruptFile(uri, error instanceof Error ? error.message : String(error), error);
  }
}

/** What `convert` makes of every block, in order: asynchronous only where the blocks are. */
export function mapBlocks<T>(blocks: Blocks, convert: (block: Block) => Iterable<T>): Iterable<T> | AsyncIterable<T> {
  return Symbol.iterator in blocks ? mapEach(blocks, convert) : mapEachAsync(blocks, convert);
}

function* mapEach<T>(blocks: Iterable<Block>, convert: (block: Block) => Iterable<T>): Generator<T> {
  for (const block of blocks) yield* convert(block);
}

async function* mapEachAsync<T>(blocks: AsyncIterable<Block>, convert: (block: Block) => Iterable<T>): AsyncGenerator<T> {
  for await (const block of blocks) yield* convert(block);
}

/** The place after a byte order mark at `start`, or `start`. */
export function afterByteOrderMark(data: Uint8Array, start: number, end: number): number {
  return end - start >= 3 && data[start] === 0xef && data[start + 1] === 0xbb && data[start + 2] === 0xbf ? start + 3 : start;
}
