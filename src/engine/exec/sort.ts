/**
 * Owns: sorting a partition: in memory up to the budget, then in sorted runs on disk that are merged; with a limit, only the first rows are kept.
 */
import type { Batch, Column } from '../../data/batch.js';
import { createBuilder } from '../../data/builder.js';
import { concatBatches } from '../../data/concat.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { type RowComparator, rowComparator } from '../../data/row-order.js';
import { batchBytes } from '../../data/size.js';
import { sliceBatch } from '../../data/slice.js';
import { takeBatch } from '../../data/take.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { noteMemory, operatorBudget } from './memory.js';
import type { Run } from './run.js';
import { Evaluator, sortedRows } from './sort-keys.js';
import { SpillFile } from './spill-file.js';

type SortOp = PhysicalOf<'sort'>;

export async function* sort(op: SortOp, run: Run): AsyncIterable<Batch> {
  const { context } = run;
  const size = context.config.get('batch.rows');
  const budget = operatorBudget(context);
  const evaluator = new Evaluator(
    op.keys.map((k) => k.expr),
    op.schema.fields.map((f) => f.type),
    context,
  );
  const runs: SpillFile[] = [];
  let pending: Batch[] = [];
  let bytes = 0;
  let rows = 0;
  for await (const batch of run.execute(op.child)) {
    context.checkCancelled();
    pending.push(batch);
    bytes += batchBytes(batch);
    rows += batch.length;
    noteMemory(context, bytes);
    if (op.limit !== null && rows > 2 * op.limit + size) {
      const kept = sortRun(op, pending, evaluator);
      pending = [kept];
      bytes = batchBytes(kept);
      rows = kept.length;
    }
    // Sorting takes the batches, their concatenation and the sorted copy.
    if (bytes * 3 > budget) {
      runs.push(spillRun(op, sortRun(op, pending, evaluator), run));
      pending = [];
      bytes = rows = 0;
    }
  }
  if (runs.length === 0) {
    const sorted = sortRun(op, pending, evaluator);
    for (let from = 0; from < sorted.length; from += size) yield sliceBatch(sorted, from, Math.min(sorted.length, from + size));
    return;
  }
  if (rows > 0) runs.push(spillRun(op, sortRun(op, pending, evaluator), run));
  yield* mergeRuns(op, runs, evaluator, size);
}

function sortRun(op: SortOp, batches: readonly Batch[], evaluator: Evaluator): Batch {
  const all = concatBatches(op.schema, batches);
  if (all.length === 0) return all;
  const order = sortedRows(evaluator.evaluate(all), op.keys, all.length);
  return takeBatch(all, order, Math.min(all.length, op.limit ?? all.length));
}

/** Rows of a frame of a run: small, since a merge holds one frame of every run. */
const RUN_ROWS = 4096;

function spillRun(op: SortOp, sorted: Batch, run: Run): SpillFile {
  const file = new SpillFile(run.context, op.schema);
  for (let from = 0; from < sorted.length; from += RUN_ROWS) file.write(sliceBatch(sorted, from, Math.min(sorted.length, from + RUN_ROWS)));
  return file;
}

/** One run's current frame and row. */
interface Cursor {
  readonly frames: Iterator<Batch>;
  batch: Batch;
  keys: readonly Column[];
  row: number;
}

function* mergeRuns(op: SortOp, runs: readonly SpillFile[], evaluator: Evaluator, size: number): Iterable<Batch> {
  const cursors: Cursor[] = [];
  for (const run of runs) {
    const cursor: Cursor = { frames: run.read()[Symbol.iterator](), batch: { length: 0, columns: [] }, keys: [], row: 0 };
    if (nextFrame(cursor, evaluator)) cursors.push(cursor);
  }
  const types = op.keys.map((k) => k.expr.type);
  // Made once for two frames, not once a row.
  const comparators = new Map<Cursor, Map<Cursor, RowComparator>>();
  const comparator = (a: Cursor, b: Cursor): RowComparator => {
    const ofA = comparators.get(a) ?? new Map<Cursor, RowComparator>();
    comparators.set(a, ofA);
    const compare = ofA.get(b) ?? rowComparator(a.keys, b.keys, types, op.keys);
    ofA.set(b, compare);
    return compare;
  };
  const before = (a: Cursor, b: Cursor): boolean => comparator(a, b)(a.row, b.row) <= 0;
  const builders = op.schema.fields.map((f) => createBuilder(f.type, size));
  let length = 0;
  let left = op.limit ?? Number.POSITIVE_INFINITY;
  while (cursors.length > 0 && left-- > 0) {
    let first = cursors[0];
    for (let k = 1; k < cursors.length; k++) if (!before(first, cursors[k])) first = cursors[k];
    builders.forEach((builder, k) => {
      builder.appendFrom(first.batch.columns[k], first.row);
    });
    if (++length === size) {
      yield { length, columns: builders.map((b) => b.finish()) };
      length = 0;
    }
    if (++first.row < first.batch.length) continue;
    comparators.delete(first);
    for (const others of comparators.values()) others.delete(first);
    if (!nextFrame(first, evaluator)) cursors.splice(cursors.indexOf(first), 1);
  }
  if (length > 0) yield { length, columns: builders.map((b) => b.finish()) };
  for (const run of runs) run.close();
}

function nextFrame(cursor: Cursor, evaluator: Evaluator): boolean {
  const next = cursor.frames.next();
  if (next.done) return false;
  cursor.batch = next.value;
  cursor.keys = evaluator.evaluate(next.value).map(decodeDictionary);
  cursor.row = 0;
  return true;
}
