/**
 * Owns: a column without nesting: rows as they are asked for, whatever pages they lie in, decoded straight into the buffers of a batch.
 * Texts keep their dictionary; so do numbers for readers who look values up row by row.
 */
import { allocFixed, allocInt32 } from '../../../data/alloc.js';
import { type Column, type ColumnOf, type FixedArray, plainLayout } from '../../../data/batch.js';
import { concat } from '../../../data/concat.js';
import { lanesOf } from '../../../data/lanes.js';
import { slice } from '../../../data/slice.js';
import { take } from '../../../data/take.js';
import type { DataType } from '../../../data/types.js';
import { withNulls } from './assemble.js';
import { type CodesBody, checkCodes, type PageReader } from './pages.js';
import type { Leaf } from './schema.js';

/** The rest of a page: codes still to be read, or a column. */
type CodesPlace = { readonly kind: 'codes'; readonly body: CodesBody; left: number };
type ColumnPlace = { readonly kind: 'column'; readonly column: Column; left: number };

/** What a column needs, for its next row group again; null until something is put there. */
export interface RowBuffers {
  /** Row i of a batch is at i. */
  codes: Int32Array | null;
  values: FixedArray | null;
  /** Of a chunk, as the file has them. */
  bytes: Uint8Array | null;
}

export class FlatColumn {
  private readonly pages: PageReader;
  private readonly leaf: Leaf;
  private readonly type: DataType;
  private readonly recycles: boolean;
  private readonly isFixed: boolean;
  private place: CodesPlace | ColumnPlace | null = null;
  private readonly buffers: RowBuffers;

  /** Who gives `recycled` buffers reads rows one by one, and is done with those of a batch when it asks for the next, here or of another column. */
  constructor(pages: PageReader, leaf: Leaf, type: DataType, recycled: RowBuffers | null) {
    this.pages = pages;
    this.leaf = leaf;
    this.type = type;
    this.recycles = recycled !== null;
    this.buffers = recycled ?? { codes: null, values: null, bytes: null };
    this.isFixed = plainLayout(type) === 'fixed';
  }

  /** The next n rows. Throws an Error where there are fewer. */
  read(n: number): Column {
    const { buffers } = this;
    if (!this.recycles || (buffers.codes?.length ?? n) < n) buffers.codes = null;
    if (!this.recycles || (buffers.values?.length ?? n) < n) buffers.values = null;
    const parts: Column[] = [];
    // Rows [from, at) lie in `values` and in no part yet.
    let from = 0;
    let at = 0;
    while (at < n) {
      const part = this.part(at, n);
      if (typeof part === 'number') {
        at += part;
        continue;
      }
      if (at > from) parts.push(this.fixed(from, at));
      parts.push(part);
      at += part.length;
      from = at;
    }
    if (at > from) parts.push(this.fixed(from, at));
    return concat(this.type, parts);
  }

  /** Passes over n rows; pages that they fill are not decoded. */
  skip(n: number): void {
    for (let missing = n; missing > 0; ) {
      const passed = this.place === null || this.place.left === 0 ? this.pages.skip(missing) : 0;
      if (passed > 0) {
        missing -= passed;
        continue;
      }
      const place = this.next(missing);
      const rows = Math.min(place.left, missing);
      if (place.kind === 'codes') place.body.codes.read(allocInt32(rows), 0, rows);
      place.left -= rows;
      missing -= rows;
    }
  }

  /** Rows [at, n) or the first of them: as a column, or how many were put into `values`. */
  private part(at: number, n: number): Column | number {
    const place = this.next(n - at);
    if (place.kind === 'column') {
      const rows = Math.min(n - at, place.left);
      const begin = place.column.length - place.left;
      const column = slice(place.column, begin, begin + rows);
      place.left -= rows;
      if (column.layout !== 'fixed' || column.validity !== null || rows === n) return column;
      lanesOf(this.room(n)).set(lanesOf(column.values), (at * column.values.BYTES_PER_ELEMENT) / lanesOf(column.values).BYTES_PER_ELEMENT);
      return rows;
    }
    const column = this.coded(place, at, n);
    const { dictionary, length } = column;
    if (dictionary.layout === 'bytes') return column;
    if (!this.isFixed || dictionary.layout !== 'fixed') return take(dictionary, column.codes, length);
    if (this.recycles && length === n) return column;
    gather(dictionary.values, column.codes, length, this.room(n), at);
    return length;
  }

  /** The page that has the next row. */
  private next(missing: number): CodesPlace | ColumnPlace {
    while (this.place === null || this.place.left === 0) {
      const page = this.pages.next();
      if (page === null) throw new Error(`it ends ${missing} rows before its row group does`);
      const { body, def, entries } = page;
      if (def === null && body.kind === 'codes') this.place = { kind: 'codes', body, left: entries };
      else this.place = { kind: 'column', column: withNulls(def, this.leaf.maxDef, entries, this.pages.values(page)), left: entries };
    }
    return this.place;
  }

  /** Rows [at, n) or the first of them, in codes of one dictionary, from as many pages as have them. */
  private coded(first: CodesPlace, at: number, n: number): ColumnOf<'dictionary'> {
    this.buffers.codes ??= allocInt32(n);
    const all = this.buffers.codes;
    const { dictionary } = first.body;
    let to = at;
    for (let place: CodesPlace | ColumnPlace = first; place.kind === 'codes' && place.body.dictionary === dictionary; ) {
      const rows = Math.min(place.left, n - to);
      place.body.codes.read(all, to, rows);
      place.left -= rows;
      to += rows;
      if (to === n) break;
      place = this.next(n - to);
    }
    const codes = all.subarray(at, to);
    checkCodes(codes, codes.length, dictionary);
    return { layout: 'dictionary', length: codes.length, validity: null, codes, dictionary };
  }

  private room(n: number): FixedArray {
    this.buffers.values ??= allocFixed(this.type, n);
    return this.buffers.values;
  }

  private fixed(from: number, to: number): Column {
    return { layout: 'fixed', length: to - from, validity: null, values: (this.buffers.values as FixedArray).subarray(from, to) };
  }
}

/** The entries of `dictionary` that `codes` name, into `out` from `at` on. 64 bits go as two halves: no bigint is made. */
function gather(dictionary: FixedArray, codes: Int32Array, count: number, out: FixedArray, at: number): void {
  const [from, to] = [lanesOf(dictionary), lanesOf(out)];
  if (dictionary.BYTES_PER_ELEMENT < 8) {
    for (let i = 0; i < count; i++) to[at + i] = from[codes[i]];
    return;
  }
  for (let i = 0, k = 2 * at; i < count; i++, k += 2) {
    const entry = 2 * codes[i];
    to[k] = from[entry];
    to[k + 1] = from[entry + 1];
  }
}
