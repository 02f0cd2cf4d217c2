/** Owns: writing the hybrid of run-length and bit-packed integers (parquet-format, Encodings.md): runs of eight and more, else packed groups. */
import { growTo } from '../../../data/alloc.js';

const SHORTEST_RUN = 8;

/** values[from, to) as integers of `width` bits. */
export function writeHybrid(values: Int32Array | Uint8Array, from: number, to: number, width: number): Uint8Array {
  const out = new Packer(((to - from) * width) / 8 + 64);
  let at = from;
  while (at < to) {
    const run = runLength(values, at, to);
    if (run >= SHORTEST_RUN) {
      out.varint(run * 2);
      out.littleEndian(values[at], (width + 7) >> 3);
      at += run;
      continue;
    }
    let end = at;
    // A packed group may be filled up with zeros at the very end only.
    do end += 8;
    while (end < to && runLength(values, end, to) < SHORTEST_RUN);
    out.varint(((end - at) >> 3) * 2 + 1);
    out.pack(values, at, Math.min(end, to), end, width);
    at = end;
  }
  return out.bytes();
}

function runLength(values: Int32Array | Uint8Array, from: number, to: number): number {
  const value = values[from];
  let at = from + 1;
  while (at < to && values[at] === value) at++;
  return at - from;
}

class Packer {
  private data: Uint8Array;
  private length = 0;

  constructor(capacity: number) {
    this.data = new Uint8Array(Math.ceil(capacity));
  }

  bytes(): Uint8Array {
    return this.data.subarray(0, this.length);
  }

  varint(value: number): void {
    this.room(8);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.data[this.length++] = (rest % 128) | 128;
    this.data[this.length++] = rest;
  }

  littleEndian(value: number, bytes: number): void {
    this.room(bytes);
    for (let i = 0; i < bytes; i++) this.data[this.length++] = value >>> (8 * i);
  }

  /** values[from, to), then zeros up to index `end`, which is a whole number of groups from `from`. Width is 24 at most. */
  pack(values: Int32Array | Uint8Array, from: number, to: number, end: number, width: number): void {
    this.room(((end - from) * width) / 8 + 4);
    const { data } = this;
    let at = this.length;
    let buffered = 0;
    let bits = 0;
    for (let i = from; i < end; i++) {
      buffered |= (i < to ? values[i] : 0) << bits;
      bits += width;
      while (bits >= 8) {
        data[at++] = buffered;
        buffered >>>= 8;
        bits -= 8;
      }
    }
    this.length = at;
  }

  private room(bytes: number): void {
    if (this.length + bytes > this.data.length) this.data = growTo(this.data, Math.ceil((this.length + bytes) * 1.5));
  }
}
