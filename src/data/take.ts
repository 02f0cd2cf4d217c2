/** Owns: gathering rows by index: filters, joins, sorts and shuffles all end here. */
import { allocBytes, allocInt32, MAX_BUFFER_BYTES, nextCapacity } from './alloc.js';
import type { Batch, Column, ColumnOf, Validity } from './batch.js';
import { takeFixed } from './lanes.js';

/**
 * Rows `rows[0]` to `rows[count - 1]` of a column, in that order, repeats allowed; a row of -1 gives null (outer joins).
 * A dictionary column keeps its dictionary. Throws BATCH_TOO_LARGE where the result would pass 2 GiB.
 */
export function take(column: Column, rows: Int32Array, count: number): Column {
  if (column.layout === 'null') return { layout: 'null', length: count };
  const validity = takeValidity(column.validity, rows, count);
  switch (column.layout) {
    case 'fixed': {
      const values = takeFixed(column.values, column.values.BYTES_PER_ELEMENT, rows, count);
      return { layout: 'fixed', length: count, validity, values };
    }
    case 'wide':
      return { layout: 'wide', length: count, validity, values: takeFixed(column.values, 16, rows, count) };
    case 'bits':
      return { layout: 'bits', length: count, validity, bits: takeBits(column.bits, rows, count) };
    case 'bytes':
      return takeBytes(column, validity, rows, count);
    case 'dictionary': {
      const codes = takeFixed(column.codes, 4, rows, count);
      return { layout: 'dictionary', length: count, validity, codes, dictionary: column.dictionary };
    }
    case 'list': {
      const { offsets, entries } = takeRanges(column.offsets, rows, count);
      return { layout: 'list', length: count, validity, offsets, child: take(column.child, entries, entries.length) };
    }
    case 'map': {
      const { offsets, entries } = takeRanges(column.offsets, rows, count);
      const [keys, values] = [take(column.keys, entries, entries.length), take(column.values, entries, entries.length)];
      return { layout: 'map', length: count, validity, offsets, keys, values };
    }
    case 'struct':
      return { layout: 'struct', length: count, validity, children: column.children.map((child) => take(child, rows, count)) };
    default:
      return column satisfies never;
  }
}

/** `take` of every column. */
export function takeBatch(batch: Batch, rows: Int32Array, count: number): Batch {
  return { length: count, columns: batch.columns.map((column) => take(column, rows, count)) };
}

function takeValidity(validity: Validity, rows: Int32Array, count: number): Validity {
  if (validity === null) {
    let anyNegative = 0;
    for (let i = 0; i < count; i++) anyNegative |= rows[i];
    if (anyNegative >= 0) return null;
  }
  const taken = allocBytes((count + 7) >> 3);
  let nulls = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0 && (validity === null || (validity[row >> 3] & (1 << (row & 7))) !== 0)) taken[i >> 3] |= 1 << (i & 7);
    else nulls++;
  }
  return nulls === 0 ? null : taken;
}

function takeBits(bits: Uint8Array, rows: Int32Array, count: number): Uint8Array {
  const taken = allocBytes((count + 7) >> 3);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) taken[i >> 3] |= ((bits[row >> 3] >> (row & 7)) & 1) << (i & 7);
  }
  return taken;
}

/** Below this many bytes a loop copies faster than a call of `set` on a fresh view. */
const LOOP_BYTES = 40;

function takeBytes(column: ColumnOf<'bytes'>, validity: Validity, rows: Int32Array, count: number): Column {
  const { offsets: from, data } = column;
  const offsets = takenOffsets(from, rows, count);
  const taken = allocBytes(offsets[count]);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row < 0) continue;
    const start = from[row];
    const end = from[row + 1];
    let at = offsets[i];
    if (end - start > LOOP_BYTES) taken.set(data.subarray(start, end), at);
    else for (let j = start; j < end; j++) taken[at++] = data[j];
  }
  return { layout: 'bytes', length: count, validity, offsets, data: taken };
}

/** Offsets of the taken rows, from 0. */
function takenOffsets(from: Int32Array, rows: Int32Array, count: number): Int32Array {
  const offsets = allocInt32(count + 1);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) total += from[row + 1] - from[row];
    offsets[i + 1] = total;
  }
  if (total > MAX_BUFFER_BYTES) nextCapacity(0, total, 1);
  return offsets;
}

function takeRanges(from: Int32Array, rows: Int32Array, count: number): { offsets: Int32Array; entries: Int32Array } {
  const offsets = takenOffsets(from, rows, count);
  const entries = allocInt32(offsets[count]);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row < 0) continue;
    const end = from[row + 1];
    for (let j = from[row]; j < end; j++) entries[at++] = j;
  }
  return { offsets, entries };
}
