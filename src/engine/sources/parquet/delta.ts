/**
 * Owns: the three delta encodings (parquet-format, Encodings.md): integers as differences in bit-packed miniblocks, byte strings by their lengths,
 * and by what they share with the one before. Everything is checked against the bytes that are there; what is wrong is an Error that says so.
 */
import { allocBytes, allocInt32 } from '../../../data/alloc.js';

/** The bytes of a page, read front to back. */
export interface Bytes {
  readonly data: Uint8Array;
  at: number;
}

export interface ByteStrings {
  /** One more than there are strings. */
  readonly offsets: Int32Array;
  readonly data: Uint8Array;
}

/** Fills `out` and moves `from` behind the integers. */
export function readDeltaIntegers(from: Bytes, out: Int32Array | BigInt64Array): void {
  // A page of nulls alone may have nothing at all.
  if (out.length === 0) return;
  const [blockSize, miniblocks, count] = [varint(from), varint(from), varint(from)];
  const perMiniblock = blockSize / miniblocks;
  if (!(miniblocks > 0 && perMiniblock > 0 && perMiniblock % 8 === 0))
    throw new Error(`a block of ${blockSize} integers in ${miniblocks} parts`);
  if (count !== out.length) throw new Error(`${count} integers where ${out.length} should be`);
  const first = zigzag(from);
  if (out instanceof Int32Array) new Narrow(out, first).blocks(from, miniblocks, perMiniblock);
  else new Wide(out, first).blocks(from, miniblocks, perMiniblock);
}

export function readDeltaLengths(from: Bytes, count: number): ByteStrings {
  const lengths = new Int32Array(count);
  readDeltaIntegers(from, lengths);
  const offsets = offsetsOf(lengths);
  const size = offsets[count];
  if (from.at + size > from.data.length) throw new Error('byte strings are cut short');
  const data = from.data.subarray(from.at, from.at + size);
  from.at += size;
  return { offsets, data };
}

/** Each string begins as the one before does, for as many bytes as its prefix says. */
export function readDeltaStrings(from: Bytes, count: number): ByteStrings {
  const prefixes = new Int32Array(count);
  readDeltaIntegers(from, prefixes);
  const rest = readDeltaLengths(from, count);
  const lengths = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    if (prefixes[i] < 0 || prefixes[i] > (i === 0 ? 0 : lengths[i - 1]))
      throw new Error(`a byte string shares ${prefixes[i]} bytes with a shorter one`);
    lengths[i] = prefixes[i] + rest.offsets[i + 1] - rest.offsets[i];
  }
  const offsets = offsetsOf(lengths);
  const data = allocBytes(offsets[count]);
  for (let i = 0; i < count; i++) {
    if (prefixes[i] > 0) data.copyWithin(offsets[i], offsets[i - 1], offsets[i - 1] + prefixes[i]);
    data.set(rest.data.subarray(rest.offsets[i], rest.offsets[i + 1]), offsets[i] + prefixes[i]);
  }
  return { offsets, data };
}

function offsetsOf(lengths: Int32Array): Int32Array {
  const offsets = allocInt32(lengths.length + 1);
  let end = 0;
  for (let i = 0; i < lengths.length; i++) {
    end += lengths[i];
    if (lengths[i] < 0 || end > 0x7fffffff) throw new Error(`a byte string of ${lengths[i]} bytes`);
    offsets[i + 1] = end;
  }
  return offsets;
}

/** Integers of one width; each is the one before, the block's least difference and what its own bits say. */
abstract class Integers {
  private done = 1;
  private readonly count: number;
  private readonly bits: number;

  constructor(count: number, bits: number) {
    this.count = count;
    this.bits = bits;
  }

  protected abstract begin(leastDifference: bigint): void;
  protected abstract same(from: number, to: number): void;
  protected abstract packed(data: Uint8Array, at: number, width: number, from: number, to: number): void;

  blocks(from: Bytes, miniblocks: number, perMiniblock: number): void {
    while (this.done < this.count) {
      this.begin(zigzag(from));
      const widths = from.data.subarray(from.at, from.at + miniblocks);
      from.at += miniblocks;
      for (let i = 0; i < miniblocks && this.done < this.count; i++) this.miniblock(from, widths[i], perMiniblock);
      if (from.at > from.data.length) throw new Error('a block of integers is cut short');
    }
  }

  private miniblock(from: Bytes, width: number | undefined, size: number): void {
    if (width === undefined || width > this.bits) throw new Error(`differences of ${width ?? 'no'} bits`);
    const to = Math.min(this.count, this.done + size);
    if (width === 0) this.same(this.done, to);
    else {
      // The last of all may lack what nobody reads.
      if (from.at + Math.ceil(((to - this.done) * width) / 8) > from.data.length) throw new Error('a block of integers is cut short');
      this.packed(from.data, from.at, width, this.done, to);
      from.at = to === this.count ? Math.min(from.data.length, from.at + (size * width) / 8) : from.at + (size * width) / 8;
    }
    this.done = to;
  }
}

class Narrow extends Integers {
  private readonly out: Int32Array;
  private least = 0;

  constructor(out: Int32Array, first: bigint) {
    super(out.length, 32);
    this.out = out;
    out[0] = Number(BigInt.asIntN(32, first));
  }

  // Arithmetic is modulo 2^32, differences too.
  protected begin(least: bigint): void {
    this.least = Number(BigInt.asIntN(32, least));
  }

  protected same(from: number, to: number): void {
    const { out, least } = this;
    for (let i = from; i < to; i++) out[i] = out[i - 1] + least;
  }

  protected packed(data: Uint8Array, at: number, width: number, from: number, to: number): void {
    const { out, least } = this;
    for (let i = from, bit = 0; i < to; i++, bit += width) out[i] = (out[i - 1] + least + bitsAt(data, at, bit, width)) | 0;
  }
}

class Wide extends Integers {
  private readonly out: BigInt64Array;
  private least = 0n;

  constructor(out: BigInt64Array, first: bigint) {
    super(out.length, 64);
    this.out = out;
    out[0] = first;
  }

  // An element of the array keeps the low 64 bits.
  protected begin(least: bigint): void {
    this.least = least;
  }

  protected same(from: number, to: number): void {
    const { out, least } = this;
    for (let i = from; i < to; i++) out[i] = out[i - 1] + least;
  }

  protected packed(data: Uint8Array, at: number, width: number, from: number, to: number): void {
    const { out, least } = this;
    const low = Math.min(32, width);
    for (let i = from, bit = 0; i < to; i++, bit += width) {
      const more = BigInt(bitsAt(data, at, bit, low) >>> 0);
      const high = width > 32 ? BigInt(bitsAt(data, at, bit + 32, width - 32) >>> 0) << 32n : 0n;
      out[i] = out[i - 1] + least + more + high;
    }
  }
}

/** `width` bits, up to 32, from the given bit after data[at] on, the lowest first; those behind the end are zeros. */
function bitsAt(data: Uint8Array, at: number, bit: number, width: number): number {
  const byte = at + Math.floor(bit / 8);
  const shift = bit % 8;
  const four = (data[byte] | (data[byte + 1] << 8) | (data[byte + 2] << 16) | (data[byte + 3] << 24)) >>> shift;
  const all = shift + width > 32 ? four | (data[byte + 4] << (32 - shift)) : four;
  return width === 32 ? all : all & (2 ** width - 1);
}

function varint(from: Bytes): number {
  const value = bigVarint(from);
  if (value > 0x7fffffffn) throw new Error(`a count of ${value}`);
  return Number(value);
}

const zigzag = (from: Bytes): bigint => {
  const value = bigVarint(from);
  return (value >> 1n) ^ -(value & 1n);
};

function bigVarint(from: Bytes): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (from.at >= from.data.length) break;
    const byte = from.data[from.at++];
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw new Error('an integer is cut short');
}
