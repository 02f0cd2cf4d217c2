/**
 * Owns: window functions over one partition that lies on disk: a row at a time, along cursors that only move forward. What it holds is as much
 * as the frames call for, not the partition.
 */
import { compareValues, type EngineValue } from '../../../data/value.js';
import { exactMean } from '../../../frontend/functions/aggregate-count.js';
import { checkSum } from '../../../frontend/functions/aggregate-sum.js';
import type { Bound, ResolvedFrame } from '../../../frontend/plan/window.js';
import { callOf } from '../../codegen/expression.js';
import { FreshStates, GrowingStates, NARROW, SlidingStates, type States } from './accumulate.js';
import { accumulationOf, type BlockCall, literalOf, shiftOf } from './compute.js';
import { PeerCursor, type RowCursor } from './cursor.js';
import { frameWalk, type Partition } from './frame-walk.js';
import { isGrowing } from './frames.js';
import { tileOf } from './ranking.js';
import { isExact } from './sums.js';

type Value = EngineValue | null;
/** The result of row i; asked for every row in turn. */
type Walk = (row: number) => Value;

export function walk(partition: Partition, blockCall: BlockCall): Walk {
  const { call } = blockCall;
  const { rows } = partition;
  switch (call.fn) {
    case 'row_number':
      return (row) => row + 1;
    case 'ntile':
      return (row) => tileOf(row, rows, Number(literalOf(call.args[0]) ?? 1));
    case 'rank':
      return overPeers(partition, ({ from }) => from + 1);
    case 'dense_rank': {
      let rank = 0;
      return overPeers(partition, ({ from }, row) => (from === row ? ++rank : rank));
    }
    case 'percent_rank':
      return overPeers(partition, ({ from }) => (rows === 1 ? 0 : from / (rows - 1)));
    case 'cume_dist':
      return overPeers(partition, ({ to }) => to / rows);
    case 'lag':
    case 'lead':
      return shiftedWalk(partition, blockCall);
    case 'nth_value':
      return nthWalk(partition, blockCall, Number(literalOf(call.args[1])) - 1, literalOf(call.args[2]) === true);
    case 'first':
    case 'any_value':
      return nthWalk(partition, blockCall, 0, literalOf(call.args[1]) === true);
    case 'last':
      return lastWalk(partition, blockCall, literalOf(call.args[1]) === true);
    case 'min':
    case 'max':
    case 'min_by':
    case 'max_by':
      return extremeWalk(partition, blockCall);
    default:
      return isAdditive(blockCall) ? additiveWalk(partition, blockCall) : accumulatedWalk(partition, blockCall);
  }
}

function overPeers(partition: Partition, value: (peers: PeerCursor, row: number) => number): Walk {
  const peers = new PeerCursor(partition.open(), partition.rows, partition.order);
  return (row) => {
    peers.moveTo(row);
    return value(peers, row);
  };
}

/** Values with their rows, in order, of which the first ones are dropped again. */
class Queue {
  private items: { readonly row: number; readonly value: Value; readonly by: Value }[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  at(index: number) {
    return this.items[this.head + index];
  }

  push(row: number, value: Value, by: Value = null): void {
    this.items.push({ row, value, by });
  }

  pop(): void {
    this.items.pop();
  }

  dropBefore(row: number): void {
    while (this.head < this.items.length && this.items[this.head].row < row) this.head++;
    if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }
}

function shiftedWalk(partition: Partition, { call, args }: BlockCall): Walk {
  const { rows } = partition;
  const shift = shiftOf(call);
  const [current, other] = [partition.open(), partition.open()];
  const fallback: Walk = (row) => (args.length > 2 ? current.value(row, args[2]) : null);
  if (literalOf(call.args[3]) !== true || shift === 0) {
    return (row) => (row + shift < 0 || row + shift >= rows ? fallback(row) : other.value(row + shift, args[0]));
  }
  const queue = new Queue();
  const wanted = Math.abs(shift);
  let next = 0;
  const take = (): void => {
    const value = other.value(next, args[0]);
    if (value !== null) queue.push(next, value);
    next++;
  };
  if (shift < 0) {
    return (row) => {
      while (next < row) take();
      if (queue.length > wanted) queue.dropBefore(queue.at(queue.length - wanted).row);
      return queue.length < wanted ? fallback(row) : queue.at(queue.length - wanted).value;
    };
  }
  return (row) => {
    queue.dropBefore(row + 1);
    next = Math.max(next, row + 1);
    while (next < rows && queue.length < wanted) take();
    return queue.length < wanted ? fallback(row) : queue.at(wanted - 1).value;
  };
}

function nthWalk(partition: Partition, { call, args, key }: BlockCall, n: number, ignoresNulls: boolean): Walk {
  const frame = frameWalk(partition, call.frame, key);
  const cursor = partition.open();
  if (!ignoresNulls) {
    return (row) => {
      const { from, to } = frame(row);
      return from + n < to ? cursor.value(from + n, args[0]) : null;
    };
  }
  const queue = new Queue();
  let next = 0;
  return (row) => {
    const { from, to } = frame(row);
    queue.dropBefore(from);
    next = Math.max(next, from);
    for (; next < to && queue.length <= n; next++) {
      const value = cursor.value(next, args[0]);
      if (value !== null) queue.push(next, value);
    }
    return queue.length > n && queue.at(n).row < to ? queue.at(n).value : null;
  };
}

function lastWalk(partition: Partition, { call, args, key }: BlockCall, ignoresNulls: boolean): Walk {
  const frame = frameWalk(partition, call.frame, key);
  const cursor = partition.open();
  let next = 0;
  let last: { readonly row: number; readonly value: Value } = { row: -1, value: null };
  return (row) => {
    const { from, to } = frame(row);
    if (from === to) return null;
    if (!ignoresNulls) next = Math.max(next, to - 1);
    for (; next < to; next++) {
      const value = cursor.value(next, args[0]);
      if (!ignoresNulls || value !== null) last = { row: next, value };
    }
    return last.row >= from ? last.value : null;
  };
}

/** As `extreme` of positions.ts, with the values themselves; a frame that only grows keeps its best row alone. */
function extremeWalk(partition: Partition, { call, args, key }: BlockCall): Walk {
  const frame = frameWalk(partition, call.frame, key);
  const cursor = partition.open();
  const by = call.fn.endsWith('_by') ? 1 : 0;
  const { type } = call.args[by];
  const sign = call.fn.startsWith('min') ? 1 : -1;
  const grows = isGrowing(call.frame);
  const queue = new Queue();
  // Of equal ones min_by and max_by take the last.
  const gone = by === 0 ? 1 : 0;
  let next = 0;
  return (row) => {
    const { from, to } = frame(row);
    for (; next < to; next++) {
      const measure = cursor.value(next, args[by]);
      if (measure === null) continue;
      while (queue.length > 0 && compareValues(queue.at(queue.length - 1).by!, measure, type) * sign >= gone) queue.pop();
      if (!grows || queue.length === 0) queue.push(next, by === 0 ? measure : cursor.value(next, args[0]), measure);
    }
    queue.dropBefore(from);
    return queue.length > 0 ? queue.at(0).value : null;
  };
}

const isAdditive = ({ call: { fn, args } }: BlockCall): boolean =>
  fn === 'count' || ((fn === 'sum' || fn === 'avg') && isExact(args[0].type));

/** count, sum, avg of exact numbers: rows that enter the frame are added, those that leave it subtracted. */
function additiveWalk(partition: Partition, { call, args, key }: BlockCall): Walk {
  const frame = frameWalk(partition, call.frame, key);
  const [entering, leaving] = [partition.open(), partition.open()];
  const finish = finishOf(call);
  let [first, next, count, sum] = [0, 0, 0, 0n];
  const add = (cursor: RowCursor, row: number, sign: 1 | -1): void => {
    const values = cursor.values(row, args);
    if (values.includes(null)) return;
    count += sign;
    if (call.fn !== 'count') sum += BigInt(sign) * BigInt(values[0] as number | bigint);
  };
  return (row) => {
    const { from, to } = frame(row);
    for (; next < to; next++) add(entering, next, 1);
    for (; first < from; first++) add(leaving, first, -1);
    return finish(sum, count);
  };
}

function finishOf({ fn, args, type }: BlockCall['call']): (sum: bigint, count: number) => Value {
  if (fn === 'count') return (_, count) => BigInt(count);
  if (fn === 'sum') return (sum, count) => (count === 0 ? null : checkSum(sum, type));
  if (type.kind !== 'decimal') return (sum, count) => (count === 0 ? null : Number(sum) / count);
  const mean = exactMean(callOf(fn, args, type));
  return (sum, count) => (count === 0 ? null : mean(sum, count));
}

function accumulatedWalk(partition: Partition, blockCall: BlockCall): Walk {
  const { call, args, key } = blockCall;
  const frame = frameWalk(partition, call.frame, key);
  const { accumulator, isSmall } = accumulationOf(blockCall);
  const cursor = partition.open();
  /** Arguments of the rows of the frame; a frame that only grows reads each row once. */
  const held: (readonly Value[])[] = [];
  let base = 0;
  const grows = isGrowing(call.frame);
  const argumentsOf = (row: number): readonly Value[] => {
    if (grows) return cursor.values(row, args);
    while (base + held.length <= row) held.push(cursor.values(base + held.length, args));
    return held[row - base];
  };
  let states: States;
  if (grows) states = new GrowingStates(accumulator, argumentsOf, 0);
  else if (isSmall && !isNarrow(call.frame)) states = new SlidingStates(accumulator, argumentsOf, 0);
  else states = new FreshStates(accumulator, argumentsOf);
  let known = { from: -1, to: -1 };
  let value: Value = null;
  return (row) => {
    const { from, to } = frame(row);
    if (from === known.from && to === known.to) return value;
    if (from - base > 1024 && (from - base) * 2 > held.length) {
      held.splice(0, from - base);
      base = from;
    }
    known = { from, to };
    value = accumulator.finish(states.over(from, to));
    return value;
  };
}

const isNarrow = ({ unit, lower, upper }: ResolvedFrame): boolean => {
  const offset = (bound: Bound): number =>
    typeof bound !== 'string' ? Number(bound.offset) : bound === 'currentRow' ? 0 : Number.POSITIVE_INFINITY;
  return unit === 'rows' && offset(upper) - offset(lower) < NARROW;
};
