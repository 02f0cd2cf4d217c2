/** Owns: Snappy's raw format, both ways (google/snappy, format_description.txt): what nearly all Parquet pages are compressed with. */

/** Throws an Error where the input is not Snappy or does not give `size` bytes. */
export function snappyDecompress(input: Uint8Array, size: number): Uint8Array {
  let at = 0;
  let announced = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= input.length || shift > 28) throw new Error('the Snappy header is cut short');
    const byte = input[at++];
    announced += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  if (announced !== size) throw new Error(`Snappy announces ${announced} bytes and the page ${size}`);
  const out = new Uint8Array(size);
  const end = input.length;
  let to = 0;
  while (at < end) {
    const tag = input[at++];
    let length: number;
    let offset: number;
    if ((tag & 3) === 0) {
      length = (tag >> 2) + 1;
      if (length > 60) {
        const bytes = length - 60;
        length = 1;
        for (let i = 0; i < bytes; i++) length += input[at++] * 2 ** (8 * i);
      }
      if (at + length > end || to + length > size) throw new Error('a Snappy literal is too long');
      if (length > 32) {
        out.set(input.subarray(at, at + length), to);
        at += length;
        to += length;
      } else {
        for (const stop = to + length; to < stop; ) out[to++] = input[at++];
      }
      continue;
    }
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | input[at++];
    } else {
      length = (tag >> 2) + 1;
      offset = input[at] | (input[at + 1] << 8);
      if ((tag & 3) === 3) offset += (input[at + 2] | (input[at + 3] << 8)) * 65536;
      at += (tag & 3) === 3 ? 4 : 2;
    }
    if (!(offset > 0 && offset <= to) || to + length > size) throw new Error('a Snappy copy reaches outside');
    if (offset >= length && length > 32) {
      out.copyWithin(to, to - offset, to - offset + length);
      to += length;
    } else {
      // An overlapping copy repeats what it has just written: byte by byte, in order.
      for (const stop = to + length; to < stop; to++) out[to] = out[to - offset];
    }
  }
  if (to !== size) throw new Error(`Snappy gives ${to} bytes of ${size}`);
  return out;
}

/** The format compresses blocks of 64 KiB apart, so that offsets fit two bytes. */
const BLOCK = 65536;
const HASH_BITS = 14;
const table = new Uint16Array(1 << HASH_BITS);

/** Compressed bytes; never more than 32 + input × 7/6. */
export function snappyCompress(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(32 + input.length + Math.ceil(input.length / 6));
  let to = 0;
  let rest = input.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) out[to++] = (rest % 128) | 128;
  out[to++] = rest;
  for (let start = 0; start < input.length; start += BLOCK)
    to = compressBlock(input, start, Math.min(input.length, start + BLOCK), out, to);
  return out.subarray(0, to);
}

function compressBlock(input: Uint8Array, start: number, end: number, out: Uint8Array, outStart: number): number {
  let to = outStart;
  let literal = start;
  // The last bytes go out as a literal, so that four can always be looked at.
  const last = end - 15;
  if (last > start) {
    table.fill(0);
    let misses = 32;
    let at = start + 1;
    while (at < last) {
      const word = input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24);
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
      const candidate = start + table[slot];
      table[slot] = at - start;
      const hit = (input[candidate] | (input[candidate + 1] << 8) | (input[candidate + 2] << 16) | (input[candidate + 3] << 24)) === word;
      if (!hit || candidate >= at) {
        // What does not compress is passed over ever faster.
        at += misses++ >> 5;
        continue;
      }
      to = putLiteral(input, literal, at, out, to);
      let matched = at + 4;
      for (let from = candidate + 4; matched < end && input[matched] === input[from]; from++) matched++;
      to = putCopy(at - candidate, matched - at, out, to);
      at = matched;
      literal = at;
      misses = 32;
    }
  }
  return putLiteral(input, literal, end, out, to);
}

function putLiteral(input: Uint8Array, from: number, end: number, out: Uint8Array, outStart: number): number {
  const n = end - from - 1;
  let to = outStart;
  if (n < 0) return to;
  if (n < 60) {
    out[to++] = n << 2;
  } else if (n < 256) {
    out[to++] = 60 << 2;
    out[to++] = n;
  } else {
    out[to++] = 61 << 2;
    out[to++] = n & 255;
    out[to++] = n >> 8;
  }
  if (n > 40) out.set(input.subarray(from, end), to);
  else for (let i = 0; i <= n; i++) out[to + i] = input[from + i];
  return to + n + 1;
}

function putCopy(offset: number, length: number, out: Uint8Array, outStart: number): number {
  let to = outStart;
  for (let rest = length; rest > 0; ) {
    // A copy of less than four bytes has no short form: 60 leaves at least four of 64 to 67.
    const n = rest > 64 ? (rest < 68 ? 60 : 64) : rest;
    if (n >= 4 && n < 12 && offset < 2048) {
      out[to++] = 1 | ((n - 4) << 2) | ((offset >> 8) << 5);
      out[to++] = offset & 255;
    } else {
      out[to++] = 2 | ((n - 1) << 2);
      out[to++] = offset & 255;
      out[to++] = offset >> 8;
    }
    rest -= n;
  }
  return to;
}
