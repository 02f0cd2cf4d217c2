/** Owns: the hybrid of run-length and bit-packed integers that levels, dictionary indices and booleans are in (parquet-format, Encodings.md). */

/**
 * Reads `count` integers of `width` bits from data[at, end) into out[0, count). Throws an Error where the bytes do not hold them.
 * Width 0 reads nothing and leaves zeros.
 */
export function readHybrid(data: Uint8Array, start: number, end: number, width: number, out: Int32Array | Uint8Array, count: number): void {
  if (width === 0) return;
  if (width > 32) throw new Error(`integers of ${width} bits`);
  let at = start;
  for (let done = 0; done < count; ) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new Error('a run of integers is cut short');
      const byte = data[at++];
      header |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    const length = header >>> 1;
    if (length === 0) throw new Error('an empty run of integers');
    if (header & 1) {
      const n = Math.min(length * 8, count - done);
      if (at + ((n * width + 7) >> 3) > end) throw new Error('a run of packed integers is cut short');
      unpack(data, at, width, out, done, n);
      at += length * width;
      done += n;
    } else {
      const n = Math.min(length, count - done);
      const bytes = (width + 7) >> 3;
      if (at + bytes > end) throw new Error('a run of equal integers is cut short');
      let value = 0;
      for (let i = 0; i < bytes; i++) value |= data[at++] << (8 * i);
      out.fill(value, done, done + n);
      done += n;
    }
  }
}

function unpack(data: Uint8Array, start: number, width: number, out: Int32Array | Uint8Array, from: number, n: number): void {
  const to = from + n;
  if (width === 8) {
    for (let i = from, at = start; i < to; i++, at++) out[i] = data[at];
  } else if (width === 1) {
    for (let i = from, bit = 0; i < to; i++, bit++) out[i] = (data[start + (bit >> 3)] >> (bit & 7)) & 1;
  } else if (width <= 24) {
    const mask = (1 << width) - 1;
    let at = start;
    let bits = 0;
    let buffered = 0;
    for (let i = from; i < to; i++) {
      while (bits < width) {
        buffered |= data[at++] << bits;
        bits += 8;
      }
      out[i] = buffered & mask;
      buffered >>>= width;
      bits -= width;
    }
  } else {
    // Past 24 bits a value can touch five bytes: too many for 32-bit arithmetic.
    const size = 2 ** width;
    for (let i = from, bit = 0; i < to; i++, bit += width) {
      let value = 0;
      for (let k = 4; k >= 0; k--) value = value * 256 + (data[start + (bit >>> 3) + k] ?? 0);
      out[i] = (Math.floor(value / 2 ** (bit & 7)) % size) | 0;
    }
  }
}

/** Bits that hold every integer from 0 to `most`. */
export const bitsFor = (most: number): number => 32 - Math.clz32(most);
