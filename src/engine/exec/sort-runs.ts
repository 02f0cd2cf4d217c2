/**
 * Owns: the sorted runs of a sort that outgrew its budget: on disk, merged with each other before they become too many, and merged at the end.
 * Rows that are equal come out in the order in which they went in.
 */
import type { Batch, Column } from '../../data/batch.js';
import { createBuilder } from '../../data/builder.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { type RowComparator, rowComparator } from '../../data/row-order.js';
import { batchBytes } from '../../data/size.js';
import { sliceBatch } from '../../data/slice.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import type { Evaluator } from './sort-keys.js';
import { SpillFile } from './spill-file.js';
import type { TaskContext } from './task-context.js';

type SortOp = PhysicalOf<'sort'>;

/** A merge reads so many runs at once: as many files are open and frames in memory. */
const MERGED_RUNS = 32;
/** A frame of a run: small, since a merge holds one frame of every run. */
const FRAME_ROWS = 4096;
const FRAME_BYTES = 1 << 20;

export class SortRuns {
  private readonly op: SortOp;
  private readonly evaluator: Evaluator;
  private readonly context: TaskContext;
  /** `levels[l]` are merges of MERGED_RUNS^l first runs; all of a higher level are older than those of a lower one. */
  private readonly levels: SpillFile[][] = [];

  constructor(op: SortOp, evaluator: Evaluator, context: TaskContext) {
    this.op = op;
    this.evaluator = evaluator;
    this.context = context;
  }

  get isEmpty(): boolean {
    return this.levels.length === 0;
  }

  /** Adds one run: sorted batches, those of later rows than all before. */
  add(sorted: Iterable<Batch>): void {
    this.addTo(0, sorted);
  }

  private addTo(level: number, sorted: Iterable<Batch>): void {
    const file = new SpillFile(this.context, this.op.schema);
    this.levels[level] ??= [];
    this.levels[level].push(file);
    for (const batch of sorted) for (const frame of framesOf(batch)) file.write(frame);
    if (this.levels[level].length < MERGED_RUNS) return;
    const runs = this.levels[level];
    this.addTo(level + 1, this.mergeOf(runs));
    for (const run of runs) run.close();
    this.levels[level] = [];
  }

  /** All rows in order. */
  merge(): Iterable<Batch> {
    return this.mergeOf([...this.levels].reverse().flat());
  }

  /** Removes the files; may be called at any time. */
  close(): void {
    for (const run of this.levels.flat()) run.close();
  }

  private *mergeOf(runs: readonly SpillFile[]): Iterable<Batch> {
    const { op, context } = this;
    const [maxRows, maxBytes] = [context.config.get('batch.rows'), context.config.get('batch.bytes')];
    const merge = new Merge(op, runs, this.evaluator);
    const builders = op.schema.fields.map((f) => createBuilder(f.type, Math.min(maxRows, FRAME_ROWS)));
    let length = 0;
    for (let left = op.limit ?? Number.POSITIVE_INFINITY; left > 0 && merge.next(); left--) {
      builders.forEach((builder, k) => {
        builder.appendFrom(merge.batch.columns[k], merge.row);
      });
      length++;
      const isFull = length === maxRows || ((length & 63) === 0 && builders.reduce((sum, b) => sum + b.byteSize(), 0) >= maxBytes);
      if (!isFull) continue;
      context.checkCancelled();
      yield { length, columns: builders.map((b) => b.finish()) };
      length = 0;
    }
    if (length > 0) yield { length, columns: builders.map((b) => b.finish()) };
  }
}

function* framesOf(batch: Batch): Iterable<Batch> {
  const fitting = Math.floor((batch.length * FRAME_BYTES) / Math.max(1, batchBytes(batch)));
  const rows = Math.max(1, Math.min(FRAME_ROWS, fitting));
  for (let from = 0; from < batch.length; from += rows) yield sliceBatch(batch, from, Math.min(batch.length, from + rows));
}

/** One run's current frame and row. */
interface Cursor {
  readonly frames: Iterator<Batch>;
  batch: Batch;
  keys: readonly Column[];
  row: number;
}

/** Walks the rows of several runs in order: after each `next` that is true, `batch` and `row` say where the row lies. */
class Merge {
  batch: Batch = { length: 0, columns: [] };
  row = 0;
  private readonly op: SortOp;
  private readonly evaluator: Evaluator;
  /** In the order of their runs, so that of equal rows the oldest comes first. */
  private readonly cursors: Cursor[] = [];
  /** Made once for two frames, not once a row. */
  private readonly comparators = new Map<Cursor, Map<Cursor, RowComparator>>();
  private current: Cursor | null = null;

  constructor(op: SortOp, runs: readonly SpillFile[], evaluator: Evaluator) {
    this.op = op;
    this.evaluator = evaluator;
    for (const run of runs) {
      const cursor: Cursor = { frames: run.read()[Symbol.iterator](), batch: this.batch, keys: [], row: 0 };
      if (this.nextFrame(cursor)) this.cursors.push(cursor);
    }
  }

  next(): boolean {
    if (this.current !== null) this.advance(this.current);
    const { cursors } = this;
    if (cursors.length === 0) return false;
    let first = cursors[0];
    for (let k = 1; k < cursors.length; k++) if (this.comparator(first, cursors[k])(first.row, cursors[k].row) > 0) first = cursors[k];
    this.current = first;
    this.batch = first.batch;
    this.row = first.row;
    return true;
  }

  private advance(cursor: Cursor): void {
    if (++cursor.row < cursor.batch.length) return;
    this.comparators.delete(cursor);
    for (const others of this.comparators.values()) others.delete(cursor);
    if (!this.nextFrame(cursor)) this.cursors.splice(this.cursors.indexOf(cursor), 1);
  }

  private nextFrame(cursor: Cursor): boolean {
    const next = cursor.frames.next();
    if (next.done) return false;
    cursor.batch = next.value;
    cursor.keys = this.evaluator.evaluate(next.value).map(decodeDictionary);
    cursor.row = 0;
    return true;
  }

  private comparator(a: Cursor, b: Cursor): RowComparator {
    let ofA = this.comparators.get(a);
    if (ofA === undefined) {
      ofA = new Map();
      this.comparators.set(a, ofA);
    }
    let compare = ofA.get(b);
    if (compare === undefined) {
      const types = this.op.keys.map((k) => k.expr.type);
      compare = rowComparator(a.keys, b.keys, types, this.op.keys);
      ofA.set(b, compare);
    }
    return compare;
  }
}
