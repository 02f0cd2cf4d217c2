/**
 * Owns: grouped aggregation: the sink that finds a row's group and updates its state, and the batches of groups at the end.
 * `partial` and `complete` read rows, `final` reads partial columns. Over its memory budget, state goes out as partial rows (see aggregate.ts).
 */

import { fatalError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { type ColumnBuilder, createBuilder } from '../../data/builder.js';
import { sliceBatch } from '../../data/slice.js';
import { type DataType, field, type Schema } from '../../data/types.js';
import type { Accumulator, GeneratedAggregate } from '../../frontend/functions/definition.js';
import type { Value } from '../../frontend/functions/generator.js';
import { findFunction } from '../../frontend/functions/registry.js';
import type { Aggregated, BoundExpr } from '../../frontend/plan/resolved.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { instantiate } from '../codegen/compile.js';
import { CodeEmitter } from '../codegen/emitter.js';
import { emitExpr, emitTest, type Row } from '../codegen/expression.js';
import { emitAppend, OutputSink } from '../codegen/output-sink.js';
import type { Sink } from '../codegen/pipeline.js';
import type { FindClosure } from '../codegen/user-function.js';
import { CodeGroups, emitKnownGroup } from './code-groups.js';
import { distinctAccumulator, distinctTypes } from './distinct.js';
import { accumulated, FIRST_GROUPS, GroupState } from './group-state.js';
import { emitInsert, KeyTable } from './keys.js';
import { aggregateCall } from './user-aggregate.js';

interface AggregateCode {
  readonly spec: Aggregated<BoundExpr>;
  readonly code: GeneratedAggregate;
  readonly partialTypes: readonly DataType[];
  /** Index of its first slot. */
  readonly slot: number;
}

export type AggregateSpec = Pick<PhysicalOf<'hashAggregate'>, 'mode' | 'keys' | 'aggregates'>;
/** Groups that the last task of a stage came to in this thread: the next one, over the same operator, starts with room for as many. */
const groupsBefore = new WeakMap<AggregateSpec, number>();
/** Room for more is made as it is needed: what lies empty in a table is in no task's account. */
const MAX_EXPECTED = 1 << 17;

/** What comes out: partial columns or results. */
export type AggregateOutput = 'partial' | 'result';

export class HashAggregate implements Sink {
  private readonly spec: AggregateSpec;
  private readonly closures: FindClosure;
  private readonly aggregates: readonly AggregateCode[];
  private readonly table: KeyTable;
  private readonly codeGroups = new CodeGroups();
  private readonly keyBuilders: readonly ColumnBuilder[];
  /** Read by generated code, as is `known`: the number of groups. */
  readonly state: GroupState;
  known = 0;

  constructor(spec: AggregateSpec, closures: FindClosure) {
    this.spec = spec;
    this.closures = closures;
    let slot = 0;
    this.aggregates = spec.aggregates.map((a) => {
      const made = { ...aggregateCode(a, closures), slot };
      slot += made.code.slots.length;
      return made;
    });
    const expected = groupsBefore.get(spec) ?? 0;
    this.table = new KeyTable(
      spec.keys.map((k) => k.type),
      { expected },
    );
    this.state = new GroupState(
      this.aggregates.flatMap((a) => a.code.slots),
      expected,
    );
    this.keyBuilders = spec.keys.map((k) => createBuilder(k.type, Math.max(FIRST_GROUPS, expected)));
    if (spec.keys.length === 0) this.known = 1;
  }

  emit(emit: CodeEmitter, row: Row): void {
    const self = emit.constant('agg', this);
    const slots = this.state.slots.map((_, k) => emit.fresh(`s${k}_`));
    emit.prologue(
      `let ${['state', ...slots].map((name, k) => (k === 0 ? `state = ${self}.state` : `${name} = state.slots[${k - 1}]`)).join(', ')};`,
    );
    const group = this.spec.keys.length === 0 ? '0' : this.emitGroup(emit, self, slots, row);
    for (const a of this.aggregates) this.emitUpdate(emit, a, slots, group, row);
  }

  /** Finds the group; for a new one makes room and keeps the key. */
  private emitGroup(emit: CodeEmitter, self: string, slots: readonly string[], row: Row): string {
    const keys = this.spec.keys.map((key) => emitExpr(emit, key, row, this.closures));
    emit.prologue(`let known = ${self}.known, capacity = state.capacity;`);
    emit.epilogue(`${self}.known = known;`);
    return emitKnownGroup(emit, this.codeGroups, keys, () => this.emitInserted(emit, slots, keys));
  }

  private emitInserted(emit: CodeEmitter, slots: readonly string[], keys: readonly Value[]): string {
    const group = emitInsert(emit, this.table, keys);
    emit.branch(`${group} === known`, () => {
      emit.line('known++;');
      keys.forEach((key, k) => {
        emitAppend(emit, emit.constant(`key${k}_`, this.keyBuilders[k]), key.type, key);
      });
      emit.branch('known > capacity', () => {
        emit.line('state.grow(); capacity = state.capacity;');
        slots.forEach((slot, k) => {
          emit.line(`${slot} = state.slots[${k}];`);
        });
      });
    });
    return group;
  }

  private emitUpdate(
    emit: CodeEmitter,
    { spec, code, partialTypes, slot }: AggregateCode,
    slots: readonly string[],
    group: string,
    row: Row,
  ): void {
    const own = slots.slice(slot, slot + code.slots.length);
    if (this.spec.mode === 'final') {
      const first = this.spec.keys.length + this.partialOffset(spec);
      const partial = partialTypes.map((_, k) => row.column(first + k));
      emit.at(spec.site, () => code.merge(emit, own, group, partial));
      return;
    }
    const update = (): void =>
      emit.at(spec.site, () => {
        const args = spec.args.map((arg) => emitExpr(emit, arg, row, this.closures));
        code.update(emit, own, group, args);
      });
    if (spec.filter) emit.branch(emitTest(emit, spec.filter, row, this.closures), update);
    else update();
  }

  private partialOffset(of: Aggregated<BoundExpr>): number {
    let offset = 0;
    for (const { spec, partialTypes } of this.aggregates) {
      if (spec === of) return offset;
      offset += partialTypes.length;
    }
    throw fatalError('INTERNAL_ERROR', `${of.name} is no aggregate of this operator.`);
  }

  /** Bytes that the groups so far take, by estimate: little again after `take`, though buffers stay for the next groups. */
  byteSize(): number {
    return this.table.byteSize() + this.state.byteSize(this.known) + this.keyBuilders.reduce((sum, b) => sum + b.byteSize(), 0);
  }

  /** Keys, then partial columns: what `partial` mode puts out and what spills. */
  partialSchema(): Schema {
    const keys = this.spec.keys.map((k, i) => field(`k${i}`, k.type));
    return { fields: [...keys, ...this.aggregates.flatMap((a, i) => a.partialTypes.map((type, k) => field(`a${i}_${k}`, type)))] };
  }

  /** All groups as batches; the operator is empty afterwards and takes new rows. */
  take(output: AggregateOutput, maxRows: number, maxCached: number): Batch[] {
    const groups = this.known;
    groupsBefore.set(this.spec, Math.min(groups, MAX_EXPECTED));
    const keys = this.keyBuilders.map((b) => b.finish());
    const types = this.aggregates.flatMap((a) => (output === 'partial' ? a.partialTypes : [a.spec.type]));
    const batches: Batch[] = [];
    const all = { length: groups, columns: keys };
    for (let from = 0; from < groups; from += maxRows) {
      const to = Math.min(groups, from + maxRows);
      const sink = new OutputSink(types, maxRows, Number.POSITIVE_INFINITY);
      this.emitOutput(sink, output, maxCached)(from, to);
      const columns = types.length === 0 ? [] : sink.finish()[0].columns;
      batches.push({ length: to - from, columns: [...sliceBatch(all, from, to).columns, ...columns] });
    }
    this.table.clear();
    this.codeGroups.clear();
    this.state.clear();
    this.known = this.spec.keys.length === 0 ? 1 : 0;
    return batches;
  }

  private emitOutput(sink: OutputSink, output: AggregateOutput, maxCached: number): (from: number, to: number) => void {
    const emit = new CodeEmitter();
    const self = emit.constant('state', this.state);
    const slots = this.state.slots.map((_, k) => emit.hoist(`s${k}_`, `${self}.slots[${k}]`));
    const values: Value[] = this.aggregates.flatMap(({ spec, code, slot }) => {
      const own = slots.slice(slot, slot + code.slots.length);
      const ends = code.narrow?.(this.state.slots.slice(slot, slot + code.slots.length), this.known) ?? code;
      return emit.at(spec.site, () => (output === 'partial' ? ends.partial(emit, own, 'g') : [ends.finish(emit, own, 'g')]));
    });
    sink.emit(emit, { column: (k) => values[k] });
    const text = emit.finish('output', 'from, to', { open: 'for (let g = from; g < to; g++) {', close: '}' });
    return instantiate(text, `aggregate-${output}`, emit.constants, maxCached);
  }
}

function aggregateCode(spec: Aggregated<BoundExpr>, closures: FindClosure): Omit<AggregateCode, 'slot'> {
  const definition = findFunction(spec.fn);
  if (definition?.kind !== 'aggregate') throw fatalError('INTERNAL_ERROR', `${spec.fn} is no aggregate.`);
  const call = aggregateCall(spec, closures);
  const accumulator = definition.accumulator(call);
  if (spec.distinct) {
    const partialTypes = distinctTypes(call);
    return { spec, code: accumulated(distinctAccumulator(accumulator) as Accumulator, partialTypes, call.type), partialTypes };
  }
  const partialTypes = definition.partialTypes(call);
  return { spec, code: definition.generate?.(call) ?? accumulated(accumulator, partialTypes, call.type), partialTypes };
}
