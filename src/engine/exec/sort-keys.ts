/**
 * Owns: evaluating sort keys over a batch, and the order of a batch's rows by them.
 * The bits of the first key are sorted by radix (radix-order.ts); the full comparator decides ties.
 */
import type { Batch, Column } from '../../data/batch.js';
import { columnOf } from '../../data/builder.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { type RowComparator, rowComparator } from '../../data/row-order.js';
import type { DataType } from '../../data/types.js';
import type { SortKey } from '../../frontend/plan/expression.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import { OutputSink } from '../codegen/output-sink.js';
import { Pipeline, projectStep } from '../codegen/pipeline.js';
import { type KeyBits, keyBits, radixSort, rowsByNull, turnOver } from './radix-order.js';
import type { TaskContext } from './task-context.js';

/** Columns of expressions over batches of one schema; those that are plain columns are passed through. */
export class Evaluator {
  private readonly exprs: readonly BoundExpr[];
  private readonly computed: readonly BoundExpr[];
  private readonly sink: OutputSink;
  private readonly pipeline: Pipeline;

  /** `partition`: of the rows, where it is not the task's (see `Run`). */
  constructor(exprs: readonly BoundExpr[], input: readonly DataType[], context: TaskContext, partition = context.key.partition) {
    this.exprs = exprs;
    this.computed = exprs.filter((e) => e.kind !== 'input');
    this.sink = new OutputSink(
      this.computed.map((e) => e.type),
      Number.MAX_SAFE_INTEGER,
      Number.POSITIVE_INFINITY,
    );
    const steps = [projectStep(this.computed, context.closure.bind(context))];
    this.pipeline = new Pipeline({
      name: 'evaluate',
      input,
      steps,
      sink: this.sink,
      maxCached: context.config.get('codegen.maxCachedFunctions'),
      partition,
    });
  }

  evaluate(batch: Batch): Column[] {
    if (this.computed.length > 0) this.pipeline.run(batch);
    const made = this.computed.length > 0 && batch.length > 0 ? this.sink.finish()[0].columns : [];
    let next = 0;
    return this.exprs.map((e) => (e.kind === 'input' ? batch.columns[e.index] : (made[next++] ?? columnOf(e.type, []))));
  }
}

/** Fewer rows are sorted by comparing them: counting digits would take longer. */
const MOST_COMPARED = 200;

/** Row numbers of `keys` in sort order; equal rows stay in their order. */
export function sortedRows(keys: readonly Column[], order: readonly SortKey<BoundExpr>[], length: number): Int32Array {
  const plain = keys.map(decodeDictionary);
  const types = order.map((k) => k.expr.type);
  const compare = rowComparator(plain, plain, types, order);
  const bits = length > MOST_COMPARED ? keyBits(plain[0]) : null;
  if (bits === null) {
    const rows = new Int32Array(length);
    for (let i = 0; i < length; i++) rows[i] = i;
    return rows.sort((a, b) => compare(a, b) || a - b);
  }
  if (!order[0].ascending) turnOver(bits);
  const { nullsFirst } = order[0];
  const { rows, nulls } = rowsByNull(plain[0], nullsFirst);
  const [from, to] = nullsFirst ? [nulls, length] : [0, length - nulls];
  radixSort(rows, from, to, bits);
  const isDecided = bits.isExact && order.length === 1;
  if (!isDecided) sortTies(rows, from, to, bits, compare);
  if (order.length > 1) sortRange(rows, nullsFirst ? 0 : to, nullsFirst ? nulls : length, compare);
  return rows;
}

/** Rows of equal bits by the comparator. */
function sortTies(rows: Int32Array, from: number, to: number, { high, low }: KeyBits, compare: RowComparator): void {
  for (let start = from; start < to; ) {
    const row = rows[start];
    let end = start + 1;
    while (end < to && low[rows[end]] === low[row] && high[rows[end]] === high[row]) end++;
    sortRange(rows, start, end, compare);
    start = end;
  }
}

/** Longer ranges are handed to the engine's own sort. */
const MOST_INSERTED = 12;

function sortRange(rows: Int32Array, from: number, to: number, compare: RowComparator): void {
  if (to - from > MOST_INSERTED) {
    rows.subarray(from, to).sort((a, b) => compare(a, b) || a - b);
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const row = rows[i];
    let at = i;
    for (; at > from && compare(rows[at - 1], row) > 0; at--) rows[at] = rows[at - 1];
    rows[at] = row;
  }
}
