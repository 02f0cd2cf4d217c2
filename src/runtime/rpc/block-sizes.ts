/**
 * Owns: the sizes of a map output's blocks, one a reduce partition, as they travel: a million of them in a stage message is ordinary.
 * Byte 0 names the encoding: 0 = the exact numbers as LEB128 varints; 1 = one byte each, on a logarithmic scale.
 */
import { fatalError } from '../../core/errors.js';

const EXACT = 0;
const SCALED = 1;

/** Blocks of a map output above which their sizes are told one byte each. */
const MOST_EXACT = 2000;

/** Of one step of the scale to the next: 255 of them reach 79 GiB, and a size is off by a twentieth at most. */
const STEP = 1.1;
/** Size of each step: 0 is empty, and nothing else is; sizes up to fifteen are exact. */
const SCALE = scaleOf();

/** Whole numbers from 0 up to 2^53 - 1: exact for up to 2,000 of them. */
export function encodeSizes(sizes: readonly number[]): Uint8Array {
  return sizes.length > MOST_EXACT ? encodeScaled(sizes) : encodeCounts(sizes);
}

/** Whole numbers from 0 up to 2^53 - 1, exact however many. */
export function encodeCounts(counts: readonly number[]): Uint8Array {
  let length = 1;
  for (const count of counts) length += varintLength(count);
  const bytes = new Uint8Array(length);
  bytes[0] = EXACT;
  let at = 1;
  for (let count of counts) {
    while (count > 0x7fffffff) {
      bytes[at++] = 0x80 | (count % 128);
      count = Math.floor(count / 128);
    }
    while (count > 0x7f) {
      bytes[at++] = 0x80 | (count & 0x7f);
      count >>>= 7;
    }
    bytes[at++] = count;
  }
  return bytes;
}

/** Throws PROTOCOL_MISMATCH for an encoding it does not know or a cut-off number. */
export function decodeSizes(bytes: Uint8Array): number[] {
  if (bytes.length === 0) return [];
  if (bytes[0] === SCALED) return Array.from(bytes.subarray(1), (step) => SCALE[step]);
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

function scaleOf(): Float64Array {
  const scale = new Float64Array(256);
  for (let i = 1; i < scale.length; i++) scale[i] = Math.max(i, Math.floor(scale[i - 1] * STEP));
  return scale;
}

function encodeScaled(sizes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(1 + sizes.length);
  bytes[0] = SCALED;
  sizes.forEach((size, i) => {
    bytes[1 + i] = nearestStep(size);
  });
  return bytes;
}

function nearestStep(size: number): number {
  let [low, high] = [0, SCALE.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (SCALE[middle] <= size) low = middle;
    else high = middle;
  }
  if (size > SCALE[low] && (low === 0 || SCALE[high] - size < size - SCALE[low])) return high;
  return low;
}
