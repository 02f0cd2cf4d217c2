/**
 * Owns: functions whose result is the value of some row: lag, lead, first, last, nth_value, min, max, min_by, max_by. They find that row for
 * every row (-1: null); the values are gathered afterwards, whatever their type.
 */
import { type Column, isNull } from '../../../data/batch.js';
import { rowComparator } from '../../../data/row-order.js';
import type { DataType } from '../../../data/types.js';
import type { Block } from './block.js';
import type { Frames } from './frames.js';

/** The rows of a column that are not null, in order. */
class Present {
  /** All such rows. */
  readonly rows: Int32Array;
  /** before[i]: how many of them lie before row i. */
  readonly before: Int32Array;

  constructor(column: Column) {
    const { length } = column;
    this.before = new Int32Array(length + 1);
    const rows = new Int32Array(length);
    let count = 0;
    for (let i = 0; i < length; i++) {
      this.before[i] = count;
      if (!isNull(column, i)) rows[count++] = i;
    }
    this.before[length] = count;
    this.rows = rows.subarray(0, count);
  }

  /** The n-th (from 0) at or after `from`, if it is before `to`; else -1. */
  after(from: number, to: number, n: number): number {
    const at = this.before[from] + n;
    return at < this.rows.length && this.rows[at] < to ? this.rows[at] : -1;
  }

  /** The n-th (from 0) before `to`, going back, if it is not before `from`; else -1. */
  back(from: number, to: number, n: number): number {
    const at = this.before[to] - 1 - n;
    return at >= 0 && this.rows[at] >= from ? this.rows[at] : -1;
  }
}

/** The row `shift` after each row, in its partition; -1 where there is none. `column` where only its rows with a value count. */
export function shifted(block: Block, shift: number, column: Column | null): Int32Array {
  const rows = new Int32Array(block.length);
  const present = column === null || shift === 0 ? null : new Present(column);
  for (let p = 0; p < block.partitions; p++) {
    const [start, end] = [block.starts[p], block.starts[p + 1]];
    for (let i = start; i < end; i++) {
      if (present === null) rows[i] = i + shift >= start && i + shift < end ? i + shift : -1;
      else rows[i] = shift > 0 ? present.after(i + 1, end, shift - 1) : present.back(start, i, -shift - 1);
    }
  }
  return rows;
}

/** The n-th row of each frame, from 0; `column` where only its rows with a value count. */
export function nth({ from, to }: Frames, n: number, column: Column | null): Int32Array {
  const rows = new Int32Array(from.length);
  const present = column === null ? null : new Present(column);
  for (let i = 0; i < rows.length; i++) {
    if (present === null) rows[i] = from[i] + n < to[i] ? from[i] + n : -1;
    else rows[i] = present.after(from[i], to[i], n);
  }
  return rows;
}

/** The last row of each frame; `column` where only its rows with a value count. */
export function last({ from, to }: Frames, column: Column | null): Int32Array {
  const rows = new Int32Array(from.length);
  const present = column === null ? null : new Present(column);
  for (let i = 0; i < rows.length; i++) {
    if (present === null) rows[i] = from[i] < to[i] ? to[i] - 1 : -1;
    else rows[i] = present.back(from[i], to[i], 0);
  }
  return rows;
}

/**
 * The row of each frame whose value is least (`sign` 1) or greatest (-1), the first of equals; nulls do not count.
 * Keeps the rows that may still become the answer in a queue, best first: each row enters and leaves it once.
 */
export function extreme(
  block: Block,
  { from, to }: Frames,
  column: Column,
  type: DataType,
  sign: 1 | -1,
  lastOfEqual: boolean,
): Int32Array {
  const rows = new Int32Array(block.length);
  const compare = rowComparator([column], [column], [type], [{ ascending: sign === 1, nullsFirst: true }]);
  const queue = new Int32Array(block.length);
  const gone = lastOfEqual ? 0 : 1;
  for (let p = 0; p < block.partitions; p++) {
    const [start, end] = [block.starts[p], block.starts[p + 1]];
    let head = 0;
    let tail = 0;
    for (let i = start, next = start; i < end; i++) {
      for (; next < to[i]; next++) {
        if (isNull(column, next)) continue;
        while (tail > head && compare(queue[tail - 1], next) >= gone) tail--;
        queue[tail++] = next;
      }
      while (head < tail && queue[head] < from[i]) head++;
      rows[i] = head < tail ? queue[head] : -1;
    }
  }
  return rows;
}
