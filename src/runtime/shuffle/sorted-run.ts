/**
 * Owns: ordering the rows of a few batches by reduce partition: a counting sort of row numbers, then one gather a column.
 * Receives batches and the partition of each row, gives one batch in which every partition is a range of rows.
 */
import type { Batch, Column, ColumnOf } from '../../data/batch.js';
import { concat } from '../../data/concat.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { take } from '../../data/take.js';
import type { DataType, Schema } from '../../data/types.js';

export interface SortedRun {
  readonly batch: Batch;
  /** Partition p has the rows starts[p] .. starts[p + 1]. */
  readonly starts: Int32Array;
}

/** Rows that an entry must stand for in an average block: below it plain values are about as small and cheaper to read. */
const ROWS_PER_ENTRY = 2;

/**
 * Rows of equal partition keep their order. `partitions[i]` belongs to `batches[i]`. Dictionary columns stay so only where an average
 * block uses an entry several times and `plain` is not asked for.
 */
export function sortByPartition(
  schema: Schema,
  batches: readonly Batch[],
  partitions: readonly Int32Array[],
  count: number,
  plain: boolean,
): SortedRun {
  const length = batches.reduce((sum, batch) => sum + batch.length, 0);
  const starts = countRows(batches, partitions, count);
  const rows = count === 1 ? null : orderRows(batches, partitions, starts, length);
  const columns = schema.fields.map((field, i) => {
    const whole = concatColumn(
      field.type,
      batches.map((batch) => batch.columns[i]),
    );
    const sorted = rows === null ? whole : take(whole, rows, length);
    const keep = !plain && sorted.layout === 'dictionary' && sorted.dictionary.length * ROWS_PER_ENTRY * count <= length;
    return keep ? sorted : decodeDictionary(sorted);
  });
  return { batch: { length, columns }, starts };
}

function countRows(batches: readonly Batch[], partitions: readonly Int32Array[], count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  for (let b = 0; b < batches.length; b++) {
    const of = partitions[b];
    for (let i = 0, n = batches[b].length; i < n; i++) starts[of[i] + 1]++;
  }
  for (let p = 0; p < count; p++) starts[p + 1] += starts[p];
  return starts;
}

/** Row numbers, counted through all batches, in order of their partitions. */
function orderRows(batches: readonly Batch[], partitions: readonly Int32Array[], starts: Int32Array, length: number): Int32Array {
  const next = starts.slice();
  const rows = new Int32Array(length);
  let row = 0;
  for (let b = 0; b < batches.length; b++) {
    const of = partitions[b];
    for (let i = 0, n = batches[b].length; i < n; i++) rows[next[of[i]]++] = row++;
  }
  return rows;
}

/** `concat` that joins different dictionaries into one: their codes are cheaper to gather than their values. */
function concatColumn(type: DataType, parts: readonly Column[]): Column {
  const dictionaries = new Map<Column, number>();
  let entries = 0;
  for (const part of parts) {
    if (part.layout !== 'dictionary') return concat(type, parts);
    if (dictionaries.has(part.dictionary)) continue;
    dictionaries.set(part.dictionary, entries);
    entries += part.dictionary.length;
  }
  if (dictionaries.size < 2 || entries > parts.reduce((sum, part) => sum + part.length, 0)) return concat(type, parts);
  const dictionary = concat(type, [...dictionaries.keys()].map(decodeDictionary));
  const shifted = (parts as readonly ColumnOf<'dictionary'>[]).map((part) => {
    const shift = dictionaries.get(part.dictionary) as number;
    const codes = shift === 0 ? part.codes : part.codes.map((code) => code + shift);
    return { ...part, codes, dictionary };
  });
  return concat(type, shifted);
}
