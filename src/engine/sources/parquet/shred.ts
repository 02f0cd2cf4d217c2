/**
 * Owns: columns of any nesting as Parquet leaves: the schema elements of a type, and per leaf its levels and the values that are not null
 * (Dremel's shredding; the inverse is in assemble.ts). Every field is optional, map keys are required.
 */
import { fatalError } from '../../../core/errors.js';
import { allocInt32 } from '../../../data/alloc.js';
import { type Column, isNull } from '../../../data/batch.js';
import { countSet } from '../../../data/bitmap.js';
import { decodeDictionary } from '../../../data/dictionary.js';
import { take } from '../../../data/take.js';
import type { DataType } from '../../../data/types.js';
import type { Physical } from './footer.js';
import { binary, bool, i32, struct, type ThriftFields } from './thrift-write.js';

/** A leaf of the schema: how its values are stored. */
export interface LeafSchema {
  readonly path: readonly string[];
  readonly type: DataType;
  readonly physical: Physical;
  readonly maxDef: number;
  readonly maxRep: number;
}

/** One leaf of a row group. Levels are null where the leaf has none; def also where nothing is null. */
export interface LeafData {
  readonly entries: number;
  readonly def: Uint8Array | null;
  readonly rep: Uint8Array | null;
  /** Without nulls. */
  readonly values: Column;
}

const REPETITION = { required: 0, optional: 1, repeated: 2 } as const;
type Repetition = keyof typeof REPETITION;
const MAP_CONVERTED = 1;
const LIST_CONVERTED = 3;
const EMPTY = struct({});

/** Adds the elements and leaves of a field, in the order of the file. */
export function describe(
  name: string,
  type: DataType,
  repetition: Repetition,
  elements: ThriftFields[],
  leaves: LeafSchema[],
  outer: LeafSchema | null = null,
): void {
  const path = [...(outer?.path ?? []), name];
  const maxDef = (outer?.maxDef ?? 0) + (repetition === 'required' ? 0 : 1);
  const maxRep = (outer?.maxRep ?? 0) + (repetition === 'repeated' ? 1 : 0);
  const here: LeafSchema = { path, type, physical: 'INT32', maxDef, maxRep };
  const group = (children: number, converted: number | null, logical: ThriftFields | null): void => {
    elements.push({
      3: i32(REPETITION[repetition]),
      4: binary(name),
      5: i32(children),
      6: converted === null ? null : i32(converted),
      10: logical === null ? null : struct(logical),
    });
  };
  switch (type.kind) {
    case 'struct':
      group(type.fields.length, null, null);
      for (const f of type.fields) describe(f.name, f.type, 'optional', elements, leaves, here);
      break;
    case 'array': {
      group(1, LIST_CONVERTED, { 3: EMPTY });
      elements.push({ 3: i32(REPETITION.repeated), 4: binary('list'), 5: i32(1) });
      describe('element', type.element, 'optional', elements, leaves, repeated(here, 'list'));
      break;
    }
    case 'map': {
      group(1, MAP_CONVERTED, { 2: EMPTY });
      elements.push({ 3: i32(REPETITION.repeated), 4: binary('key_value'), 5: i32(2) });
      const entry = repeated(here, 'key_value');
      describe('key', type.key, 'required', elements, leaves, entry);
      describe('value', type.value, 'optional', elements, leaves, entry);
      break;
    }
    default: {
      const { physical, ...annotation } = leafElement(type);
      elements.push({
        1: i32(PHYSICAL_NUMBER[physical]),
        ...annotation.length,
        3: i32(REPETITION[repetition]),
        4: binary(name),
        ...annotation.logical,
      });
      leaves.push({ ...here, physical });
    }
  }
}

const repeated = (outer: LeafSchema, name: string): LeafSchema => ({
  ...outer,
  path: [...outer.path, name],
  maxDef: outer.maxDef + 1,
  maxRep: outer.maxRep + 1,
});

export const PHYSICAL_NUMBER: Readonly<Record<Physical, number>> = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
};

function leafElement(type: DataType): { physical: Physical; length?: ThriftFields; logical?: ThriftFields } {
  const timestamp = (utc: boolean): ThriftFields => ({
    6: utc ? i32(10) : null,
    10: struct({ 8: struct({ 1: bool(utc), 2: struct({ 2: EMPTY }) }) }),
  });
  switch (type.kind) {
    case 'boolean':
      return { physical: 'BOOLEAN' };
    case 'int8':
      return { physical: 'INT32', logical: { 6: i32(15) } };
    case 'int16':
      return { physical: 'INT32', logical: { 6: i32(16) } };
    case 'int32':
    case 'year_month_interval':
      return { physical: 'INT32' };
    case 'int64':
    case 'day_time_interval':
      return { physical: 'INT64' };
    case 'float32':
      return { physical: 'FLOAT' };
    case 'float64':
      return { physical: 'DOUBLE' };
    case 'string':
      return { physical: 'BYTE_ARRAY', logical: { 6: i32(0), 10: struct({ 1: EMPTY }) } };
    case 'binary':
      return { physical: 'BYTE_ARRAY' };
    case 'date':
      return { physical: 'INT32', logical: { 6: i32(6), 10: struct({ 6: EMPTY }) } };
    case 'timestamp':
      return { physical: 'INT64', logical: timestamp(true) };
    case 'timestamp_ntz':
      return { physical: 'INT64', logical: timestamp(false) };
    case 'decimal': {
      const { precision, scale } = type;
      const logical = { 6: i32(5), 7: i32(scale), 8: i32(precision), 10: struct({ 5: struct({ 1: i32(scale), 2: i32(precision) }) }) };
      if (precision <= 18) return { physical: precision <= 9 ? 'INT32' : 'INT64', logical };
      return { physical: 'FIXED_LEN_BYTE_ARRAY', length: { 2: i32(16) }, logical };
    }
    default:
      throw fatalError('INTERNAL_ERROR', `Parquet has no leaf for ${type.kind}.`);
  }
}

/** The leaves of a column, in the order of `describe`. */
export function shred(column: Column, type: DataType): LeafData[] {
  if (type.kind !== 'array' && type.kind !== 'map' && type.kind !== 'struct') return [flat(column)];
  const out: LeafData[] = [];
  const { length } = column;
  const rows = allocInt32(length);
  for (let i = 0; i < length; i++) rows[i] = i;
  shredNode(decodeDictionary(column), type, true, { rows, def: new Uint8Array(length), rep: new Uint8Array(length) }, 0, out);
  return out;
}

function flat(column: Column): LeafData {
  const entries = column.length;
  if (column.layout === 'null' || column.validity === null) return { entries, def: null, rep: null, values: column };
  const def = new Uint8Array(entries);
  const rows = allocInt32(countSet(column.validity, entries));
  let n = 0;
  for (let i = 0; i < entries; i++) {
    if (isNull(column, i)) continue;
    def[i] = 1;
    rows[n++] = i;
  }
  return { entries, def, rep: null, values: without(column, rows) };
}

/** Rows that are not null, as a column without validity; dictionary codes stay codes. */
function without(column: Column, rows: Int32Array): Column {
  if (column.layout !== 'dictionary') return take(column, rows, rows.length);
  return {
    layout: 'dictionary',
    length: rows.length,
    validity: null,
    codes: rows.map((row) => column.codes[row]),
    dictionary: column.dictionary,
  };
}

/** Entries at one node: the row of its column, or -1 below a null or empty ancestor; and the levels so far. */
interface Entries {
  readonly rows: Int32Array;
  readonly def: Uint8Array;
  readonly rep: Uint8Array;
}

function shredNode(column: Column, type: DataType, optional: boolean, outer: Entries, depth: number, out: LeafData[]): void {
  const entries = optional ? pastNulls(column, outer) : outer;
  switch (type.kind) {
    case 'struct':
      if (column.layout === 'struct')
        for (const [i, f] of type.fields.entries()) shredNode(column.children[i], f.type, true, entries, depth, out);
      break;
    case 'array':
      if (column.layout === 'list') shredNode(column.child, type.element, true, unroll(column.offsets, entries, depth + 1), depth + 1, out);
      break;
    case 'map':
      if (column.layout === 'map') {
        const inner = unroll(column.offsets, entries, depth + 1);
        shredNode(column.keys, type.key, false, inner, depth + 1, out);
        shredNode(column.values, type.value, true, inner, depth + 1, out);
      }
      break;
    default: {
      const rows = entries.rows.filter((row) => row >= 0);
      out.push({
        entries: entries.rows.length,
        def: entries.def,
        rep: depth > 0 ? entries.rep : null,
        values: take(column, rows, rows.length),
      });
    }
  }
}

function pastNulls(column: Column, { rows, def, rep }: Entries): Entries {
  const nextRows = rows.slice();
  const nextDef = def.slice();
  for (let i = 0; i < rows.length; i++) {
    if (rows[i] < 0) continue;
    if (isNull(column, rows[i])) nextRows[i] = -1;
    else nextDef[i]++;
  }
  return { rows: nextRows, def: nextDef, rep };
}

/** One entry for each element, and one for each list without elements. */
function unroll(offsets: Int32Array, { rows, def, rep }: Entries, level: number): Entries {
  let count = 0;
  for (const row of rows) count += row < 0 ? 1 : Math.max(1, offsets[row + 1] - offsets[row]);
  const out = { rows: allocInt32(count), def: new Uint8Array(count), rep: new Uint8Array(count) };
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const first = row < 0 ? 0 : offsets[row];
    const end = row < 0 ? 0 : offsets[row + 1];
    out.rep[at] = rep[i];
    if (first === end) {
      out.rows[at] = -1;
      out.def[at++] = def[i];
      continue;
    }
    for (let element = first; element < end; element++) {
      if (element > first) out.rep[at] = level;
      out.rows[at] = element;
      out.def[at++] = def[i] + 1;
    }
  }
  return out;
}
