/** Owns: columns and batches end to end. */
import { allocBytes, allocFixed, allocInt32, allocInt64, MAX_BUFFER_BYTES, nextCapacity } from './alloc.js';
import { type Batch, type Column, type ColumnOf, type Layout, plainLayout, type Validity } from './batch.js';
import { copyBits, setBits } from './bitmap.js';
import { columnOf } from './builder.js';
import { decodeDictionary, distinctBytes } from './dictionary.js';
import { slice } from './slice.js';
import { take } from './take.js';
import type { DataType, Schema } from './types.js';

/**
 * The rows of all columns, in order. Columns over one dictionary stay encoded, and texts over several small ones are
 * brought to one; other mixtures of dictionaries and plain columns become plain. Throws BATCH_TOO_LARGE where the result would pass 2 GiB.
 */
export function concat(type: DataType, columns: readonly Column[]): Column {
  const parts = columns.filter((column) => column.length > 0);
  if (parts.length === 0) return columns[0] ?? columnOf(type, []);
  if (parts.length === 1) return parts[0];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (parts.every((part) => part.layout === 'dictionary')) {
    const encoded = concatEncoded(type, parts, length);
    if (encoded !== null) return encoded;
  }
  return concatPlain(type, parts.map(decodeTop), length);
}

/** `concat` of every column of batches of one schema. */
export function concatBatches(schema: Schema, batches: readonly Batch[]): Batch {
  if (batches.length === 1) return batches[0];
  return {
    length: batches.reduce((sum, batch) => sum + batch.length, 0),
    columns: schema.fields.map((f, i) =>
      concat(
        f.type,
        batches.map((batch) => batch.columns[i]),
      ),
    ),
  };
}

/** A batch without rows. */
export function emptyBatch(schema: Schema): Batch {
  return { length: 0, columns: schema.fields.map((f) => columnOf(f.type, [])) };
}

function decodeTop(column: Column): Column {
  return column.layout === 'dictionary' ? decodeDictionary(column) : column;
}

/** Encoded columns as one; null where their dictionaries differ and are not small texts. */
function concatEncoded(type: DataType, parts: readonly ColumnOf<'dictionary'>[], length: number): Column | null {
  const [first] = parts;
  if (parts.every((part) => part.dictionary === first.dictionary)) return concatCodes(parts, length, first.dictionary);
  const dictionaries = [...new Set(parts.map((part) => part.dictionary))];
  const entries = dictionaries.reduce((sum, dictionary) => sum + dictionary.length, 0);
  // With more entries than half the rows a dictionary no longer pays.
  if (plainLayout(type) !== 'bytes' || entries * 2 > length) return null;
  const all = concat(type, dictionaries) as ColumnOf<'bytes'>;
  const { codes, firsts } = distinctBytes(all);
  const dictionary = take(all, firsts, firsts.length);
  const starts = new Map<Column, number>();
  forEachAt(dictionaries, (own, at) => starts.set(own, at));
  const recoded = parts.map((part) => recode(part, dictionary, codes, starts.get(part.dictionary) as number));
  return concatCodes(recoded, length, dictionary);
}

/** The same rows over a dictionary in which entry i of the column's own is `codes[start + i]`. */
function recode(part: ColumnOf<'dictionary'>, dictionary: Column, codes: Int32Array, start: number): ColumnOf<'dictionary'> {
  const recoded = allocInt32(part.length);
  // The code of a null row may point anywhere where the dictionary is empty.
  if (part.dictionary.length > 0) for (let i = 0; i < part.length; i++) recoded[i] = codes[start + part.codes[i]];
  return { ...part, codes: recoded, dictionary };
}

function concatCodes(parts: readonly ColumnOf<'dictionary'>[], length: number, dictionary: Column): Column {
  const codes = allocInt32(length);
  let at = 0;
  for (const part of parts) {
    codes.set(part.codes.subarray(0, part.length), at);
    at += part.length;
  }
  return { layout: 'dictionary', length, validity: concatValidity(parts, length), codes, dictionary };
}

function concatPlain(type: DataType, parts: readonly Column[], length: number): Column {
  const layout = plainLayout(type);
  if (layout === 'null') return { layout, length };
  const validity = concatValidity(parts as readonly Exclude<Column, { layout: 'null' }>[], length);
  switch (layout) {
    case 'fixed': {
      const values = allocFixed(type, length) as Int32Array;
      forEachAt(of(parts, layout), (part, at) => values.set((part.values as Int32Array).subarray(0, part.length), at));
      return { layout, length, validity, values };
    }
    case 'wide': {
      const values = allocInt64(2 * length);
      forEachAt(of(parts, layout), (part, at) => values.set(part.values.subarray(0, 2 * part.length), 2 * at));
      return { layout, length, validity, values };
    }
    case 'bits': {
      const bits = allocBytes((length + 7) >> 3);
      forEachAt(of(parts, layout), (part, at) => copyBits(part.bits, 0, bits, at, part.length));
      return { layout, length, validity, bits };
    }
    case 'bytes':
      return concatBytes(of(parts, layout), length, validity);
    case 'list': {
      const lists = of(parts, layout);
      const children = lists.map((part) => sliceChild(part, part.child));
      return {
        layout,
        length,
        validity,
        offsets: concatOffsets(lists, length),
        child: concat((type as TypeOf<'array'>).element, children),
      };
    }
    case 'map': {
      const maps = of(parts, layout);
      const { key, value } = type as TypeOf<'map'>;
      const keys = maps.map((part) => sliceChild(part, part.keys));
      const values = maps.map((part) => sliceChild(part, part.values));
      return { layout, length, validity, offsets: concatOffsets(maps, length), keys: concat(key, keys), values: concat(value, values) };
    }
    case 'struct': {
      const structs = of(parts, layout);
      const children = (type as TypeOf<'struct'>).fields.map((f, i) =>
        concat(
          f.type,
          structs.map((part) => part.children[i]),
        ),
      );
      return { layout, length, validity, children };
    }
    default:
      return layout satisfies never;
  }
}

type TypeOf<K extends DataType['kind']> = Extract<DataType, { kind: K }>;

/** The parts, known by their type to have one layout. */
function of<L extends Layout>(parts: readonly Column[], _layout: L): readonly ColumnOf<L>[] {
  return parts as readonly ColumnOf<L>[];
}

function forEachAt<C extends Column>(parts: readonly C[], visit: (part: C, at: number) => void): void {
  let at = 0;
  for (const part of parts) {
    visit(part, at);
    at += part.length;
  }
}

function concatValidity(parts: readonly Exclude<Column, { layout: 'null' }>[], length: number): Validity {
  if (parts.every((part) => part.validity === null)) return null;
  const validity = allocBytes((length + 7) >> 3);
  forEachAt(parts, (part, at) => {
    if (part.validity === null) setBits(validity, at, part.length);
    else copyBits(part.validity, 0, validity, at, part.length);
  });
  return validity;
}

function concatBytes(parts: readonly ColumnOf<'bytes'>[], length: number, validity: Validity): Column {
  const offsets = concatOffsets(parts, length);
  const data = allocBytes(offsets[length]);
  forEachAt(parts, (part, at) => data.set(part.data.subarray(part.offsets[0], part.offsets[part.length]), offsets[at]));
  return { layout: 'bytes', length, validity, offsets, data };
}

function concatOffsets(parts: readonly { readonly offsets: Int32Array; readonly length: number }[], length: number): Int32Array {
  const offsets = allocInt32(length + 1);
  let at = 0;
  let total = 0;
  for (const { offsets: from, length: rows } of parts) {
    const shift = total - from[0];
    for (let i = 1; i <= rows; i++) offsets[at + i] = from[i] + shift;
    at += rows;
    total += from[rows] - from[0];
  }
  if (total > MAX_BUFFER_BYTES) nextCapacity(0, total, 1);
  return offsets;
}

/** The rows of a child that its parent's rows refer to. */
function sliceChild(parent: { readonly offsets: Int32Array; readonly length: number }, child: Column): Column {
  return slice(child, parent.offsets[0], parent.offsets[parent.length]);
}
