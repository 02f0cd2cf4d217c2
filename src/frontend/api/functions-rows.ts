/** Owns: functions that do not come from a row's values: chance, and the row's place. Where no seed is given one is drawn as the query is planned. */
import type { Column } from './column.js';
import { call, nullary } from './column-function.js';
import { literalOf } from './literal.js';

/** Uniform in [0, 1), the same numbers for the same seed: Spark's. */
export const rand = seeded('rand');
/** Normally distributed with mean 0 and variance 1, the same numbers for the same seed: Spark's. */
export const randn = seeded('randn');

function seeded(fn: string) {
  return (seed?: number | bigint): Column<number, string, never> => (seed === undefined ? call(fn) : call(fn, literalOf(seed)));
}

/** A random UUID a row. */
export const uuid = nullary<string>('uuid');

/** Different for each row, rising within a partition: the partition's number × 2^33, then counted up. */
export const monotonicallyIncreasingId = nullary<bigint>('monotonically_increasing_id');

/** The number of the row's partition. */
export const sparkPartitionId = nullary<number>('spark_partition_id');
