/**
 * Owns: the bounds of a range partitioning: a weighted sample of the sort keys in each task, then quantiles over all samples in one.
 */
import type { Batch, Column } from '../../data/batch.js';
import { columnOf } from '../../data/builder.js';
import { concatBatches } from '../../data/concat.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { rowComparator } from '../../data/row-order.js';
import { takeBatch } from '../../data/take.js';
import { FLOAT64, type Schema } from '../../data/types.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { collect, type Run } from './run.js';
import { Evaluator, sortedRows } from './sort-keys.js';

/** Rows of the keys, then a column of weights: how many rows of the task each of them stands for. */
export async function* sample(op: PhysicalOf<'sample'>, run: Run): AsyncIterable<Batch> {
  const exprs = op.keys.map((k) => k.expr);
  const evaluator = new Evaluator(
    exprs,
    op.child.schema.fields.map((f) => f.type),
    run.context,
    run.partition,
  );
  const schema: Schema = { fields: op.schema.fields.slice(0, exprs.length) };
  const reservoir = new Reservoir(op.rows, run.context.key.partition);
  let held: Batch = concatBatches(schema, []);
  for await (const batch of run.execute(op.child)) {
    run.context.checkCancelled();
    const keys: Batch = { length: batch.length, columns: evaluator.evaluate(batch).map(decodeDictionary) };
    const { kept, added } = reservoir.offer(held.length, batch.length);
    held = concatBatches(schema, [takeBatch(held, kept, kept.length), takeBatch(keys, added, added.length)]);
  }
  const weight = held.length === 0 ? 0 : reservoir.seen / held.length;
  const weights = columnOf(FLOAT64, new Array<number>(held.length).fill(weight));
  yield { length: held.length, columns: [...held.columns, weights] };
}

/** Which rows stay in a uniform sample of at most `size` rows; the same for the same seed and row counts. */
class Reservoir {
  seen = 0;
  private readonly size: number;
  private state: number;

  constructor(size: number, seed: number) {
    this.size = size;
    this.state = (seed * 0x9e3779b9) >>> 0;
  }

  /** Of `held` rows those that stay, of `more` new ones those that come in. */
  offer(held: number, more: number): { kept: Int32Array; added: Int32Array } {
    const slots = Array.from({ length: held }, (_, i) => i);
    for (let i = 0; i < more; i++) {
      this.seen++;
      if (slots.length < this.size) slots.push(held + i);
      else {
        const at = Math.floor(this.random() * this.seen);
        if (at < this.size) slots[at] = held + i;
      }
    }
    return {
      kept: Int32Array.from(slots.filter((s) => s < held)),
      added: Int32Array.from(slots.filter((s) => s >= held).map((s) => s - held)),
    };
  }

  /** Mulberry32. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}

/** At most `partitions - 1` rows of keys, each the upper bound of its range, no two equal. */
export async function* rangeBounds(op: PhysicalOf<'rangeBounds'>, run: Run): AsyncIterable<Batch> {
  const samples = concatBatches(op.child.schema, await collect(run, op.child));
  const width = op.keys.length;
  const keys = samples.columns.slice(0, width).map(decodeDictionary);
  const weights = (samples.columns[width] as Extract<Column, { layout: 'fixed' }>).values as Float64Array;
  const order = sortedRows(keys, op.keys, samples.length);
  const types = op.keys.map((k) => k.expr.type);
  const compare = samples.length === 0 ? () => 0 : rowComparator(keys, keys, types, op.keys);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const bounds: number[] = [];
  let passed = 0;
  for (let i = 0; i < order.length && bounds.length < op.partitions - 1; i++) {
    passed += weights[order[i]];
    const due = (total * (bounds.length + 1)) / op.partitions;
    if (passed < due) continue;
    if (bounds.length === 0 || compare(bounds[bounds.length - 1], order[i]) !== 0) bounds.push(order[i]);
  }
  yield takeBatch({ length: samples.length, columns: keys }, Int32Array.from(bounds), bounds.length);
}
