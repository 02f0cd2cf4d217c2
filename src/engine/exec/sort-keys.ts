/**
 * Owns: evaluating sort keys over a batch, and the order of a batch's rows by them.
 * A double per row, monotone in the first key, decides most comparisons; the full comparator decides ties.
 */
import type { Batch, Column, ColumnOf } from '../../data/batch.js';
import { isNull } from '../../data/batch.js';
import { columnOf } from '../../data/builder.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { rowComparator } from '../../data/row-order.js';
import type { DataType } from '../../data/types.js';
import type { SortKey } from '../../frontend/plan/expression.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import { OutputSink } from '../codegen/output-sink.js';
import { Pipeline, projectStep } from '../codegen/pipeline.js';
import type { TaskContext } from './task-context.js';

/** Columns of expressions over batches of one schema; those that are plain columns are passed through. */
export class Evaluator {
  private readonly exprs: readonly BoundExpr[];
  private readonly computed: readonly BoundExpr[];
  private readonly sink: OutputSink;
  private readonly pipeline: Pipeline;

  constructor(exprs: readonly BoundExpr[], input: readonly DataType[], context: TaskContext) {
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
      partition: context.key.partition,
    });
  }

  evaluate(batch: Batch): Column[] {
    if (this.computed.length > 0) this.pipeline.run(batch);
    const made = this.computed.length > 0 && batch.length > 0 ? this.sink.finish()[0].columns : [];
    let next = 0;
    return this.exprs.map((e) => (e.kind === 'input' ? batch.columns[e.index] : (made[next++] ?? columnOf(e.type, []))));
  }
}

/** Row numbers of `keys` in sort order; equal rows stay in their order. */
export function sortedRows(keys: readonly Column[], order: readonly SortKey<BoundExpr>[], length: number): Int32Array {
  const rows = new Int32Array(length);
  for (let i = 0; i < length; i++) rows[i] = i;
  const plain = keys.map(decodeDictionary);
  const types = order.map((k) => k.expr.type);
  const compare = rowComparator(plain, plain, types, order);
  const prefix = prefixOf(plain[0], types[0], order[0]);
  if (prefix === null) return rows.sort((a, b) => compare(a, b) || a - b);
  return rows.sort((a, b) => prefix[a] - prefix[b] || compare(a, b) || a - b);
}

/** Beyond every value, so that nulls sort to their end; differences of two such must not be NaN. */
const NULL_PREFIX = 1e300;

/** Per row a finite double that never contradicts the order of the first key; null where the type has none. */
function prefixOf(column: Column, type: DataType, order: SortKey<BoundExpr>): Float64Array | null {
  const prefix = new Float64Array(column.length);
  if (column.layout === 'bytes') fillBytesPrefix(prefix, column);
  else if (column.layout !== 'fixed' || type.kind === 'float32' || type.kind === 'float64') return null;
  else if (column.values instanceof BigInt64Array) fillLongPrefix(prefix, column.values);
  else prefix.set(column.values);
  if (!order.ascending) for (let i = 0; i < prefix.length; i++) prefix[i] = -prefix[i];
  if (column.validity !== null) {
    const ofNull = order.nullsFirst ? -NULL_PREFIX : NULL_PREFIX;
    for (let i = 0; i < prefix.length; i++) if (isNull(column, i)) prefix[i] = ofNull;
  }
  return prefix;
}

/** The high half and the top 20 bits of the low one: exact in a double, and what is cut off is left to the comparator. */
function fillLongPrefix(prefix: Float64Array, values: BigInt64Array): void {
  const lanes = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = 0; i < prefix.length; i++) prefix[i] = lanes[2 * i + 1] * 1048576 + (lanes[2 * i] >>> 12);
}

/** The first six bytes. */
function fillBytesPrefix(prefix: Float64Array, { data, offsets }: ColumnOf<'bytes'>): void {
  for (let i = 0; i < prefix.length; i++) {
    const end = offsets[i + 1];
    let value = 0;
    for (let p = offsets[i], k = 0; k < 6; k++, p++) value = value * 256 + (p < end ? data[p] : 0);
    prefix[i] = value;
  }
}
