/**
 * Owns: moving rows of fixed width without regard to what they mean. A row of 8 or 16 bytes moves as two or four 32-bit lanes:
 * no bigint is made, and no NaN is changed, as moving through a double might. One loop a width, so that each sees one array kind.
 */
import { allocInt8, allocInt16, allocInt32 } from './alloc.js';
import type { FixedArray } from './batch.js';

/** The same memory as whole lanes: 8, 16 or 32 bits each. */
export function lanesOf(values: FixedArray): Int8Array | Int16Array | Int32Array {
  if (values.BYTES_PER_ELEMENT === 1) return new Int8Array(values.buffer, values.byteOffset, values.length);
  if (values.BYTES_PER_ELEMENT === 2) return new Int16Array(values.buffer, values.byteOffset, values.length);
  return new Int32Array(values.buffer, values.byteOffset, values.byteLength >> 2);
}

/** Rows `rows[0..count)` of `values`, whose rows are `width` bytes (1, 2, 4, 8 or 16); a negative row gives zero. */
export function takeFixed<T extends FixedArray>(values: T, width: number, rows: Int32Array, count: number): T {
  const lanes = lanesOf(values);
  let taken: Int8Array | Int16Array | Int32Array;
  if (lanes instanceof Int8Array) taken = take1(lanes, rows, count);
  else if (lanes instanceof Int16Array) taken = take2(lanes, rows, count);
  else if (width === 4) taken = take4(lanes, rows, count);
  else if (width === 8) taken = take8(lanes, rows, count);
  else taken = take16(lanes, rows, count);
  return likeArray(values, taken);
}

function likeArray<T extends FixedArray>(model: T, lanes: Int8Array | Int16Array | Int32Array): T {
  const kind = model.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => T;
  return new kind(lanes.buffer, lanes.byteOffset, lanes.byteLength / model.BYTES_PER_ELEMENT);
}

function take1(from: Int8Array, rows: Int32Array, count: number): Int8Array {
  const to = allocInt8(count);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) to[i] = from[row];
  }
  return to;
}

function take2(from: Int16Array, rows: Int32Array, count: number): Int16Array {
  const to = allocInt16(count);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) to[i] = from[row];
  }
  return to;
}

function take4(from: Int32Array, rows: Int32Array, count: number): Int32Array {
  const to = allocInt32(count);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) to[i] = from[row];
  }
  return to;
}

function take8(from: Int32Array, rows: Int32Array, count: number): Int32Array {
  const to = allocInt32(count * 2);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) {
      to[2 * i] = from[2 * row];
      to[2 * i + 1] = from[2 * row + 1];
    }
  }
  return to;
}

function take16(from: Int32Array, rows: Int32Array, count: number): Int32Array {
  const to = allocInt32(count * 4);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) {
      to[4 * i] = from[4 * row];
      to[4 * i + 1] = from[4 * row + 1];
      to[4 * i + 2] = from[4 * row + 2];
      to[4 * i + 3] = from[4 * row + 3];
    }
  }
  return to;
}
