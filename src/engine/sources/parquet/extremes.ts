/** Owns: the smallest and largest value of a page or row group, as Parquet's statistics have them. */
import type { Column, ColumnOf, FixedArray } from '../../../data/batch.js';
import { compareBytes } from '../../../data/utf8.js';
import { plainBytes } from './encode.js';
import type { LeafSchema } from './shred.js';

/** Texts longer than this are not kept as statistics. */
const MOST_STATISTIC_BYTES = 256;

/** The smallest and largest value as plain bytes without length prefix; null where there are none or their order is not defined. */
export function extremes(column: Column, leaf: LeafSchema): { min: Uint8Array; max: Uint8Array } | null {
  if (column.length === 0) return null;
  if (column.layout === 'bytes') return bytesExtremes(column);
  if (column.layout !== 'fixed') return null;
  const { values } = column;
  const rows = values instanceof BigInt64Array ? longExtremes(values) : numberExtremes(values);
  if (rows === null) return null;
  const [min, max] = rows.map((row) => plainBytes(column, leaf, row, row + 1).slice());
  // Minus zero equals zero, but not everywhere: the bounds take in both.
  if (leaf.physical === 'FLOAT' || leaf.physical === 'DOUBLE') return { min: zeroed(min, 128), max: zeroed(max, 0) };
  return { min, max };
}

type Rows = readonly [min: number, max: number];

function numberExtremes(values: Exclude<FixedArray, BigInt64Array>): Rows | null {
  let min = -1;
  let max = -1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // NaN has no place in the order that readers assume: it is neither.
    if (value < low || (min < 0 && value === low)) {
      min = i;
      low = value;
    }
    if (value > high || (max < 0 && value === high)) {
      max = i;
      high = value;
    }
  }
  return min < 0 ? null : [min, max];
}

/** By halves: reading a BigInt a row would make one. */
function longExtremes(values: BigInt64Array): Rows {
  const tops = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const bottoms = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  let min = 0;
  let max = 0;
  for (let i = 1; i < values.length; i++) {
    const top = tops[2 * i + 1];
    const bottom = bottoms[2 * i];
    if (top < tops[2 * min + 1] || (top === tops[2 * min + 1] && bottom < bottoms[2 * min])) min = i;
    else if (top > tops[2 * max + 1] || (top === tops[2 * max + 1] && bottom > bottoms[2 * max])) max = i;
  }
  return [min, max];
}

function zeroed(bytes: Uint8Array, sign: number): Uint8Array {
  const isZero = bytes.every((byte, i) => byte === 0 || (i === bytes.length - 1 && byte === 128));
  if (isZero) bytes[bytes.length - 1] = sign;
  return bytes;
}

function bytesExtremes({ offsets, data, length }: ColumnOf<'bytes'>): { min: Uint8Array; max: Uint8Array } | null {
  let min = 0;
  let max = 0;
  const compare = (a: number, b: number): number => compareBytes(data, offsets[a], offsets[a + 1], data, offsets[b], offsets[b + 1]);
  for (let i = 1; i < length; i++) {
    if (compare(i, min) < 0) min = i;
    else if (compare(i, max) > 0) max = i;
  }
  const bytes = (row: number): Uint8Array => data.slice(offsets[row], offsets[row + 1]);
  const bounds = { min: bytes(min), max: bytes(max) };
  return bounds.min.length > MOST_STATISTIC_BYTES || bounds.max.length > MOST_STATISTIC_BYTES ? null : bounds;
}
