/**
 * Owns: the shape of a batch: columns of equal length over typed arrays in Arrow's physical layout.
 * A batch carries no schema; whoever hands it on knows the schema. Nothing here is ever changed after it was handed on.
 */
import type { DataType } from './types.js';

/** Bit i (least significant first) is 1 where row i holds a value; null means no row is null. Starts at bit 0, always. */
export type Validity = Uint8Array | null;

export type FixedArray = Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/**
 * `fixed`       int8–64, floats, date (Int32Array), timestamps (BigInt64Array), decimal of p ≤ 18 (BigInt64Array, scaled);
 * `wide`        decimal of p > 18: 16 bytes a row, little-endian two's complement (lo, hi pairs in a BigInt64Array);
 * `bits`        boolean, one bit a row like validity;
 * `bytes`       string (UTF-8) and binary: row i is data[offsets[i] .. offsets[i+1]); offsets[0] need not be 0;
 * `dictionary`  any type: row i is dictionary row codes[i]; the code of a null row is 0..size-1 or anything when size is 0;
 * `list`        array: row i is child rows offsets[i] .. offsets[i+1];
 * `map`         as list, with two children of equal length, keys and values;
 * `struct`      children of the same length as the column;
 * `null`        every row is null.
 */
export type Column =
  | { readonly layout: 'fixed'; readonly length: number; readonly validity: Validity; readonly values: FixedArray }
  | { readonly layout: 'wide'; readonly length: number; readonly validity: Validity; readonly values: BigInt64Array }
  | { readonly layout: 'bits'; readonly length: number; readonly validity: Validity; readonly bits: Uint8Array }
  | {
      readonly layout: 'bytes';
      readonly length: number;
      readonly validity: Validity;
      readonly offsets: Int32Array;
      readonly data: Uint8Array;
    }
  | {
      readonly layout: 'dictionary';
      readonly length: number;
      readonly validity: Validity;
      readonly codes: Int32Array;
      readonly dictionary: Column;
    }
  | { readonly layout: 'list'; readonly length: number; readonly validity: Validity; readonly offsets: Int32Array; readonly child: Column }
  | {
      readonly layout: 'map';
      readonly length: number;
      readonly validity: Validity;
      readonly offsets: Int32Array;
      readonly keys: Column;
      readonly values: Column;
    }
  | { readonly layout: 'struct'; readonly length: number; readonly validity: Validity; readonly children: readonly Column[] }
  | { readonly layout: 'null'; readonly length: number };

export type Layout = Column['layout'];
export type ColumnOf<L extends Layout> = Extract<Column, { layout: L }>;

export interface Batch {
  readonly length: number;
  readonly columns: readonly Column[];
}

/** The layout that a column of this type has when it is not dictionary-encoded. */
export function plainLayout(type: DataType): Exclude<Layout, 'dictionary'> {
  switch (type.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return 'bits';
    case 'decimal':
      return type.precision <= 18 ? 'fixed' : 'wide';
    case 'string':
    case 'binary':
      return 'bytes';
    case 'array':
      return 'list';
    case 'map':
      return 'map';
    case 'struct':
      return 'struct';
    default:
      return 'fixed';
  }
}

export function isNull(column: Column, row: number): boolean {
  if (column.layout === 'null') return true;
  return column.validity !== null && (column.validity[row >> 3] & (1 << (row & 7))) === 0;
}
