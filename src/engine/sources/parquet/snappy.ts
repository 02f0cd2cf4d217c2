/** Owns: Snappy, which nearly all Parquet pages are compressed with: hysnappy's small WebAssembly modules, made at first use and guarded against bad input. */
import { snappyCompressor, snappyUncompressor } from 'hysnappy';

let compressor: ReturnType<typeof snappyCompressor> | null = null;
let decompressor: ReturnType<typeof snappyUncompressor> | null = null;

export function snappyCompress(input: Uint8Array): Uint8Array {
  compressor ??= snappyCompressor();
  return compressor(input);
}

/** Throws an Error where the input is not Snappy or does not give `size` bytes. */
export function snappyDecompress(input: Uint8Array, size: number): Uint8Array {
  const announced = announcedSize(input);
  // The module trusts the size that the input announces.
  if (announced !== size) throw new Error(`Snappy announces ${announced} bytes and the page ${size}`);
  if (input.length * 8 >= size * 7) return copyLiterals(input, size);
  decompressor ??= snappyUncompressor();
  try {
    return decompressor(input, size);
  } catch (error) {
    // After a trap the module's stack is not what it was.
    decompressor = null;
    throw error;
  }
}

/** The varint that Snappy's raw format begins with (google/snappy, format_description.txt). */
function announcedSize(input: Uint8Array): number {
  let size = 0;
  for (let i = 0; i < Math.min(5, input.length); i++) {
    size += (input[i] & 127) * 2 ** (7 * i);
    if (input[i] < 128) return size;
  }
  throw new Error('the Snappy header is cut short');
}

/**
 * Decodes what hardly got smaller, as packed dictionary codes do: mostly literals, whose copying the runtime does faster than the module
 * does between its memory and ours. One that is a whole page is not copied at all.
 */
function copyLiterals(input: Uint8Array, size: number): Uint8Array {
  let at = 1;
  while (input[at - 1] > 127) at++;
  let out: Uint8Array | null = null;
  let done = 0;
  while (at < input.length) {
    const tag = input[at++];
    if ((tag & 3) === 0) {
      let length = tag >> 2;
      if (length >= 60) {
        const bytes = length - 59;
        length = 0;
        for (let i = 0; i < bytes; i++) length += input[at++] * 2 ** (8 * i);
      }
      length++;
      const end = at + length;
      if (!(end <= input.length && done + length <= size)) throw new Error('a Snappy literal is cut short');
      if (length === size) return input.subarray(at, end);
      out ??= new Uint8Array(size);
      out.set(input.subarray(at, end), done);
      at = end;
      done += length;
      continue;
    }
    let length = (tag >> 2) + 1;
    let offset = input[at++];
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      offset += (tag >> 5) << 8;
    } else {
      offset += input[at++] << 8;
      if ((tag & 3) === 3) {
        offset += input[at] * 65536 + input[at + 1] * 16777216;
        at += 2;
      }
    }
    if (out === null || !(offset > 0 && offset <= done && done + length <= size)) throw new Error('a Snappy copy is out of range');
    // It may overlap what it makes: byte by byte.
    for (const end = done + length; done < end; done++) out[done] = out[done - offset];
  }
  if (out === null ? size > 0 : done !== size) throw new Error('the Snappy data is cut short');
  return out ?? new Uint8Array(0);
}
