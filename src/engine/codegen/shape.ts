/**
 * Owns: the physical shape of a batch's columns, on which generated code is specialised: layout, nulls, array kind, magnitude of integers.
 * Batches of one shape run the same compiled function.
 */
import type { Column, FixedArray } from '../../data/batch.js';
import { type DataType, isFloat } from '../../data/types.js';
import { typeBits } from '../../frontend/functions/emit.js';

export interface ColumnShape {
  readonly layout: Column['layout'];
  readonly nullable: boolean;
  /** For integers in 64 bits: |v| < 2^bits for every row; 64 where 53 is passed. */
  readonly bits: number;
  /** Of a dictionary's entries. */
  readonly inner: ColumnShape | null;
}

/** Shape of one column; measures 64-bit integers with one pass over their high halves. */
export function shapeOf(column: Column, type: DataType): ColumnShape {
  if (column.layout === 'null') return { layout: 'null', nullable: true, bits: 0, inner: null };
  const nullable = column.validity !== null;
  if (column.layout === 'dictionary') return { layout: 'dictionary', nullable, bits: 0, inner: shapeOf(column.dictionary, type) };
  return { layout: column.layout, nullable, bits: column.layout === 'fixed' ? fixedBits(column.values, type) : 0, inner: null };
}

export function shapeKey(shape: ColumnShape): string {
  return `${shape.layout}${shape.nullable ? '?' : ''}${shape.bits || ''}${shape.inner ? `<${shapeKey(shape.inner)}>` : ''}`;
}

function fixedBits(values: FixedArray, type: DataType): number {
  if (isFloat(type)) return 0;
  const bits = typeBits(type);
  return bits > 53 && values instanceof BigInt64Array ? magnitudeBits(values) : bits;
}

/** The classes keep the number of specialisations small. */
const CLASSES = [33, 42, 48, 53];

/** Smallest class b with |v| < 2^b for all values, or 64. */
function magnitudeBits(values: BigInt64Array): number {
  const lanes = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let high = 0;
  for (let i = 1; i < lanes.length; i += 2) high |= lanes[i] ^ (lanes[i] >> 31);
  const bits = 33 + (32 - Math.clz32(high));
  return CLASSES.find((c) => bits <= c) ?? 64;
}
