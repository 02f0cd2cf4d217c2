/**
 * Owns: the build side of a hash join: its rows in one batch, an index from key to the first row of that key, and the chain of its other rows.
 * Keys that are one integer of 32 bits lie in an array by value, or in a table of (key, row) pairs; all others go through KeyTable.
 */
import { allocInt32, growTo } from '../../data/alloc.js';
import type { Batch, Column } from '../../data/batch.js';
import { isNull } from '../../data/batch.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { batchBytes } from '../../data/size.js';
import type { Schema } from '../../data/types.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import { emitExpr, type Row } from '../codegen/expression.js';
import { Pipeline, type Sink } from '../codegen/pipeline.js';
import type { FindClosure } from '../codegen/user-function.js';
import { emitFind, emitInsert, KeyTable } from './keys.js';
import { Evaluator } from './sort-keys.js';
import type { TaskContext } from './task-context.js';

export interface JoinTable {
  readonly rows: Batch;
  /** Null without keys: every row is a partner of every row. */
  readonly index: JoinIndex | null;
  /** The next row of the same key, -1 ends; null where no two rows share a key. */
  readonly nexts: Int32Array | null;
  readonly byteSize: number;
}

export interface JoinIndex {
  readonly byteSize: number;
  /** Emits the first row of these keys; gives the name of a variable, -1 where there is none. */
  emitFirst(emit: CodeEmitter, keys: readonly Value[]): string;
}

export interface JoinKeys {
  readonly exprs: readonly BoundExpr[];
  /** Of which keys a null is equal to a null. */
  readonly nullSafe: readonly boolean[];
}

/** Rows with a null in a key that is not null-safe are in no chain: nothing equals them. */
export function buildTable(rows: Batch, schema: Schema, keys: JoinKeys, context: TaskContext): JoinTable {
  const { exprs, nullSafe } = keys;
  const bytes = batchBytes(rows);
  if (exprs.length === 0) return { rows, index: null, nexts: null, byteSize: bytes };
  const single = exprs.length === 1 && !nullSafe[0] ? singleIndex(rows, schema, exprs[0], context) : null;
  const { index, nexts } = single ?? keyedIndex(rows, schema, keys, context);
  return { rows, index, nexts, byteSize: bytes + index.byteSize + (nexts?.byteLength ?? 0) };
}

interface Indexed {
  readonly index: JoinIndex;
  readonly nexts: Int32Array | null;
}

/** Bytes of memory that a hash index takes a row at most, besides the row itself: what a build side may not exceed is told before it is built. */
export const INDEX_BYTES_PER_ROW = 48;

const INTEGERS = ['int8', 'int16', 'int32', 'int64', 'date', 'timestamp', 'timestamp_ntz', 'decimal'];

function singleIndex(rows: Batch, schema: Schema, expr: BoundExpr, context: TaskContext): Indexed | null {
  if (!INTEGERS.includes(expr.type.kind)) return null;
  const types = schema.fields.map((f) => f.type);
  const column = decodeDictionary(new Evaluator([expr], types, context).evaluate(rows)[0]);
  const keys = smallKeys(column);
  return keys === null ? null : intIndex(keys, column);
}

interface SmallKeys {
  readonly keys: Int32Array;
  readonly min: number;
  readonly max: number;
}

/** The keys as 32-bit integers; null where they are not that small. */
function smallKeys(column: Column): SmallKeys | null {
  if (column.layout !== 'fixed') return null;
  const { values, length } = column;
  let keys: Int32Array;
  if (values instanceof BigInt64Array) {
    const lanes = new Int32Array(values.buffer, values.byteOffset, length * 2);
    keys = allocInt32(length);
    let wide = 0;
    for (let i = 0; i < length; i++) {
      const low = lanes[2 * i];
      keys[i] = low;
      wide |= lanes[2 * i + 1] ^ (low >> 31);
    }
    if (wide !== 0) return null;
  } else if (values instanceof Int32Array) {
    keys = values;
  } else {
    keys = Int32Array.from(values as Int16Array);
  }
  let [min, max] = [0x7fffffff, -0x80000000];
  for (let i = 0; i < length; i++) {
    const key = keys[i];
    if (key < min) min = key;
    if (key > max) max = key;
  }
  return { keys, min, max };
}

/** An array by value is taken while it is no larger than the table of pairs would be. */
const DENSE_SHARE = 8;
const DENSE_ROOM = 1024;

function intIndex({ keys, min, max }: SmallKeys, column: Column): Indexed {
  const rows = column.length;
  const isDense = rows > 0 && max - min < rows * DENSE_SHARE + DENSE_ROOM;
  const index = isDense ? new DenseIndex(min, max - min + 1) : new PairIndex(rows);
  const nullable = column.layout === 'null' || column.validity !== null;
  let nexts: Int32Array | null = null;
  // From the last row to the first, so that chains go upwards.
  for (let row = rows - 1; row >= 0; row--) {
    if (nullable && isNull(column, row)) continue;
    const next = index.put(keys[row], row);
    if (next < 0) continue;
    nexts ??= allocInt32(rows).fill(-1);
    nexts[row] = next;
  }
  return { index, nexts };
}

/** `heads[key - min]` is the first row + 1. */
class DenseIndex implements JoinIndex {
  readonly heads: Int32Array;
  readonly min: number;

  constructor(min: number, size: number) {
    this.min = min;
    this.heads = allocInt32(size);
  }

  get byteSize(): number {
    return this.heads.byteLength;
  }

  /** Makes `row` the first of its key; gives the one that was, or -1. */
  put(key: number, row: number): number {
    const before = this.heads[key - this.min] - 1;
    this.heads[key - this.min] = row + 1;
    return before;
  }

  emitFirst(emit: CodeEmitter, [key]: readonly Value[]): string {
    const self = emit.constant('index', this);
    const heads = emit.hoist('heads', `${self}.heads`);
    const [min, size] = [emit.hoist('min', `${self}.min`), emit.hoist('size', `${heads}.length`)];
    return emitGuarded(emit, key, (first) => {
      const slot = emit.let('slot', `${numberOf(emit, key)} - ${min}`);
      emit.line(`if (${slot} >= 0 && ${slot} < ${size}) ${first} = ${heads}[${slot}] - 1;`);
    });
  }
}

const SPREAD = -1640531527;

/** Open addressing: slot s is (key, row + 1) at 2s, 0 in the second marks it free; at most half of the slots are taken. */
class PairIndex implements JoinIndex {
  readonly slots: Int32Array;
  /** The top bits of the spread key are the slot. */
  readonly shift: number;
  readonly mask: number;

  constructor(rows: number) {
    const bits = Math.max(4, 33 - Math.clz32(rows));
    this.shift = 32 - bits;
    this.mask = 2 ** bits - 1;
    this.slots = allocInt32(2 ** bits * 2);
  }

  get byteSize(): number {
    return this.slots.byteLength;
  }

  put(key: number, row: number): number {
    const { slots, mask } = this;
    let slot = Math.imul(key, SPREAD) >>> this.shift;
    while (slots[2 * slot + 1] !== 0 && slots[2 * slot] !== key) slot = (slot + 1) & mask;
    const before = slots[2 * slot + 1] - 1;
    slots[2 * slot] = key;
    slots[2 * slot + 1] = row + 1;
    return before;
  }

  emitFirst(emit: CodeEmitter, [key]: readonly Value[]): string {
    const self = emit.constant('index', this);
    const [slots, mask, shift] = ['slots', 'mask', 'shift'].map((name) => emit.hoist(name, `${self}.${name}`));
    return emitGuarded(emit, key, (first) => {
      const wanted = emit.let('key', numberOf(emit, key));
      const slot = emit.fresh('slot');
      const taken = emit.fresh('row');
      emit.line(`let ${slot} = Math.imul(${wanted}, ${SPREAD}) >>> ${shift};`);
      emit.line(`for (let ${taken}; (${taken} = ${slots}[2 * ${slot} + 1]) !== 0; ${slot} = (${slot} + 1) & ${mask}) {`);
      emit.line(`  if (${slots}[2 * ${slot}] === ${wanted}) { ${first} = ${taken} - 1; break; }`);
      emit.line('}');
    });
  }
}

/** `find` sets the variable that it is given, and runs only where the key is not null. */
function emitGuarded(emit: CodeEmitter, key: Value, find: (first: string) => void): string {
  const first = emit.fresh('first');
  emit.line(`let ${first} = -1;`);
  if (key.isNull === 'false') emit.scope(() => find(first));
  else if (key.isNull !== 'true') emit.branch(`!(${key.isNull})`, () => find(first));
  return first;
}

/** An integer key as a number: what a double cannot hold is beyond every key of the index anyway. */
function numberOf(emit: CodeEmitter, key: Value): string {
  return key.rep === 'int' ? key.code : `Number(${emit.toBig(key).code})`;
}

/** Rows by group of a KeyTable; filled by a generated pipeline over the build rows. */
class KeyedIndex implements JoinIndex, Sink {
  readonly keys: KeyTable;
  /** Read by generated code; null where group and row are the same number. */
  heads: Int32Array | null = allocInt32(256).fill(-1);
  nexts: Int32Array | null = null;
  private tails: Int32Array = allocInt32(256);
  private linked = 0;
  private readonly rows: number;
  private readonly spec: JoinKeys;
  private readonly closures: FindClosure;

  constructor(rows: number, spec: JoinKeys, closures: FindClosure) {
    this.rows = rows;
    this.spec = spec;
    this.closures = closures;
    this.keys = new KeyTable(
      spec.exprs.map((e) => e.type),
      { nullsInRow: spec.nullSafe.includes(true) },
    );
  }

  get byteSize(): number {
    return this.keys.byteSize() + (this.heads?.byteLength ?? 0);
  }

  emit(emit: CodeEmitter, row: Row): void {
    const self = emit.constant('build', this);
    const keys = this.spec.exprs.map((e) => emitExpr(emit, e, row, this.closures));
    const present = keys.filter((k, i) => !this.spec.nullSafe[i] && k.isNull !== 'false').map((k) => `!(${k.isNull})`);
    const insert = (): void => {
      const group = emitInsert(
        emit,
        this.keys,
        keys.map((k, i) => (this.spec.nullSafe[i] ? k : { ...k, isNull: 'false' })),
      );
      emit.line(`${self}.link(${group}, i);`);
    };
    if (present.length === 0) insert();
    else emit.branch(present.join(' && '), insert);
  }

  link(group: number, row: number): void {
    let heads = this.heads as Int32Array;
    const size = heads.length;
    if (group >= size) {
      this.heads = heads = growTo(heads, size * 2).fill(-1, size);
      this.tails = growTo(this.tails, size * 2);
    }
    this.linked++;
    if (heads[group] < 0) {
      heads[group] = row;
    } else {
      this.nexts ??= allocInt32(this.rows).fill(-1);
      this.nexts[this.tails[group]] = row;
    }
    this.tails[group] = row;
  }

  /** After the last row. */
  seal(): void {
    this.tails = allocInt32(0);
    if (this.nexts === null && this.linked === this.rows) this.heads = null;
  }

  emitFirst(emit: CodeEmitter, keys: readonly Value[]): string {
    const group = emitFind(emit, this.keys, keys, this.spec.nullSafe);
    if (this.heads === null) return group;
    const heads = emit.hoist('heads', `${emit.constant('build', this)}.heads`);
    return emit.let('first', `${group} < 0 ? -1 : ${heads}[${group}]`);
  }
}

function keyedIndex(rows: Batch, schema: Schema, keys: JoinKeys, context: TaskContext): Indexed {
  const index = new KeyedIndex(rows.length, keys, context.closure.bind(context));
  new Pipeline({
    name: 'join-build',
    input: schema.fields.map((f) => f.type),
    steps: [],
    sink: index,
    maxCached: context.config.get('codegen.maxCachedFunctions'),
    partition: context.key.partition,
  }).run(rows);
  index.seal();
  return { index, nexts: index.nexts };
}
