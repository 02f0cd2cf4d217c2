/** Owns: the hybrid of run-length and bit-packed integers that levels, dictionary indices and booleans are in (parquet-format, Encodings.md). */

/**
 * Reads `count` integers of `width` bits from data[start, end) into out[0, count). Throws an Error where the bytes do not hold them.
 * Width 0 reads nothing and leaves zeros.
 */
export function readHybrid(data: Uint8Array, start: number, end: number, width: number, out: Int32Array | Uint8Array, count: number): void {
  if (width > 0) new HybridReader(data, start, end, width).read(out, 0, count);
}

/** The integers of one page, as many at a time as are asked for. */
export class HybridReader {
  private readonly data: Uint8Array;
  private readonly end: number;
  private readonly width: number;
  private readonly unpack: Unpack | null;
  private at: number;
  /** Integers left of the run that was begun. */
  private left = 0;
  private packed = false;
  /** Of a run of equal integers. */
  private value = 0;
  /** Of a run of packed integers: the place of the next one. */
  private bit = 0;

  constructor(data: Uint8Array, start: number, end: number, width: number) {
    if (width > 32) throw new Error(`integers of ${width} bits`);
    this.data = data;
    this.at = start;
    this.end = end;
    this.width = width;
    this.unpack = width > 0 && width <= 24 ? unpackerOf(width) : null;
  }

  /** The next `count` integers into out[from, from + count). */
  read(out: Int32Array | Uint8Array, from: number, count: number): void {
    if (this.width === 0) {
      out.fill(0, from, from + count);
      return;
    }
    for (let done = 0; done < count; ) {
      if (this.left === 0) this.nextRun();
      const n = Math.min(this.left, count - done);
      if (this.packed) this.readPacked(out, from + done, n);
      else out.fill(this.value, from + done, from + done + n);
      this.left -= n;
      done += n;
    }
  }

  /** Passes over the next `count` integers. */
  skip(count: number): void {
    if (this.width === 0) return;
    for (let missing = count; missing > 0; ) {
      if (this.left === 0) this.nextRun();
      const n = Math.min(this.left, missing);
      this.pass(n);
      missing -= n;
    }
  }

  /**
   * Of the integers to come, numbered from `base` on, those with the numbers rows[from, to), which ascend, into out[at, at + to - from).
   * The reader then stands behind the last of them.
   */
  pick(rows: Int32Array, from: number, to: number, base: number, out: Int32Array, at: number): void {
    if (this.width === 0) {
      out.fill(0, at, at + to - from);
      return;
    }
    const shift = at - from;
    for (let k = from, passed = base; k < to; ) {
      if (this.left === 0) this.nextRun();
      const end = passed + this.left;
      const begin = k;
      if (this.packed) k = this.pickPacked(rows, k, to, passed, end, out, shift);
      else for (; k < to && rows[k] < end; k++) out[shift + k] = this.value;
      const n = k > begin && k === to ? rows[k - 1] + 1 - passed : end - passed;
      this.pass(n);
      passed += n;
    }
  }

  /** From the run that has the numbers [passed, end); gives where `rows` passes its end. */
  private pickPacked(rows: Int32Array, from: number, to: number, passed: number, end: number, out: Int32Array, shift: number): number {
    const { data, width } = this;
    const byte = byteOf(this.bit);
    const first = this.bit & 7;
    const mask = 2 ** width - 1;
    // Four bytes hold an integer that begins anywhere in the first of them, and they must be there.
    const isNarrow = width <= 24 && (end - passed) * width < 2 ** 31;
    const most = isNarrow ? data.length - 4 : -1;
    let k = from;
    for (; k < to && rows[k] < end; k++) {
      const bit = first + (rows[k] - passed) * width;
      const start = byte + (bit >>> 3);
      out[shift + k] =
        start <= most
          ? ((data[start] | (data[start + 1] << 8) | (data[start + 2] << 16) | (data[start + 3] << 24)) >>> (bit & 7)) & mask
          : packedAt(data, this.bit + (rows[k] - passed) * width, width);
    }
    if (k > from && this.bit + (rows[k - 1] + 1 - passed) * width > this.end * 8) throw new Error('a run of packed integers is cut short');
    return k;
  }

  /** No further than the run goes. */
  private pass(count: number): void {
    if (this.packed) this.bit += count * this.width;
    this.left -= count;
  }

  private nextRun(): void {
    const { data, end, width } = this;
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.at >= end || shift > 28) throw new Error('a run of integers is cut short');
      const byte = data[this.at++];
      header |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    const length = header >>> 1;
    if (length === 0) throw new Error('an empty run of integers');
    this.packed = (header & 1) === 1;
    if (this.packed) {
      this.left = length * 8;
      this.bit = this.at * 8;
      this.at += length * width;
    } else {
      const bytes = (width + 7) >> 3;
      if (this.at + bytes > end) throw new Error('a run of equal integers is cut short');
      this.left = length;
      this.value = 0;
      for (let i = 0; i < bytes; i++) this.value |= data[this.at++] << (8 * i);
    }
  }

  private readPacked(out: Int32Array | Uint8Array, from: number, n: number): void {
    const { data, width, unpack } = this;
    // The last of a page may lack what nobody reads.
    if (this.bit + n * width > this.end * 8) throw new Error('a run of packed integers is cut short');
    let done = 0;
    if (unpack !== null && (this.bit & 7) === 0) {
      const groups = n >> 3;
      unpack(data, byteOf(this.bit), out, from, groups);
      done = groups * 8;
    }
    for (; done < n; done++) {
      // Up to the next whole group one by one.
      const bit = this.bit + done * width;
      out[from + done] = packedAt(data, bit, width);
      if (unpack !== null && ((bit + width) & 7) === 0 && n - done > 8) {
        this.bit = bit + width;
        this.readPacked(out, from + done + 1, n - done - 1);
        return;
      }
    }
    this.bit += n * width;
  }
}

/** Bits of a page may be more than 32 bits count. */
const byteOf = (bit: number): number => (bit - (bit & 7)) / 8;

function packedAt(data: Uint8Array, bit: number, width: number): number {
  // A value of up to 32 bits can touch five bytes: too many for 32-bit arithmetic.
  let value = 0;
  for (let k = 4; k >= 0; k--) value = value * 256 + (data[byteOf(bit) + k] ?? 0);
  return (Math.floor(value / 2 ** (bit & 7)) % 2 ** width) | 0;
}

/** Eight integers from each `width` bytes, `groups` times. */
type Unpack = (data: Uint8Array, at: number, out: Int32Array | Uint8Array, from: number, groups: number) => void;

const unpackers: Unpack[] = [];

/** Written out for each width up to 24: each byte is read once and each integer is a few shifts. */
function unpackerOf(width: number): Unpack {
  unpackers[width] ??= new Function('data', 'at', 'out', 'from', 'groups', unpackSource(width)) as Unpack;
  return unpackers[width];
}

function unpackSource(width: number): string {
  const lines = Array.from({ length: width }, (_, k) => `const b${k} = data[at + ${k}];`);
  for (let i = 0; i < 8; i++) {
    const first = (i * width) >> 3;
    const last = (i * width + width - 1) >> 3;
    const parts = [`b${first} >>> ${(i * width) & 7}`];
    for (let k = first + 1; k <= last; k++) parts.push(`b${k} << ${8 * (k - first) - ((i * width) & 7)}`);
    lines.push(`out[from + ${i}] = (${parts.join(' | ')}) & ${2 ** width - 1};`);
  }
  return `for (let g = 0; g < groups; g++, at += ${width}, from += 8) {\n${lines.join('\n')}\n}`;
}

/** Whether it is one run of `count` times `value`, of up to 8 bits: as the levels of a page without nulls are. */
export function isOneRun(data: Uint8Array, start: number, end: number, value: number, count: number): boolean {
  let header = 0;
  let at = start;
  for (let shift = 0; at < end && shift <= 28; shift += 7) {
    const byte = data[at++];
    header |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  return (header & 1) === 0 && header >>> 1 >= count && at < end && data[at] === value;
}

/** Bits that hold every integer from 0 to `most`. */
export const bitsFor = (most: number): number => 32 - Math.clz32(most);
