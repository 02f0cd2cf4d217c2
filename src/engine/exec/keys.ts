/**
 * Owns: from key values in generated code to a group number: which table serves the key types, and how a key is put to it.
 * Used by aggregation (insert) and joins (find).
 */
import type { DataType } from '../../data/types.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import { BytesTable, LongTable } from './group-table.js';
import { KeyBuffer } from './key-buffer.js';

/** `long`: one column of up to 64 bits; `bytes`: one string or binary column; `row`: anything else, through KeyBuffer. */
type KeyForm = 'long' | 'bytes' | 'row';

export class KeyTable {
  readonly form: KeyForm;
  readonly longs: LongTable;
  readonly bytes: BytesTable;
  readonly buffer = new KeyBuffer();
  /** Bits of a double, as two halves. */
  readonly double = new Float64Array(1);
  readonly halves = new Int32Array(this.double.buffer);
  private nullNumber = -1;

  /**
   * With `nullsInRow` keys have the row form, in which a null is a value like any other, also where there is one column alone.
   * `expected` groups have room before anything must grow.
   */
  constructor(types: readonly DataType[], { nullsInRow = false, expected = 0 } = {}) {
    this.form = types.length === 1 && !nullsInRow ? formOf(types[0]) : 'row';
    this.longs = new LongTable(this.form === 'long' ? expected : 0);
    this.bytes = new BytesTable(this.form === 'long' ? 0 : expected);
  }

  /** Groups so far: their numbers are 0 to size - 1. */
  get size(): number {
    return this.form === 'long' ? this.longs.size : this.bytes.size;
  }

  /** The group of a single null key; made on first use. */
  insertNull(): number {
    if (this.nullNumber < 0) this.nullNumber = this.form === 'long' ? this.longs.reserve() : this.bytes.reserve();
    return this.nullNumber;
  }

  setDouble(value: number): void {
    this.double[0] = value === 0 ? 0 : Number.isNaN(value) ? Number.NaN : value;
  }

  /** Forgets all keys, keeps the memory. */
  clear(): void {
    this.longs.clear();
    this.bytes.clear();
    this.nullNumber = -1;
  }

  byteSize(): number {
    return this.longs.byteSize() + this.bytes.byteSize();
  }
}

function formOf(type: DataType): KeyForm {
  switch (type.kind) {
    case 'string':
    case 'binary':
      return 'bytes';
    case 'decimal':
      return type.precision <= 18 ? 'long' : 'row';
    case 'array':
    case 'map':
    case 'struct':
    case 'null':
      return 'row';
    default:
      return 'long';
  }
}

/** Emits the group number of the keys, made where it is new; returns the variable's name. Null is a key like any other. */
export function emitInsert(emit: CodeEmitter, table: KeyTable, keys: readonly Value[]): string {
  const t = emit.constant('table', table);
  const group = emit.fresh('g');
  emit.line(`let ${group};`);
  const [key] = keys;
  const insert = (): void => emitLookup(emit, table, t, group, 'insert', keys);
  if (table.form === 'row' || key.isNull === 'false') insert();
  else if (key.isNull === 'true') emit.line(`${group} = ${t}.insertNull();`);
  else emit.branch(key.isNull, () => emit.line(`${group} = ${t}.insertNull();`), insert);
  return group;
}

/** Emits the group number of the keys, or -1 where there is none or a key is null that is not null-safe (only in the row form). */
export function emitFind(emit: CodeEmitter, table: KeyTable, keys: readonly Value[], nullSafe: readonly boolean[]): string {
  const t = emit.constant('table', table);
  const group = emit.fresh('g');
  emit.line(`let ${group} = -1;`);
  const nulls = [...new Set(keys.flatMap((k, i) => (k.isNull === 'false' || nullSafe[i] ? [] : [k.isNull])))];
  const find = (): void =>
    emitLookup(
      emit,
      table,
      t,
      group,
      'find',
      keys.map((k, i) => (nullSafe[i] ? k : { ...k, isNull: 'false' })),
    );
  if (nulls.length === 0) find();
  else emit.branch(`!(${nulls.join(' || ')})`, find);
  return group;
}

function emitLookup(emit: CodeEmitter, table: KeyTable, t: string, group: string, verb: 'insert' | 'find', keys: readonly Value[]): void {
  switch (table.form) {
    case 'bytes': {
      const { data, start, end } = emit.toBytes(keys[0]);
      emit.line(`${group} = ${emit.constant('bytes', table.bytes)}.${verb}(${data}, ${start}, ${end});`);
      return;
    }
    case 'long':
      emit.line(`${group} = ${emit.constant('longs', table.longs)}.${verb}(${longHalves(emit, table, t, keys[0])});`);
      return;
    case 'row': {
      const buffer = emit.constant('keys', table.buffer);
      emit.line(`${buffer}.reset();`);
      for (const key of keys) emitPut(emit, buffer, key);
      emit.line(`${group} = ${emit.constant('bytes', table.bytes)}.${verb}(${buffer}.data, 0, ${buffer}.length);`);
      return;
    }
    default:
      table.form satisfies never;
  }
}

function longHalves(emit: CodeEmitter, table: KeyTable, t: string, key: Value): string {
  switch (key.rep) {
    case 'int':
      if (key.bits <= 31) return `${key.code}, ${key.code} >> 31`;
      return `${key.code} | 0, Math.floor(${key.code} / 4294967296) | 0`;
    case 'bool':
      return `${key.code} ? 1 : 0, 0`;
    case 'float': {
      emit.line(`${t}.setDouble(${key.code});`);
      const halves = emit.constant('halves', table.halves);
      return `${halves}[0], ${halves}[1]`;
    }
    default: {
      const { code } = emit.toBig(key);
      return `Number(BigInt.asIntN(32, ${code})), Number(${code} >> 32n)`;
    }
  }
}

function emitPut(emit: CodeEmitter, buffer: string, key: Value): void {
  if (key.isNull === 'true') {
    emit.line(`${buffer}.putNull();`);
    return;
  }
  const put = (): void => emit.line(`${buffer}.${putCode(emit, key)};`);
  if (key.isNull === 'false') put();
  else emit.branch(key.isNull, () => emit.line(`${buffer}.putNull();`), put);
}

function putCode(emit: CodeEmitter, key: Value): string {
  switch (key.rep) {
    case 'int':
      return `putInt(${key.code})`;
    case 'big':
      return `putBig(${key.code})`;
    case 'float':
      return `putFloat(${key.code})`;
    case 'bool':
      return `putBool(${key.code})`;
    case 'bytes':
      return `putBytes(${key.data}, ${key.start}, ${key.end})`;
    default: {
      if (key.type.kind !== 'string' && key.type.kind !== 'binary') return `putValue(${emit.toJs(key).code})`;
      const { data, start, end } = emit.toBytes(key);
      return `putBytes(${data}, ${start}, ${end})`;
    }
  }
}
