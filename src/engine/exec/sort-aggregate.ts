/**
 * Owns: grouped aggregation without a hash table: rows come in the order of their keys, so that a group is a run of rows, whose state is
 * given out when the next one begins. The sort below spills; here no more than a batch of groups is ever held.
 */
import type { Batch, Column } from '../../data/batch.js';
import { type ColumnBuilder, createBuilder } from '../../data/builder.js';
import { sliceBatch } from '../../data/slice.js';
import { INT32 } from '../../data/types.js';
import type { InputRef } from '../../frontend/plan/resolved.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import type { Row } from '../codegen/expression.js';
import { Pipeline, type Sink } from '../codegen/pipeline.js';
import type { FindClosure } from '../codegen/user-function.js';
import { AggregateStates } from './aggregate-states.js';
import { noteMemory, operatorBudget } from './memory.js';
import type { Run } from './run.js';
import { markChanges, sameRow } from './window/changes.js';

type SortAggregateOp = PhysicalOf<'sortAggregate'>;

export async function* sortAggregate(op: SortAggregateOp, run: Run): AsyncIterable<Batch> {
  const { context } = run;
  const rows = context.config.get('batch.rows');
  const maxCached = context.config.get('codegen.maxCachedFunctions');
  const budget = operatorBudget(context);
  const groups = new SortedRuns(op, context.closure.bind(context));
  const pipeline = sortedPipeline(op, groups, maxCached, run.partition);
  for await (const batch of run.execute(op.child)) {
    context.checkCancelled();
    if (batch.length === 0) continue;
    pipeline.run({ length: batch.length, columns: [...batch.columns, groups.number(batch)] });
    const bytes = groups.byteSize();
    noteMemory(context, bytes);
    if (groups.known > rows || bytes > budget) yield* groups.take(groups.known - 1, rows, maxCached);
  }
  yield* groups.take(groups.known, rows, maxCached);
}

/** Over the child's columns and, last, the number of each row's group. */
export function sortedPipeline(op: SortAggregateOp, groups: SortedRuns, maxCached: number, partition: number): Pipeline {
  const input = [...op.child.schema.fields.map((f) => f.type), INT32];
  return new Pipeline({ name: `sort-aggregate-${op.mode}`, input, steps: [], sink: groups, maxCached, partition });
}

export class SortedRuns implements Sink {
  private readonly op: SortAggregateOp;
  private readonly states: AggregateStates;
  private readonly keys: readonly InputRef[];
  private readonly keyBuilders: readonly ColumnBuilder[];
  /** Keys of the row before the next one, and where it lies in them. */
  private last: { readonly columns: readonly Column[]; readonly row: number } | null = null;
  /** Groups that are held: of the last one more rows may come. */
  known = 0;

  constructor(op: SortAggregateOp, closures: FindClosure) {
    this.op = op;
    this.keys = op.keys;
    this.states = new AggregateStates(op, closures);
    this.keyBuilders = op.keys.map((k) => createBuilder(k.type, 1024));
  }

  emit(emit: CodeEmitter, row: Row): void {
    const slots = this.states.emitSlots(emit);
    const group = row.column(this.op.child.schema.fields.length);
    if (group.rep !== 'int') throw new Error('Numbers of groups are integers.');
    this.states.emitUpdates(emit, slots, group.code, row);
  }

  /** The group of each row; makes room for those that begin here. */
  number(batch: Batch): Column {
    const columns = this.keys.map(({ index }) => batch.columns[index]);
    const types = this.keys.map(({ type }) => type);
    const starts = new Uint8Array(batch.length);
    columns.forEach((column, k) => {
      markChanges(column, types[k], starts);
    });
    starts[0] = this.last !== null && sameRow(this.last.columns, this.last.row, columns, 0, types) ? 0 : 1;
    this.last = { columns, row: batch.length - 1 };
    const values = new Int32Array(batch.length);
    for (let i = 0; i < batch.length; i++) {
      if (starts[i] === 1) this.begin(columns, i);
      values[i] = this.known - 1;
    }
    const { state } = this.states;
    while (state.capacity < this.known) state.grow();
    return { layout: 'fixed', length: batch.length, values, validity: null };
  }

  private begin(columns: readonly Column[], row: number): void {
    this.known++;
    this.keyBuilders.forEach((builder, k) => {
      builder.appendFrom(columns[k], row);
    });
  }

  byteSize(): number {
    return this.states.state.byteSize(this.known) + this.keyBuilders.reduce((sum, b) => sum + b.byteSize(), 0);
  }

  /** The first `count` groups, in order, as batches; the others stay. */
  *take(count: number, maxRows: number, maxCached: number): Iterable<Batch> {
    if (count === 0) return;
    const keys = { length: this.known, columns: this.keyBuilders.map((b) => b.finish()) };
    const made = this.states.output(this.op.mode === 'partial' ? 'partial' : 'result', this.known, maxRows, maxCached);
    for (let from = 0; from < count; from += maxRows) {
      const to = Math.min(count, from + maxRows);
      yield { length: to - from, columns: [...sliceBatch(keys, from, to).columns, ...made(from, to)] };
    }
    this.states.state.dropFirst(count, this.known);
    this.known -= count;
    for (let row = count; row < keys.length; row++) {
      this.keyBuilders.forEach((builder, k) => {
        builder.appendFrom(keys.columns[k], row);
      });
    }
  }
}
