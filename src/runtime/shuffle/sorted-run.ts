/**
 * Owns: ordering the rows of a few batches by reduce partition: a counting sort that gives each row its place, then a scatter a column.
 * Receives batches and the partition of each row, gives one batch in which every partition is a range of rows.
 */
import type { Batch } from '../../data/batch.js';
import { concat, concatBatches } from '../../data/concat.js';
import { decodeDictionary } from '../../data/dictionary.js';
import type { Schema } from '../../data/types.js';
import { scatter } from './scatter.js';

export interface SortedRun {
  readonly batch: Batch;
  /** Partition p has the rows starts[p] .. starts[p + 1]. */
  readonly starts: Int32Array;
}

/** Rows that an entry must stand for in an average block: below it plain values are about as small and cheaper to read. */
const ROWS_PER_ENTRY = 2;

/**
 * Rows of equal partition keep their order. `partitions[i]` belongs to `batches[i]`. Dictionary columns stay so only where an average
 * block uses an entry several times; with `coded`, only those that it names.
 */
export function sortByPartition(
  schema: Schema,
  batches: readonly Batch[],
  partitions: readonly Int32Array[],
  count: number,
  coded: readonly boolean[] | null,
): SortedRun {
  const starts = countRows(batches, partitions, count);
  const length = starts[count];
  if (length === 0) return { batch: concatBatches(schema, batches), starts };
  const move = { places: count === 1 ? [] : placeRows(batches, partitions, starts), length };
  const columns = schema.fields.map(({ type }, i) => {
    const parts = batches.map((batch) => batch.columns[i]);
    const sorted = count === 1 ? concat(type, parts) : scatter(type, parts, move);
    const keep = coded?.[i] !== false && sorted.layout === 'dictionary' && sorted.dictionary.length * ROWS_PER_ENTRY * count <= length;
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

/** The place of each row among all, in order of partitions. */
function placeRows(batches: readonly Batch[], partitions: readonly Int32Array[], starts: Int32Array): Int32Array[] {
  const next = starts.slice();
  return batches.map(({ length }, b) => {
    const of = partitions[b];
    const places = new Int32Array(length);
    for (let i = 0; i < length; i++) places[i] = next[of[i]]++;
    return places;
  });
}
