/**
 * Owns: gathering the bytes of a text-like file into large writes, gzipped where asked. A gzip file has one member a flush, which every
 * reader of gzip accepts, and needs no stream.
 */
import { gzipSync } from 'node:zlib';
import { allocBytes } from '../../data/alloc.js';
import { encodeUtf8 } from '../../data/utf8.js';
import { OutputFile } from './fs.js';

const FLUSH_BYTES = 1 << 20;

export class OutputBuffer {
  private readonly file: OutputFile;
  private readonly gzip: boolean;
  private data = allocBytes(FLUSH_BYTES + (1 << 16));
  private length = 0;

  constructor(path: string, gzip: boolean) {
    this.file = new OutputFile(path);
    this.gzip = gzip;
  }

  byte(value: number): void {
    if (this.length === this.data.length) this.makeRoom(1);
    this.data[this.length++] = value;
  }

  slice(data: Uint8Array, start: number, end: number): void {
    const n = end - start;
    if (this.length + n > this.data.length) this.makeRoom(n);
    const target = this.data;
    let to = this.length;
    if (n > 40) target.set(data.subarray(start, end), to);
    else for (let i = start; i < end; i++) target[to++] = data[i];
    this.length += n;
  }

  text(value: string): void {
    if (this.length + value.length * 3 > this.data.length) this.makeRoom(value.length * 3);
    this.length = encodeUtf8(value, this.data, this.length);
  }

  /** Writes out what came since the last call once it is enough; call it between records. */
  flushIfFull(): void {
    if (this.length >= FLUSH_BYTES) this.flush();
  }

  finish(): void {
    // Even an empty gzip file needs its one member.
    if (this.length > 0 || (this.gzip && this.file.bytes === 0)) this.flush();
    this.file.close();
  }

  close(): void {
    this.file.close();
  }

  private flush(): void {
    const bytes = this.data.subarray(0, this.length);
    this.file.write(this.gzip ? gzipSync(bytes) : bytes);
    this.length = 0;
  }

  private makeRoom(n: number): void {
    this.flush();
    if (n > this.data.length) this.data = allocBytes(n);
  }
}
