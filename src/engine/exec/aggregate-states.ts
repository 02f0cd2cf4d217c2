/**
 * Owns: the aggregates of one operator over numbered groups: generated code that updates their states from rows or from partial columns, and
 * the columns that are made of them at the end. How rows find their groups is the business of hash-aggregate.ts and sort-aggregate.ts.
 */
import { fatalError } from '../../core/errors.js';
import type { Column } from '../../data/batch.js';
import { type DataType, field, type Schema } from '../../data/types.js';
import type { Accumulator, GeneratedAggregate } from '../../frontend/functions/definition.js';
import type { Value } from '../../frontend/functions/generator.js';
import { findFunction } from '../../frontend/functions/registry.js';
import type { Aggregated, BoundExpr } from '../../frontend/plan/resolved.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { instantiate } from '../codegen/compile.js';
import { CodeEmitter } from '../codegen/emitter.js';
import { emitExpr, emitTest, type Row } from '../codegen/expression.js';
import { OutputSink } from '../codegen/output-sink.js';
import type { FindClosure } from '../codegen/user-function.js';
import { distinctAccumulator, distinctTypes } from './distinct.js';
import { type FilterCases, filterCases } from './filter-cases.js';
import { accumulated, GroupState } from './group-state.js';
import { aggregateCall } from './user-aggregate.js';

export type AggregateSpec = Pick<PhysicalOf<'hashAggregate'>, 'mode' | 'keys' | 'aggregates'>;

/** What comes out: partial columns or results. */
export type AggregateOutput = 'partial' | 'result';

interface AggregateCode {
  readonly spec: Aggregated<BoundExpr>;
  readonly code: GeneratedAggregate;
  readonly partialTypes: readonly DataType[];
  /** Index of its first slot. */
  readonly slot: number;
}

export class AggregateStates {
  private readonly spec: AggregateSpec;
  private readonly closures: FindClosure;
  private readonly aggregates: readonly AggregateCode[];
  /** Read by generated code. */
  readonly state: GroupState;

  /** Has room for `expected` groups; grows beyond. */
  constructor(spec: AggregateSpec, closures: FindClosure, expected = 0) {
    this.spec = spec;
    this.closures = closures;
    let slot = 0;
    this.aggregates = spec.aggregates.map((a) => {
      const made = { ...aggregateCode(a, closures), slot };
      slot += made.code.slots.length;
      return made;
    });
    this.state = new GroupState(
      this.aggregates.flatMap((a) => a.code.slots),
      expected,
    );
  }

  /** Names the slots' arrays before the loop, besides `state` itself. */
  emitSlots(emit: CodeEmitter): string[] {
    const slots = this.state.slots.map((_, k) => emit.fresh(`s${k}_`));
    const state = emit.constant('state', this.state);
    emit.prologue(
      `let ${['state', ...slots].map((name, k) => (k === 0 ? `state = ${state}` : `${name} = state.slots[${k - 1}]`)).join(', ')};`,
    );
    return slots;
  }

  /** What a row does to the states of its group. */
  emitUpdates(emit: CodeEmitter, slots: readonly string[], group: string, row: Row): void {
    if (this.spec.mode === 'final') {
      this.emitMerges(emit, slots, group, row);
      return;
    }
    const { byCase, others } = filterCases(this.aggregates, ({ spec }) => spec.filter);
    for (const aggregate of others) this.emitUpdate(emit, aggregate, aggregate.spec.filter, slots, group, row);
    for (const set of byCase) this.emitCases(emit, set, slots, group, row);
  }

  private emitMerges(emit: CodeEmitter, slots: readonly string[], group: string, row: Row): void {
    let column = this.spec.keys.length;
    for (const { spec, code, partialTypes, slot } of this.aggregates) {
      const partial = partialTypes.map((_, k) => row.column(column + k));
      emit.at(spec.site, () => code.merge(emit, slots.slice(slot, slot + code.slots.length), group, partial));
      column += partialTypes.length;
    }
  }

  private emitUpdate(
    emit: CodeEmitter,
    { spec, code, slot }: AggregateCode,
    filter: BoundExpr | null,
    slots: readonly string[],
    group: string,
    row: Row,
  ): void {
    const update = (): void =>
      emit.at(spec.site, () => {
        const args = spec.args.map((arg) => emitExpr(emit, arg, row, this.closures));
        code.update(emit, slots.slice(slot, slot + code.slots.length), group, args);
      });
    if (filter) emit.branch(emitTest(emit, filter, row, this.closures), update);
    else update();
  }

  private emitCases(
    emit: CodeEmitter,
    { value, cases }: FilterCases<AggregateCode>,
    slots: readonly string[],
    group: string,
    row: Row,
  ): void {
    const numbers = new Map([...cases.keys()].map((constant, i) => [constant, i]));
    const of = emit.nullable(emitExpr(emit, value, row, this.closures));
    emit.loop(`switch (${emit.constant('cases', numbers)}.get(${of}))`, () => {
      for (const [i, aggregates] of [...cases.values()].entries()) {
        emit.loop(`case ${i}:`, () => {
          for (const { aggregate, rest } of aggregates) this.emitUpdate(emit, aggregate, rest, slots, group, row);
          emit.line('break;');
        });
      }
    });
  }

  /** Keys, then partial columns: what `partial` mode puts out and what spills. */
  partialSchema(): Schema {
    const keys = this.spec.keys.map((k, i) => field(`k${i}`, k.type));
    return { fields: [...keys, ...this.aggregates.flatMap((a, i) => a.partialTypes.map((type, k) => field(`a${i}_${k}`, type)))] };
  }

  /** A function that makes the columns of groups [from, to), of `groups` that there are. */
  output(output: AggregateOutput, groups: number, maxRows: number, maxCached: number): (from: number, to: number) => readonly Column[] {
    const types = this.aggregates.flatMap((a) => (output === 'partial' ? a.partialTypes : [a.spec.type]));
    if (types.length === 0) return () => [];
    const sink = new OutputSink(types, maxRows, Number.POSITIVE_INFINITY);
    const emit = new CodeEmitter();
    const state = emit.constant('state', this.state);
    const slots = this.state.slots.map((_, k) => emit.hoist(`s${k}_`, `${state}.slots[${k}]`));
    const values: Value[] = this.aggregates.flatMap(({ spec, code, slot }) => {
      const own = slots.slice(slot, slot + code.slots.length);
      const ends = code.narrow?.(this.state.slots.slice(slot, slot + code.slots.length), groups) ?? code;
      return emit.at(spec.site, () => (output === 'partial' ? ends.partial(emit, own, 'g') : [ends.finish(emit, own, 'g')]));
    });
    sink.emit(emit, { column: (k) => values[k] });
    const text = emit.finish('output', 'from, to', { open: 'for (let g = from; g < to; g++) {', close: '}' });
    const append = instantiate<(from: number, to: number) => void>(text, `aggregate-${output}`, emit.constants, maxCached);
    return (from, to) => {
      append(from, to);
      return sink.finish()[0].columns;
    };
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
