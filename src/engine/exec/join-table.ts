/**
 * Owns: the build side of a hash join: its rows in one batch, an index from key to the first row of that key, and the chain of its other rows.
 * Up to three integers of 32 bits lie in a table of (keys, row), a single one of a dense range in an array by value; others go through KeyTable.
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
import { DenseIndex, MOST_PAIRED, TupleIndex } from './integer-index.js';
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

/** Whether at most one row has a key. */
export const isUnique = ({ index, nexts }: JoinTable): boolean => index !== null && nexts === null;

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
  const integers = nullSafe.includes(true) ? null : integerIndex(rows, schema, exprs, context);
  const { index, nexts } = integers ?? keyedIndex(rows, schema, keys, context);
  return { rows, index, nexts, byteSize: bytes + index.byteSize + (nexts?.byteLength ?? 0) };
}

interface Indexed {
  readonly index: JoinIndex;
  readonly nexts: Int32Array | null;
}

/** Bytes of memory that a hash index takes a row at most: four slots of four integers, with what chains rows of one key. */
const INDEX_BYTES_PER_ROW = 68;

/** What rows of a build side will take until their table stands, their concatenation too: whether they fit is asked before it is built. */
export const buildBytes = (batch: Batch): number => 2 * batchBytes(batch) + batch.length * INDEX_BYTES_PER_ROW;

const INTEGERS = ['int8', 'int16', 'int32', 'int64', 'date', 'timestamp', 'timestamp_ntz', 'decimal'];

/** An array by value is taken while it is no larger than the table of pairs would be. */
const DENSE_SHARE = 8;
const DENSE_ROOM = 1024;

/** Null where a key is no integer, or one of its values is beyond 32 bits. */
function integerIndex(rows: Batch, schema: Schema, exprs: readonly BoundExpr[], context: TaskContext): Indexed | null {
  if (exprs.length > MOST_PAIRED || !exprs.every((e) => INTEGERS.includes(e.type.kind))) return null;
  const types = schema.fields.map((f) => f.type);
  const columns = new Evaluator(exprs, types, context).evaluate(rows).map(decodeDictionary);
  const keys: Int32Array[] = [];
  for (const column of columns) {
    const small = smallKeys(column);
    if (small === null) return null;
    keys.push(small);
  }
  const [min, max] = exprs.length === 1 ? rangeOf(keys[0]) : [0, Number.POSITIVE_INFINITY];
  const isDense = rows.length > 0 && max - min < rows.length * DENSE_SHARE + DENSE_ROOM;
  return linked(isDense ? new DenseIndex(min, max - min + 1, keys[0]) : new TupleIndex(keys, rows.length), columns, rows.length);
}

/** The keys as 32-bit integers; null where they are not that small. */
function smallKeys(column: Column): Int32Array | null {
  if (column.layout !== 'fixed') return null;
  const { values, length } = column;
  if (values instanceof Int32Array) return values;
  if (!(values instanceof BigInt64Array)) return Int32Array.from(values as Int16Array);
  const lanes = new Int32Array(values.buffer, values.byteOffset, length * 2);
  const keys = allocInt32(length);
  let wide = 0;
  for (let i = 0; i < length; i++) {
    const low = lanes[2 * i];
    keys[i] = low;
    wide |= lanes[2 * i + 1] ^ (low >> 31);
  }
  return wide === 0 ? keys : null;
}

function rangeOf(keys: Int32Array): [number, number] {
  let [min, max] = [0x7fffffff, -0x80000000];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key < min) min = key;
    if (key > max) max = key;
  }
  return [min, max];
}

function linked(index: DenseIndex | TupleIndex, columns: readonly Column[], rows: number): Indexed {
  const nullable = columns.filter((column) => column.layout === 'null' || column.validity !== null);
  const hasNull = nullable.length === 0 ? null : (row: number): boolean => nullable.some((column) => isNull(column, row));
  const nexts = allocInt32(rows).fill(-1);
  return { index, nexts: index.link(nexts, hasNull) ? nexts : null };
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
