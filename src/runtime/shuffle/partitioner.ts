/**
 * Owns: which reduce partition a row goes to: by hash as Spark's HashPartitioning, by range of sort keys, or in turn.
 * Receives key columns that were evaluated already, gives one partition a row.
 */
import type { Column } from '../../data/batch.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { hashColumns, partitionOf } from '../../data/hash.js';
import { type KeyOrder, rowComparator } from '../../data/row-order.js';
import type { DataType } from '../../data/types.js';

/** pmod(hash(keys), n). `types[i]` is the type of `columns[i]`. */
export function hashPartition(columns: readonly Column[], types: readonly DataType[], length: number, n: number): Int32Array {
  return n === 1 ? new Int32Array(length) : partitionOf(hashColumns(columns, types, length), n);
}

/**
 * The number of bounds that sort before the row: so a row equal to a bound goes to the left of it, as in Spark. `bounds` are key columns
 * of `n - 1` rows, or fewer, in the order of `orders`.
 */
export function rangePartition(
  keys: readonly Column[],
  types: readonly DataType[],
  length: number,
  orders: readonly KeyOrder[],
  bounds: readonly Column[],
): Int32Array {
  if (bounds.length === 0 || bounds[0].length === 0) return new Int32Array(length);
  const [key] = keys;
  if (keys.length === 1 && key.layout === 'dictionary' && key.validity === null && key.dictionary.length < length) {
    const ofEntries = rangePartition([key.dictionary], types, key.dictionary.length, orders, bounds);
    return key.codes.subarray(0, length).map((code) => ofEntries[code]);
  }
  const partitions = new Int32Array(length);
  const compare = rowComparator(keys.map(decodeDictionary), bounds.map(decodeDictionary), types, orders);
  for (let row = 0; row < length; row++) {
    let low = 0;
    let high = bounds[0].length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(row, middle) > 0) low = middle + 1;
      else high = middle;
    }
    partitions[row] = low;
  }
  return partitions;
}

/** Row i goes to (start + i) mod n. */
export function roundRobinPartition(length: number, n: number, start: number): Int32Array {
  const partitions = new Int32Array(length);
  let next = start % n;
  for (let i = 0; i < length; i++) {
    partitions[i] = next;
    if (++next === n) next = 0;
  }
  return partitions;
}
