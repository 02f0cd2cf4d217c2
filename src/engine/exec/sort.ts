/**
 * Owns: sorting a partition: in memory up to the budget, then in sorted runs on disk that are merged; with a limit, only the first rows are kept.
 */
import type { Batch } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { batchBytes } from '../../data/size.js';
import { sliceBatch } from '../../data/slice.js';
import { takeBatch } from '../../data/take.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { noteMemory, operatorBudget } from './memory.js';
import type { Run } from './run.js';
import { Evaluator, sortedRows } from './sort-keys.js';
import { SortRuns } from './sort-runs.js';

type SortOp = PhysicalOf<'sort'>;

export async function* sort(op: SortOp, run: Run): AsyncIterable<Batch> {
  const { context } = run;
  const size = context.config.get('batch.rows');
  const budget = operatorBudget(context);
  const evaluator = new Evaluator(
    op.keys.map((k) => k.expr),
    op.schema.fields.map((f) => f.type),
    context,
    run.partition,
  );
  const runs = new SortRuns(op, evaluator, context);
  let pending: Batch[] = [];
  let bytes = 0;
  let rows = 0;
  try {
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
        runs.add([sortRun(op, pending, evaluator)]);
        pending = [];
        bytes = rows = 0;
      }
    }
    const last = sortRun(op, pending, evaluator);
    if (runs.isEmpty) {
      for (let from = 0; from < last.length; from += size) yield sliceBatch(last, from, Math.min(last.length, from + size));
    } else {
      pending = [];
      if (last.length > 0) runs.add([last]);
      yield* runs.merge();
    }
  } finally {
    runs.close();
  }
}

function sortRun(op: SortOp, batches: readonly Batch[], evaluator: Evaluator): Batch {
  const all = concatBatches(op.schema, batches);
  if (all.length === 0) return all;
  const order = sortedRows(evaluator.evaluate(all), op.keys, all.length);
  return takeBatch(all, order, Math.min(all.length, op.limit ?? all.length));
}
