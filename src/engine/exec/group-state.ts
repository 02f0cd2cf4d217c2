/**
 * Owns: the state of every group's aggregates: one array a slot, indexed by group, and the generated code for aggregates that have none of their own.
 */
import { growTo } from '../../data/alloc.js';
import type { DataType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, GeneratedAggregate, SlotKind } from '../../frontend/functions/definition.js';
import type { Emitter, Value } from '../../frontend/functions/generator.js';
import { fromJs, NO_BYTES } from '../codegen/values.js';
import { estimateStates } from './state-size.js';

type SlotArray = Float64Array | Int32Array | BigInt64Array | unknown[];

export const FIRST_GROUPS = 256;

export class GroupState {
  readonly slots: SlotArray[];
  private readonly kinds: readonly SlotKind[];
  /** Groups that the arrays have room for. */
  capacity: number;

  constructor(kinds: readonly SlotKind[], expected = 0) {
    this.kinds = kinds;
    this.capacity = Math.max(FIRST_GROUPS, expected);
    this.slots = kinds.map((kind) => makeSlot(kind, this.capacity));
  }

  /** Doubles every slot's array; generated code reads the arrays anew afterwards. */
  grow(): void {
    const capacity = this.capacity * 2;
    this.kinds.forEach((kind, k) => {
      const old = this.slots[k];
      if (!Array.isArray(old)) this.slots[k] = growTo(old, capacity);
      else if (kind === 'bytes') this.slots[k] = old.concat(new Array(capacity - old.length).fill(NO_BYTES));
    });
    this.capacity = capacity;
  }

  /** Forgets the first `count` of `groups`; those after them move to the front. */
  dropFirst(count: number, groups: number): void {
    this.kinds.forEach((kind, k) => {
      const slot = this.slots[k];
      const left = groups - count;
      if (kind === 'js') (slot as unknown[]).splice(0, count);
      else slot.copyWithin(0, count, groups);
      if (slot instanceof BigInt64Array) slot.fill(0n, left, groups);
      else if (!Array.isArray(slot)) slot.fill(0, left, groups);
      else if (kind === 'bytes') slot.fill(NO_BYTES, left, groups);
    });
  }

  clear(): void {
    for (const slot of this.slots) {
      if (slot instanceof BigInt64Array) slot.fill(0n);
      else if (!Array.isArray(slot)) slot.fill(0);
    }
    this.kinds.forEach((kind, k) => {
      const slot = this.slots[k];
      if (!Array.isArray(slot)) return;
      if (kind === 'bytes') slot.fill(NO_BYTES);
      else slot.length = 0;
    });
  }

  /** Bytes that the state of the first `groups` takes; of values that are objects by estimate. */
  byteSize(groups: number): number {
    let bytes = 0;
    for (const slot of this.slots) bytes += Array.isArray(slot) ? estimateStates(slot, groups) : groups * slot.BYTES_PER_ELEMENT;
    return bytes;
  }
}

function makeSlot(kind: SlotKind, capacity: number): SlotArray {
  switch (kind) {
    case 'f64':
      return new Float64Array(capacity);
    case 'i32':
      return new Int32Array(capacity);
    case 'i64':
      return new BigInt64Array(capacity);
    case 'bytes':
      return new Array(capacity).fill(NO_BYTES);
    case 'js':
      return [];
    default:
      return kind satisfies never;
  }
}

/** A row-at-a-time accumulator, its partial columns of `types`, in the form of a generated aggregate: its state is one `js` slot. */
export function accumulated(accumulator: Accumulator, types: readonly DataType[], result: DataType): GeneratedAggregate {
  const start = (state: unknown) => (state === undefined ? accumulator.init() : state);
  const update = (state: unknown, ...args: EngineValue[]) => accumulator.update(start(state), args);
  const merge = (state: unknown, ...partial: EngineValue[]) => accumulator.merge(start(state), partial);
  const partial = (state: unknown) => accumulator.partial(start(state));
  const finish = (state: unknown) => accumulator.finish(start(state));
  return {
    slots: ['js'],
    update(emit, [slot], group, args) {
      const values = args.map((a) => nullable(emit, a));
      emit.line(`${slot}[${group}] = ${emit.constant('update', emit.located(update))}(${[`${slot}[${group}]`, ...values].join(', ')});`);
    },
    merge(emit, [slot], group, parts) {
      const values = parts.map((a) => nullable(emit, a));
      emit.line(`${slot}[${group}] = ${emit.constant('merge', emit.located(merge))}(${[`${slot}[${group}]`, ...values].join(', ')});`);
    },
    partial(emit, [slot], group) {
      const state = emit.let('p', `${emit.constant('partial', emit.located(partial))}(${slot}[${group}])`);
      return types.map((type, k) => fromJs(emit.let('p', `${state}[${k}]`), type));
    },
    finish(emit, [slot], group) {
      return fromJs(emit.let('r', `${emit.constant('finish', emit.located(finish))}(${slot}[${group}])`), result);
    },
  };
}

function nullable(emit: Emitter, value: Value): string {
  if (value.isNull === 'true') return 'null';
  const { code } = emit.toJs(value);
  return value.isNull === 'false' ? code : `(${value.isNull} ? null : ${code})`;
}
