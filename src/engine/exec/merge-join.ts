/**
 * Owns: joins of two sorted sides: both are read once, side by side; rows of equal keys are paired in batches. Of the right side a key's rows
 * are in memory at once; where these are too many, they and their partners go to disk and meet in blocks.
 */
import type { Batch, Column } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import type { RowComparator } from '../../data/row-order.js';
import { sliceBatch } from '../../data/slice.js';
import { take, takeBatch } from '../../data/take.js';
import { BOOLEAN, type DataType } from '../../data/types.js';
import { readValue } from '../../data/value.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { isHalf, keepsBuild, keepsProbe, restOf } from './join-probe.js';
import { type Part, SpilledJoin } from './join-spill.js';
import { noteMemory, operatorBudget } from './memory.js';
import { MergeSide } from './merge-side.js';
import type { Run } from './run.js';
import { Evaluator } from './sort-keys.js';

type MergeOp = PhysicalOf<'mergeJoin'>;

export async function* mergeJoin(op: MergeOp, run: Run): AsyncIterable<Batch> {
  const merge = new Merge(op, run);
  try {
    yield* merge.run();
  } finally {
    await merge.close();
  }
}

class Merge {
  private readonly op: MergeOp;
  private readonly task: Run;
  private readonly left: MergeSide;
  private readonly right: MergeSide;
  private readonly types: readonly DataType[];
  private readonly condition: Evaluator | null;
  private readonly maxRows: number;
  private compare: RowComparator = () => 0;
  /** Pairs of rows of the two windows that are to be put together. */
  private readonly leftRows: Int32Array;
  private readonly rightRows: Int32Array;
  private pairs = 0;
  /** So many pairs make about a batch. */
  private room = 1;
  /** Of the left side come rows, of the right none. */
  private readonly isHalf: boolean;
  private readonly keepsLeft: boolean;
  private readonly keepsRight: boolean;

  constructor(op: MergeOp, run: Run) {
    this.op = op;
    this.task = run;
    const { context } = run;
    const { nullSafe } = op;
    this.left = new MergeSide(run.execute(op.left), op.left.schema, { exprs: op.leftKeys, nullSafe }, run);
    this.right = new MergeSide(run.execute(op.right), op.right.schema, { exprs: op.rightKeys, nullSafe }, run);
    this.types = [...op.left.schema.fields, ...op.right.schema.fields].map((f) => f.type);
    this.condition = op.condition && new Evaluator([op.condition], this.types, context, run.partition);
    this.maxRows = context.config.get('batch.rows');
    this.leftRows = new Int32Array(this.maxRows);
    this.rightRows = new Int32Array(this.maxRows);
    this.isHalf = isHalf(op);
    this.keepsLeft = keepsProbe({ how: op.how, build: 'right' });
    this.keepsRight = keepsBuild({ how: op.how, build: 'right' });
  }

  /** Whether rows of the side come out without a partner (for semi and anti joins: whether they are what comes out). */
  private keeps(side: MergeSide): boolean {
    return side === this.left ? this.keepsLeft : this.keepsRight;
  }

  async *run(): AsyncIterable<Batch> {
    const { left, right } = this;
    for (;;) {
      if (left.isAtEnd && !(yield* this.advance(left, left.row))) break;
      if (right.isAtEnd && !(yield* this.advance(right, right.row))) break;
      // A null is before all else on both sides.
      if (left.isNullKey(left.row)) {
        left.row++;
        continue;
      }
      if (right.isNullKey(right.row)) {
        right.row++;
        continue;
      }
      const order = this.compare(left.row, right.row);
      if (order < 0) left.row++;
      else if (order > 0) right.row++;
      else if (!this.groupInside()) yield* this.group();
    }
    // One side is over: nothing of the other has a partner any more, so the rest is read only where it comes out alone.
    for (const side of [left, right]) {
      if (!this.keeps(side)) continue;
      do side.row = side.batch.length;
      while (yield* this.advance(side, side.row));
    }
  }

  /**
   * The window of a side goes on; its rows from `keep` on stay in it, those before it come out where they are to come out alone. False where
   * there are no more: then what was to stay does, and what is before it too.
   */
  private async *advance(side: MergeSide, keep: number): AsyncGenerator<Batch, boolean> {
    yield* this.flush();
    const gone = sliceBatch(side.batch, 0, keep);
    const { hits } = side;
    const isWhole = keep === side.batch.length;
    const more = await side.extend(keep, operatorBudget(this.task.context));
    if (more || isWhole) {
      if (this.keeps(side)) yield* this.alone(side, restOf(this.op, gone, hits, 0));
      if (!more) side.empty();
    }
    this.moved();
    return more;
  }

  private moved(): void {
    const { left, right, task } = this;
    task.context.checkCancelled();
    if (left.batch.length === 0 || right.batch.length === 0) return;
    this.compare = left.comparatorWith(right);
    noteMemory(task.context, left.byteSize + right.byteSize);
    const bytes = left.byteSize / left.batch.length + right.byteSize / right.batch.length;
    this.room = Math.max(1, Math.min(this.maxRows, Math.floor(task.context.config.get('batch.bytes') / bytes)));
  }

  /**
   * The current rows are equal: notes all left rows of this key with all right ones. False, and nothing is done, where one of them may be
   * behind its window, or the pairs would be more than a batch. Most keys are done here: without a promise for each row.
   */
  private groupInside(): boolean {
    const { left, right } = this;
    const [leftEnd, rightEnd] = [left.endOfKey(), right.endOfKey()];
    if (leftEnd === left.batch.length || rightEnd === right.batch.length) return false;
    if (this.isHalf && this.condition === null) left.hits.fill(1, left.row, leftEnd);
    else {
      if (this.pairs + (leftEnd - left.row) * (rightEnd - right.row) >= this.room) return false;
      for (let i = left.row; i < leftEnd; i++) {
        for (let j = right.row; j < rightEnd; j++) {
          this.leftRows[this.pairs] = i;
          this.rightRows[this.pairs++] = j;
        }
      }
    }
    left.row = leftEnd;
    right.row = rightEnd;
    return true;
  }

  /** As above, whatever there is of the key. */
  private async *group(): AsyncIterable<Batch> {
    const { left, right } = this;
    let end = right.row + 1;
    for (;;) {
      while (end < right.batch.length && right.isSame(right.row, end)) end++;
      if (end < right.batch.length) break;
      if (right.byteSize > operatorBudget(this.task.context)) {
        yield* this.largeGroup();
        return;
      }
      const known = end - right.row;
      if (!(yield* this.advance(right, right.row))) break;
      end = right.row + known;
    }
    for (;;) {
      if (this.isHalf && this.condition === null) left.hits[left.row] = 1;
      else yield* this.pair(left.row, right.row, end);
      left.row++;
      if (left.isAtEnd && !(yield* this.advance(left, left.row))) break;
      if (this.compare(left.row, right.row) !== 0) break;
    }
    right.row = end;
  }

  private *pair(row: number, from: number, to: number): Iterable<Batch> {
    for (let j = from; j < to; j++) {
      this.leftRows[this.pairs] = row;
      this.rightRows[this.pairs++] = j;
      if (this.pairs >= this.room) yield* this.flush();
    }
  }

  /** Puts the pairs together that wait, and notes which of their rows had a partner. */
  private *flush(): Iterable<Batch> {
    const { left, right, leftRows, rightRows } = this;
    if (this.pairs === 0) return;
    let count = this.pairs;
    this.pairs = 0;
    let columns = [...takeBatch(left.batch, leftRows, count).columns, ...takeBatch(right.batch, rightRows, count).columns];
    if (this.condition !== null) {
      const [passes] = this.condition.evaluate({ length: count, columns });
      const passing = this.passing(passes, count);
      if (passing.length < count) columns = columns.map((column) => take(column, passing, passing.length));
      count = passing.length;
    }
    for (let i = 0; i < count; i++) {
      left.hits[leftRows[i]] = 1;
      right.hits[rightRows[i]] = 1;
    }
    if (count > 0 && !this.isHalf) yield { length: count, columns };
  }

  /** The pairs for which the condition is true; `leftRows` and `rightRows` then begin with them. */
  private passing(passes: Column, count: number): Int32Array {
    const rows = new Int32Array(count);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (readValue(passes, BOOLEAN, i) !== true) continue;
      this.leftRows[kept] = this.leftRows[i];
      this.rightRows[kept] = this.rightRows[i];
      rows[kept++] = i;
    }
    return rows.subarray(0, kept);
  }

  /** Rows of one side with nulls for the other. */
  private *alone(side: MergeSide, rows: Batch): Iterable<Batch> {
    if (rows.length === 0) return;
    if (this.isHalf) {
      yield rows;
      return;
    }
    const none = concatBatches((side === this.left ? this.right : this.left).schema, []);
    const nulls = takeBatch(none, new Int32Array(rows.length).fill(-1), rows.length);
    const [first, second] = side === this.left ? [rows, nulls] : [nulls, rows];
    yield { length: rows.length, columns: [...first.columns, ...second.columns] };
  }

  /** All rows of the current key go to disk on both sides; there they are joined without a key, for all have the same. */
  private async *largeGroup(): AsyncIterable<Batch> {
    const { op, task } = this;
    const join = new SpilledJoin(
      { ...op, kind: 'hashJoin', build: 'right', leftKeys: [], rightKeys: [], nullSafe: [] },
      task,
      operatorBudget(task.context),
    );
    try {
      const right = join.part(op.right.schema);
      const left = join.part(op.left.schema);
      yield* this.takeGroup(this.right, right);
      yield* this.takeGroup(this.left, left);
      yield* join.blocks(right, left);
      yield* join.finish();
    } finally {
      join.close();
    }
  }

  /** The rows from the current one on that are equal to it, a window at a time; here nothing more is to come of them. */
  private async *takeGroup(side: MergeSide, part: Part): AsyncIterable<Batch> {
    const done = this.op.how === 'semi' ? 0 : 1;
    const takeTo = (end: number): void => {
      if (end > side.row) part.write(sliceBatch(side.batch, side.row, end));
      side.hits.fill(done, side.row, end);
      side.row = end;
    };
    for (;;) {
      let end = side.row + 1;
      while (end < side.batch.length && side.isSame(side.row, end)) end++;
      if (end < side.batch.length) {
        takeTo(end);
        return;
      }
      // One row stays, to compare the next batch with.
      takeTo(end - 1);
      if (yield* this.advance(side, side.row)) continue;
      takeTo(side.batch.length);
      return;
    }
  }

  async close(): Promise<void> {
    await this.left.close();
    await this.right.close();
  }
}
