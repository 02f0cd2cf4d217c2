/**
 * Owns: the order of a row of one set of key columns against a row of another, ascending or descending, nulls first or last.
 * Receives plain (not dictionary) columns of the same types; gives a comparator that makes no values where typed arrays will do.
 */
import type { Column, ColumnOf } from './batch.js';
import { isNull } from './batch.js';
import type { DataType } from './types.js';
import { compareBytes } from './utf8.js';
import { compareValues, readValue } from './value.js';

export interface KeyOrder {
  readonly ascending: boolean;
  readonly nullsFirst: boolean;
}

/** Negative, zero or positive as row `i` of the left columns sorts before, with or after row `j` of the right ones. */
export type RowComparator = (i: number, j: number) => number;

export function rowComparator(
  left: readonly Column[],
  right: readonly Column[],
  types: readonly DataType[],
  orders: readonly KeyOrder[],
): RowComparator {
  const comparators = orders.map((order, k) => withNulls(left[k], right[k], order, valueComparator(left[k], right[k], types[k])));
  if (comparators.length === 1) return comparators[0];
  return (i, j) => {
    for (const compare of comparators) {
      const order = compare(i, j);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function withNulls(a: Column, b: Column, { ascending, nullsFirst }: KeyOrder, compare: RowComparator): RowComparator {
  const directed: RowComparator = ascending ? compare : (i, j) => -compare(i, j);
  if (a.layout !== 'null' && b.layout !== 'null' && a.validity === null && b.validity === null) return directed;
  const nullSide = nullsFirst ? -1 : 1;
  return (i, j) => {
    const nullA = isNull(a, i);
    const nullB = isNull(b, j);
    if (nullA || nullB) return nullA === nullB ? 0 : nullA ? nullSide : -nullSide;
    return directed(i, j);
  };
}

/** For rows of which neither is null. */
function valueComparator(a: Column, b: Column, type: DataType): RowComparator {
  if (a.layout === 'fixed' && b.layout === 'fixed') {
    if (a.values instanceof BigInt64Array) return int64Comparator(a.values, b.values as BigInt64Array);
    if (a.values instanceof Float64Array || a.values instanceof Float32Array) return floatComparator(a.values, b.values as Float64Array);
    const [x, y] = [a.values, b.values as Int32Array];
    return (i, j) => x[i] - y[j];
  }
  if (a.layout === 'bytes' && b.layout === 'bytes') {
    const [x, y]: ColumnOf<'bytes'>[] = [a, b];
    return (i, j) => compareBytes(x.data, x.offsets[i], x.offsets[i + 1], y.data, y.offsets[j], y.offsets[j + 1]);
  }
  return (i, j) => compareValues(readValue(a, type, i), readValue(b, type, j), type);
}

/** By signed high and unsigned low halves, so that no bigint is made. */
function int64Comparator(a: BigInt64Array, b: BigInt64Array): RowComparator {
  const x = new Int32Array(a.buffer, a.byteOffset, a.length * 2);
  const y = new Int32Array(b.buffer, b.byteOffset, b.length * 2);
  return (i, j) => x[2 * i + 1] - y[2 * j + 1] || (x[2 * i] >>> 0) - (y[2 * j] >>> 0);
}

/** NaN is equal to itself and largest; -0 is 0. */
function floatComparator(x: Float64Array | Float32Array, y: Float64Array | Float32Array): RowComparator {
  return (i, j) => {
    const [p, q] = [x[i], y[j]];
    if (p < q) return -1;
    if (p > q) return 1;
    if (p === q) return 0;
    return Number.isNaN(p) ? (Number.isNaN(q) ? 0 : 1) : -1;
  };
}
