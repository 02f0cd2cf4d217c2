/**
 * Owns: count, sum and avg of whole numbers and decimals over any frames, exact, from running totals: a frame's sum is the difference of two.
 * Totals are doubles while all of them are below 2^53, else bigints. A total at place i is that of the rows before row i of the block.
 */
import { type Column, isNull } from '../../../data/batch.js';
import { columnOf } from '../../../data/builder.js';
import type { DataType } from '../../../data/types.js';
import { readValue } from '../../../data/value.js';
import { checkSum } from '../../../frontend/functions/aggregate-sum.js';
import type { Frames } from './frames.js';

/** Per row, whether it counts, as a running count: counts[i] rows before row i do. */
export function countsOf(columns: readonly Column[], length: number): Int32Array {
  const counts = new Int32Array(length + 1);
  const nullable = columns.filter((column) => column.layout === 'null' || column.validity !== null);
  for (let i = 0, count = 0; i < length; i++) {
    if (!nullable.some((column) => isNull(column, i))) count++;
    counts[i + 1] = count;
  }
  return counts;
}

/** count: rows of the frame that count, as int64. */
export function countIn(counts: Int32Array, { from, to }: Frames): Column {
  const values = new BigInt64Array(from.length);
  const lanes = new Int32Array(values.buffer);
  for (let i = 0; i < from.length; i++) lanes[2 * i] = counts[to[i]] - counts[from[i]];
  return { layout: 'fixed', length: from.length, validity: null, values };
}

export type Totals = Float64Array | readonly bigint[];

const LIMIT = 2 ** 53;

/** Running totals of a column of whole numbers or decimals; nulls are 0. */
export function totalsOf(column: Column, type: DataType): Totals {
  const totals = new Float64Array(column.length + 1);
  if (column.layout !== 'fixed' || !addTo(totals, column)) return bigTotals(column, type);
  return totals;
}

/** False where a total may not be exact. */
function addTo(totals: Float64Array, column: Extract<Column, { layout: 'fixed' }>): boolean {
  const { values, validity } = column;
  const isLong = values instanceof BigInt64Array;
  const lanes = isLong ? new Int32Array(values.buffer, values.byteOffset, values.length * 2) : (values as Int32Array);
  let total = 0;
  let largest = 0;
  for (let i = 0; i < column.length; i++) {
    if (validity === null || ((validity[i >> 3] >> (i & 7)) & 1) === 1) {
      total += isLong ? lanes[2 * i + 1] * 4294967296 + (lanes[2 * i] >>> 0) : lanes[i];
      const size = total < 0 ? -total : total;
      if (size > largest) largest = size;
    }
    totals[i + 1] = total;
  }
  // Past 2^53 a total is rounded, but never back below 2^52: values that large must themselves be met first.
  return largest < LIMIT / 2;
}

function bigTotals(column: Column, type: DataType): readonly bigint[] {
  const totals = new Array<bigint>(column.length + 1);
  let total = 0n;
  totals[0] = total;
  for (let i = 0; i < column.length; i++) {
    const value = readValue(column, type, i);
    if (value !== null) total += BigInt(value as number | bigint);
    totals[i + 1] = total;
  }
  return totals;
}

/** Bits of rows that have at least one value in their frame; null where all have. */
function presence(counts: Int32Array, { from, to }: Frames): Uint8Array | null {
  let empty = 0;
  for (let i = 0; i < from.length; i++) if (counts[to[i]] === counts[from[i]]) empty++;
  if (empty === 0) return null;
  const bits = new Uint8Array((from.length + 7) >> 3);
  for (let i = 0; i < from.length; i++) if (counts[to[i]] !== counts[from[i]]) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}

/** sum: of type int64 or decimal. Throws ARITHMETIC_OVERFLOW. */
export function sumIn(totals: Totals, counts: Int32Array, frames: Frames, type: DataType): Column {
  const { from, to } = frames;
  const { length } = from;
  if (!(totals instanceof Float64Array)) {
    return columnOf(
      type,
      Array.from({ length }, (_, i) => (counts[to[i]] === counts[from[i]] ? null : checkSum(totals[to[i]] - totals[from[i]], type))),
    );
  }
  const limit = type.kind === 'decimal' && type.precision < 16 ? 10 ** type.precision : LIMIT;
  const isWide = type.kind === 'decimal' && type.precision > 18;
  const width = isWide ? 4 : 2;
  const values = new BigInt64Array((length * width) / 2);
  const lanes = new Int32Array(values.buffer);
  for (let i = 0; i < length; i++) {
    const sum = totals[to[i]] - totals[from[i]];
    if (sum >= limit || sum <= -limit) checkSum(BigInt(sum), type);
    const high = Math.floor(sum / 4294967296);
    const at = i * width;
    lanes[at] = sum - high * 4294967296;
    lanes[at + 1] = high;
    if (isWide && sum < 0) lanes[at + 2] = lanes[at + 3] = -1;
  }
  return { layout: isWide ? 'wide' : 'fixed', length, validity: presence(counts, frames), values };
}

/** avg of whole numbers: a double. */
export function meanIn(totals: Totals, counts: Int32Array, frames: Frames): Column {
  const { from, to } = frames;
  const values = new Float64Array(from.length);
  for (let i = 0; i < from.length; i++) {
    const count = counts[to[i]] - counts[from[i]];
    const sum = totals instanceof Float64Array ? totals[to[i]] - totals[from[i]] : Number(totals[to[i]] - totals[from[i]]);
    values[i] = count === 0 ? 0 : sum / count;
  }
  return { layout: 'fixed', length: from.length, validity: presence(counts, frames), values };
}

/** avg of decimals, at the scale of the result, rounded half up; `mean` does it in bigints where doubles are not exact. */
export function decimalMeanIn(
  totals: Totals,
  counts: Int32Array,
  frames: Frames,
  type: Extract<DataType, { kind: 'decimal' }>,
  scale: number,
  mean: (sum: bigint, count: number) => bigint,
): Column {
  const { from, to } = frames;
  const { length } = from;
  const factor = 10 ** (type.scale - scale);
  const bound = Math.min(LIMIT / factor, type.precision < 16 ? 10 ** type.precision / factor : LIMIT) / 2;
  const means = Array.from({ length }, (_, i): bigint | null => {
    const count = counts[to[i]] - counts[from[i]];
    if (count === 0) return null;
    if (!(totals instanceof Float64Array)) return mean(totals[to[i]] - totals[from[i]], count);
    const sum = totals[to[i]] - totals[from[i]];
    return Math.abs(sum) < bound ? BigInt(halfUp(sum * factor, count)) : mean(BigInt(sum), count);
  });
  return columnOf(type, means);
}

/** The quotient of whole numbers whose dividend is below 2^53, rounded half away from zero. */
function halfUp(dividend: number, divisor: number): number {
  const size = Math.abs(dividend);
  let quotient = Math.floor(size / divisor);
  let rest = size - quotient * divisor;
  if (rest < 0) {
    quotient--;
    rest += divisor;
  } else if (rest >= divisor) {
    quotient++;
    rest -= divisor;
  }
  if (2 * rest >= divisor) quotient++;
  return dividend < 0 ? -quotient : quotient;
}

/** Whether `sum` and `avg` of values of this type are exact, and so can be taken from totals. */
export const isExact = (type: DataType): boolean => type.kind === 'decimal' || ['int8', 'int16', 'int32', 'int64'].includes(type.kind);
