/**
 * Owns: the physical shape of a batch's columns, on which generated code is specialised: layout, nulls, array kind, magnitude of integers.
 * Batches of one shape run the same compiled function.
 */
import { type Column, type FixedArray, plainLayout } from '../../data/batch.js';
import { type DataType, isFloat } from '../../data/types.js';
import { typeBits } from '../../frontend/functions/emit.js';

export interface ColumnShape {
  readonly layout: Column['layout'];
  readonly nullable: boolean;
  /** For integers in 64 and 128 bits: |v| < 2^bits for every row; 64 where 53 is passed. */
  readonly bits: number;
  /** Of a dictionary's entries. */
  readonly inner: ColumnShape | null;
}

/** Of a column that nobody has seen yet: plain, integers below 2^53. */
export function assumedShape(type: DataType, nullable: boolean): ColumnShape {
  const bits =
    type.kind === 'int32' || type.kind === 'date' || type.kind === 'year_month_interval'
      ? 32
      : type.kind === 'int16'
        ? 16
        : type.kind === 'int8'
          ? 8
          : 53;
  return { layout: plainLayout(type), nullable, bits, inner: null };
}

/** Shape of one column; measures integers of 64 and 128 bits in one pass. */
export function shapeOf(column: Column, type: DataType): ColumnShape {
  if (column.layout === 'null') return { layout: 'null', nullable: true, bits: 0, inner: null };
  const nullable = column.validity !== null;
  if (column.layout === 'dictionary') return { layout: 'dictionary', nullable, bits: 0, inner: entryShape(column.dictionary, type) };
  if (column.layout === 'wide') return { layout: 'wide', nullable, bits: wideBits(column.values), inner: null };
  return { layout: column.layout, nullable, bits: column.layout === 'fixed' ? fixedBits(column.values, type) : 0, inner: null };
}

const entryShapes = new WeakMap<Column, ColumnShape>();

/** A dictionary serves many batches: it is measured once. */
function entryShape(dictionary: Column, type: DataType): ColumnShape {
  let shape = entryShapes.get(dictionary);
  if (shape === undefined) {
    shape = shapeOf(dictionary, type);
    entryShapes.set(dictionary, shape);
  }
  return shape;
}

export function shapeKey(shape: ColumnShape): string {
  return `${shape.layout}${shape.nullable ? '?' : ''}${shape.bits || ''}${shape.inner ? `<${shapeKey(shape.inner)}>` : ''}`;
}

function fixedBits(values: FixedArray, type: DataType): number {
  if (isFloat(type)) return 0;
  return values instanceof BigInt64Array ? magnitudeBits(values) : typeBits(type);
}

/** The classes keep the number of specialisations small. */
const CLASSES = [8, 16, 24, 31, 42, 48, 53];

/** Smallest class b with |v| < 2^b for all values, or 64. */
function magnitudeBits(values: BigInt64Array): number {
  const lanes = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  // Of a negative number its complement, which takes as many bits or, at a power of two, one fewer.
  let low = 0;
  let high = 0;
  let negative = 0;
  for (let i = 1; i < lanes.length; i += 2) {
    const upper = lanes[i];
    const sign = upper >> 31;
    high |= upper ^ sign;
    low |= lanes[i - 1] ^ sign;
    negative |= sign;
  }
  return bitsClass(low, high, negative);
}

/** The same of integers in 128 bits. */
function wideBits(values: BigInt64Array): number {
  const lanes = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let low = 0;
  let high = 0;
  let negative = 0;
  let beyond = 0;
  for (let i = 3; i < lanes.length; i += 4) {
    const upper = lanes[i - 2];
    const sign = upper >> 31;
    beyond |= (lanes[i] ^ sign) | (lanes[i - 1] ^ sign);
    high |= upper ^ sign;
    low |= lanes[i - 3] ^ sign;
    negative |= sign;
  }
  return beyond === 0 ? bitsClass(low, high, negative) : 64;
}

function bitsClass(low: number, high: number, negative: number): number {
  const bits = (high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high)) - negative;
  return CLASSES.find((c) => bits <= c) ?? 64;
}
