/**
 * Owns: the sizes of a map output's blocks, one a reduce partition, as they travel: a million of them in a stage message is ordinary.
 * Byte 0 names the encoding: 0 = the exact numbers as LEB128 varints. (Above 2,000 partitions one log-scale byte each will do: encoding 1.)
 */
import { fatalError } from '../../core/errors.js';

const EXACT = 0;

/** Whole numbers from 0 up to 2^53 - 1. */
export function encodeSizes(sizes: readonly number[]): Uint8Array {
  let length = 1;
  for (const size of sizes) length += varintLength(size);
  const bytes = new Uint8Array(length);
  bytes[0] = EXACT;
  let at = 1;
  for (let size of sizes) {
    while (size > 0x7fffffff) {
      bytes[at++] = 0x80 | (size % 128);
      size = Math.floor(size / 128);
    }
    while (size > 0x7f) {
      bytes[at++] = 0x80 | (size & 0x7f);
      size >>>= 7;
    }
    bytes[at++] = size;
  }
  return bytes;
}

/** Throws PROTOCOL_MISMATCH for an encoding it does not know or a cut-off number. */
export function decodeSizes(bytes: Uint8Array): number[] {
  if (bytes.length === 0) return [];
  if (bytes[0] !== EXACT) throw fatalError('PROTOCOL_MISMATCH', `Block sizes came in encoding ${bytes[0]}, which is not known here.`);
  const sizes: number[] = [];
  for (let at = 1; at < bytes.length; ) {
    let size = 0;
    for (let scale = 1; ; scale *= 128) {
      if (at === bytes.length) throw fatalError('PROTOCOL_MISMATCH', 'Block sizes are cut off in mid-number.');
      const byte = bytes[at++];
      size += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    sizes.push(size);
  }
  return sizes;
}

function varintLength(size: number): number {
  let length = 1;
  for (let rest = size; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}
