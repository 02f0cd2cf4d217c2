/**
 * Owns: the frame of every row of a block as a range of rows: `from` included, `to` not. Both never fall from one row of a partition to the
 * next, so functions walk along them. An empty frame has from = to.
 */
import { type Column, isNull } from '../../../data/batch.js';
import { type DataType, isFloat } from '../../../data/types.js';
import { readValue } from '../../../data/value.js';
import { zoneOf } from '../../../data/zone.js';
import { moverOf } from '../../../frontend/functions/interval-arithmetic.js';
import type { Bound, Offset, ResolvedFrame } from '../../../frontend/plan/window.js';
import type { Block } from './block.js';

export interface Frames {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** The one key of the order, for ranges with offsets. */
export interface KeyRule {
  readonly type: DataType;
  readonly ascending: boolean;
}

export interface OrderKey extends KeyRule {
  readonly column: Column;
}

export const isWhole = ({ lower, upper }: ResolvedFrame): boolean => lower === 'unboundedPreceding' && upper === 'unboundedFollowing';
/** From the start of the partition: rows are only ever added. */
export const isGrowing = ({ lower }: ResolvedFrame): boolean => lower === 'unboundedPreceding';

export function framesOf(block: Block, frame: ResolvedFrame, key: OrderKey | null): Frames {
  const from = new Int32Array(block.length);
  const to = new Int32Array(block.length);
  const keys = key === null || (typeof frame.lower === 'string' && typeof frame.upper === 'string') ? null : new RangeKeys(key);
  for (let p = 0; p < block.partitions; p++) {
    const [start, end] = [block.starts[p], block.starts[p + 1]];
    fillEnd(block, frame, frame.lower, keys, from, start, end, 0);
    fillEnd(block, frame, frame.upper, keys, to, start, end, 1);
    for (let i = start; i < end; i++) if (to[i] < from[i]) to[i] = from[i];
  }
  return { from, to };
}

/** `after` is 1 for upper ends: the row after the last one of the frame. */
function fillEnd(
  block: Block,
  { unit }: ResolvedFrame,
  bound: Bound,
  keys: RangeKeys | null,
  ends: Int32Array,
  start: number,
  end: number,
  after: 0 | 1,
): void {
  if (bound === 'unboundedPreceding') ends.fill(start, start, end);
  else if (bound === 'unboundedFollowing') ends.fill(end, start, end);
  else if (bound === 'currentRow') {
    if (unit === 'range') {
      const peers = block.peers();
      ends.set((after === 1 ? peers.to : peers.from).subarray(start, end), start);
    } else for (let i = start; i < end; i++) ends[i] = i + after;
  } else if (unit === 'rows') {
    const shift = Number(bound.offset) + after;
    for (let i = start; i < end; i++) ends[i] = Math.max(start, Math.min(end, i + shift));
  } else keys!.fill(ends, start, end, bound, after);
}

/** The values of the key in a block, and where each of them plus an offset lies. */
class RangeKeys {
  private readonly key: OrderKey;
  private readonly values: ArrayLike<number | bigint>;

  constructor(key: OrderKey) {
    this.key = key;
    this.values = valuesOf(key.column, key.type);
  }

  /**
   * ends[i]: the first row that is not before row i's key plus the offset (`after`: the first beyond it). Rows without a key are equal to
   * each other and to nothing else.
   */
  fill(ends: Int32Array, start: number, end: number, offset: Offset, after: 0 | 1): void {
    const { key, values } = this;
    const move = edgeOf(offset, key);
    const { column, ascending } = key;
    let first = start;
    let last = end;
    while (first < end && isNull(column, first)) first++;
    if (first > start) ends.fill(after === 1 ? first : start, start, first);
    while (last > first && isNull(column, last - 1)) last--;
    if (last < end) ends.fill(after === 1 ? end : last, last, end);
    for (let i = first, at = first; i < last; i++) {
      const edge = move(values[i]);
      while (at < last && isBefore(values[at], edge, ascending, after)) at++;
      ends[i] = at;
    }
  }
}

/** The value of the key that lies `offset` further toward the end of the order. Throws DATETIME_OVERFLOW where months lead out of the calendar. */
export function edgeOf({ offset, by, zone }: Offset, { ascending, type }: KeyRule): (value: number | bigint) => number | bigint {
  if (by !== undefined) {
    const move = moverOf(type, by, zone === undefined ? null : zoneOf(zone));
    const signed = ascending ? offset : -offset;
    return (value) => move(type.kind === 'date' ? value : BigInt(value), signed);
  }
  const small = Number(offset);
  const big = typeof offset === 'bigint' ? offset : Number.isInteger(offset) ? BigInt(offset) : 0n;
  return (value) => {
    if (typeof value === 'bigint') return ascending ? value + big : value - big;
    const sum = ascending ? value + small : value - small;
    return type.kind === 'float32' ? Math.fround(sum) : sum;
  };
}

/** Whether a value comes before `edge` in the order, or with `after` is equal to it. NaN is the largest number. */
export function isBefore(value: number | bigint, edge: number | bigint, ascending: boolean, after: 0 | 1): boolean {
  const [a, b] = ascending ? [value, edge] : [edge, value];
  if (a < b) return true;
  if (a > b) return false;
  const isNan = Number.isNaN(a);
  if (isNan !== Number.isNaN(b)) return !isNan;
  return after === 1;
}

/** Beyond this a sum with an offset may not be exact in a double. */
const SAFE_HIGH = 1 << 19;

/** Numbers where sums are exact, else bigints. */
function valuesOf(column: Column, type: DataType): ArrayLike<number | bigint> {
  if (column.layout !== 'fixed') {
    return Array.from({ length: column.length }, (_, i) => (readValue(column, type, i) ?? 0n) as bigint);
  }
  const { values } = column;
  if (!(values instanceof BigInt64Array) || isFloat(type)) return values;
  const lanes = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = 0; i < values.length; i++) if (lanes[2 * i + 1] >= SAFE_HIGH || lanes[2 * i + 1] < -SAFE_HIGH) return values;
  return Float64Array.from(values, Number);
}
