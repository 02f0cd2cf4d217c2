/**
 * Owns: grouped aggregation by a hash table: the sink that finds a row's group and updates its state, and the batches of groups at the end.
 * `partial` and `complete` read rows, `final` reads partial columns. Over its memory budget, state goes out as partial rows (see aggregate.ts).
 */
import type { Batch } from '../../data/batch.js';
import { type ColumnBuilder, createBuilder } from '../../data/builder.js';
import { sliceBatch } from '../../data/slice.js';
import type { Schema } from '../../data/types.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import { emitExpr, type Row } from '../codegen/expression.js';
import { emitAppend } from '../codegen/output-sink.js';
import type { Sink } from '../codegen/pipeline.js';
import type { FindClosure } from '../codegen/user-function.js';
import { type AggregateOutput, type AggregateSpec, AggregateStates } from './aggregate-states.js';
import { CodeGroups, emitKnownGroup, keyEntries } from './code-groups.js';
import { FIRST_GROUPS } from './group-state.js';
import { emitInsert, KeyTable } from './keys.js';

/** Groups that the last task of a stage came to in this thread: the next one, over the same operator, starts with room for as many. */
const groupsBefore = new WeakMap<AggregateSpec, number>();
/** Room for more is made as it is needed: what lies empty in a table is in no task's account. */
const MAX_EXPECTED = 1 << 17;

export class HashAggregate implements Sink {
  private readonly spec: AggregateSpec;
  private readonly closures: FindClosure;
  private readonly states: AggregateStates;
  private readonly table: KeyTable;
  private readonly codeGroups = new CodeGroups();
  private readonly keyBuilders: readonly ColumnBuilder[];
  /** Read by generated code: the number of groups. */
  known = 0;

  constructor(spec: AggregateSpec, closures: FindClosure) {
    this.spec = spec;
    this.closures = closures;
    const expected = groupsBefore.get(spec) ?? 0;
    this.table = new KeyTable(
      spec.keys.map((k) => k.type),
      { expected },
    );
    this.states = new AggregateStates(spec, closures, expected);
    this.keyBuilders = spec.keys.map((k) => createBuilder(k.type, Math.max(FIRST_GROUPS, expected)));
    if (spec.keys.length === 0) this.known = 1;
  }

  emit(emit: CodeEmitter, row: Row): void {
    const self = emit.constant('agg', this);
    const slots = this.states.emitSlots(emit);
    const group = this.spec.keys.length === 0 ? '0' : this.emitGroup(emit, self, slots, row);
    this.states.emitUpdates(emit, slots, group, row);
  }

  /** Finds the group; for a new one makes room and keeps the key. */
  private emitGroup(emit: CodeEmitter, self: string, slots: readonly string[], row: Row): string {
    emit.prologue(`let known = ${self}.known, capacity = state.capacity;`);
    emit.epilogue(`${self}.known = known;`);
    const values = (): Value[] => this.spec.keys.map((key) => emitExpr(emit, key, row, this.closures));
    const byCode = { groups: this.codeGroups, entries: keyEntries(emit, this.spec.keys, row, this.closures) };
    return emitKnownGroup(emit, byCode, values, (keys) => this.emitInserted(emit, slots, keys));
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

  /** Bytes that the groups so far take, by estimate: little again after `take`, though buffers stay for the next groups. */
  byteSize(): number {
    return this.table.byteSize() + this.states.state.byteSize(this.known) + this.keyBuilders.reduce((sum, b) => sum + b.byteSize(), 0);
  }

  partialSchema(): Schema {
    return this.states.partialSchema();
  }

  /** All groups as batches; the operator is empty afterwards and takes new rows. */
  take(output: AggregateOutput, maxRows: number, maxCached: number): Batch[] {
    const groups = this.known;
    groupsBefore.set(this.spec, Math.min(groups, MAX_EXPECTED));
    const keys = { length: groups, columns: this.keyBuilders.map((b) => b.finish()) };
    const made = this.states.output(output, groups, maxRows, maxCached);
    const batches: Batch[] = [];
    for (let from = 0; from < groups; from += maxRows) {
      const to = Math.min(groups, from + maxRows);
      batches.push({ length: to - from, columns: [...sliceBatch(keys, from, to).columns, ...made(from, to)] });
    }
    this.table.clear();
    this.codeGroups.clear();
    this.states.state.clear();
    this.known = this.spec.keys.length === 0 ? 1 : 0;
    return batches;
  }
}
