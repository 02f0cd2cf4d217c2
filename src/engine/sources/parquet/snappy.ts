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
