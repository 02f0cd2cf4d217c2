/** Owns: a range of rows of a column or batch, sharing its memory. */
import type { Batch, Column, Validity } from './batch.js';
import { sliceBits } from './bitmap.js';

/** Rows `from` to `to` (exclusive; 0 ≤ from ≤ to ≤ length). Zero-copy but for bitmaps that do not start at a byte. */
export function slice(column: Column, from: number, to: number): Column {
  const length = to - from;
  if (from === 0 && length === column.length) return column;
  if (column.layout === 'null') return { layout: 'null', length };
  const validity: Validity = column.validity === null ? null : sliceBits(column.validity, from, to);
  switch (column.layout) {
    case 'fixed':
      return { layout: 'fixed', length, validity, values: column.values.subarray(from, to) };
    case 'wide':
      return { layout: 'wide', length, validity, values: column.values.subarray(2 * from, 2 * to) };
    case 'bits':
      return { layout: 'bits', length, validity, bits: sliceBits(column.bits, from, to) };
    case 'bytes':
      return { layout: 'bytes', length, validity, offsets: column.offsets.subarray(from, to + 1), data: column.data };
    case 'dictionary':
      return { layout: 'dictionary', length, validity, codes: column.codes.subarray(from, to), dictionary: column.dictionary };
    case 'list':
      return { layout: 'list', length, validity, offsets: column.offsets.subarray(from, to + 1), child: column.child };
    case 'map': {
      const { keys, values } = column;
      return { layout: 'map', length, validity, offsets: column.offsets.subarray(from, to + 1), keys, values };
    }
    case 'struct':
      return { layout: 'struct', length, validity, children: column.children.map((child) => slice(child, from, to)) };
    default:
      return column satisfies never;
  }
}

/** `slice` of every column. */
export function sliceBatch(batch: Batch, from: number, to: number): Batch {
  return { length: to - from, columns: batch.columns.map((column) => slice(column, from, to)) };
}
