/** Owns: columns that come from apache-arrow, which takes buffers on trust: whether every row that they promise is there to be read. */
import type { Column, Validity } from '../../../data/batch.js';
import { getBit } from '../../../data/bitmap.js';
import { corruptBlock } from '../../../data/flatbuffer.js';

/** Throws CORRUPT_BLOCK where the column does not have `rows` rows, or reaches beyond its memory. */
export function checkColumn(column: Column, rows: number): void {
  const { layout, length } = column;
  atLeast(rows, length, 'rows');
  if (layout === 'null') return;
  const { validity } = column;
  if (validity !== null) atLeast((length + 7) >> 3, validity.length, 'bytes that tell nulls');
  switch (layout) {
    case 'fixed':
      atLeast(length, column.values.length, 'values');
      break;
    case 'wide':
      atLeast(2 * length, column.values.length, 'halves of values');
      break;
    case 'bits':
      atLeast((length + 7) >> 3, column.bits.length, 'bytes of truth values');
      break;
    case 'bytes':
      checkOffsets(column.offsets, length, column.data.length);
      break;
    case 'dictionary':
      checkColumn(column.dictionary, column.dictionary.length);
      checkCodes(column.codes, length, validity, column.dictionary.length);
      break;
    case 'list':
      checkColumn(column.child, column.child.length);
      checkOffsets(column.offsets, length, column.child.length);
      break;
    case 'map':
      checkColumn(column.keys, column.keys.length);
      checkColumn(column.values, column.keys.length);
      checkOffsets(column.offsets, length, column.keys.length);
      break;
    case 'struct':
      for (const child of column.children) checkColumn(child, length);
      break;
    default:
      column satisfies never;
  }
}

function atLeast(wanted: number, there: number, of: string): void {
  if (there < wanted) throw corruptBlock(`a column has ${there} ${of} instead of ${wanted}`);
}

function checkOffsets(offsets: Int32Array, length: number, end: number): void {
  if (length === 0) return;
  atLeast(length + 1, offsets.length, 'offsets');
  for (let i = 0, last = 0; i <= length; i++) {
    if (offsets[i] < last || offsets[i] > end) throw corruptBlock(`an offset of ${offsets[i]} lies outside ${last} to ${end}`);
    last = offsets[i];
  }
}

function checkCodes(codes: Int32Array, length: number, validity: Validity, entries: number): void {
  atLeast(length, codes.length, 'codes');
  for (let i = 0; i < length; i++) {
    if (codes[i] >>> 0 >= entries && (validity === null || getBit(validity, i)))
      throw corruptBlock(`code ${codes[i]} is outside a dictionary of ${entries}`);
  }
}
