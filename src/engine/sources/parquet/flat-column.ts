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
import { type Body, type CodesBody, checkCodes, type PageReader, type ValuesBody } from './pages.js';
import { PlainTexts } from './plain-texts.js';
import type { Leaf } from './schema.js';
import { ENCODING } from './values.js';

/** The rest of a page: codes or texts still to be read, or a column. */
type CodesPlace = { readonly kind: 'codes'; readonly body: CodesBody; left: number };
type TextsPlace = { readonly kind: 'texts'; readonly texts: PlainTexts; left: number };
type ColumnPlace = { readonly kind: 'column'; readonly column: Column; left: number };
type Place = CodesPlace | TextsPlace | ColumnPlace;

/** What a column needs, for its next row group again; null until something is put there. */
export interface RowBuffers {
  /** Row i of a batch is at i. */
  codes: Int32Array | null;
  values: FixedArray | null;
  /** Of a chunk, as the file has them. */
  bytes: Uint8Array | null;
}

/** Types whose plain values are the bytes as they are. */
const TEXTS: readonly DataType['kind'][] = ['string', 'binary'];

export class FlatColumn {
  private readonly open: () => PageReader;
  private opened: PageReader | null = null;
  private readonly leaf: Leaf;
  private readonly type: DataType;
  private readonly recycles: boolean;
  private readonly isFixed: boolean;
  private place: Place | null = null;
  private readonly buffers: RowBuffers;
  /** Rows to be passed over before the next is read: together they may fill a page. */
  private owed = 0;
  /** Rows that are still to come. */
  private left: number;

  /** Who gives `recycled` buffers reads rows one by one, and is done with those of a batch when it asks for the next, here or of another column. */
  constructor(open: () => PageReader, rows: number, leaf: Leaf, type: DataType, recycled: RowBuffers | null) {
    this.open = open;
    this.left = rows;
    this.leaf = leaf;
    this.type = type;
    this.recycles = recycled !== null;
    this.buffers = recycled ?? { codes: null, values: null, bytes: null };
    this.isFixed = plainLayout(type) === 'fixed';
  }

  /** The chunk is read with the first row that is wanted of it. */
  private get pages(): PageReader {
    this.opened ??= this.open();
    return this.opened;
  }

  /** The next n rows. Throws an Error where there are fewer. */
  read(n: number): Column {
    this.settle();
    this.left -= n;
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

  /** Of the next n rows those numbered `rows`, which ascend from 0; pages that have none of them are not decoded. */
  pick(rows: Int32Array, n: number): Column {
    const count = rows.length;
    const parts: Column[] = [];
    const codes = allocInt32(count);
    // Rows [from, k) lie in `codes` and in no part yet.
    let from = 0;
    let dictionary: Column | null = null;
    let passed = 0;
    const close = (to: number): void => {
      if (dictionary !== null) parts.push(this.entries(codes.subarray(from, to), dictionary));
      from = to;
      dictionary = null;
    };
    for (let k = 0; k < count; ) {
      this.owed += rows[k] - passed;
      this.settle();
      passed = rows[k];
      const place = this.next(n - passed);
      let to = k + 1;
      for (const end = passed + place.left; to < count && rows[to] < end; ) to++;
      const taken = rows[to - 1] + 1 - passed;
      if (place.kind === 'codes') {
        if (place.body.dictionary !== dictionary) close(k);
        dictionary = place.body.dictionary;
        place.body.codes.pick(rows, k, to, passed, codes, k);
      } else {
        close(k);
        const own = rows.subarray(k, to);
        parts.push(
          place.kind === 'texts' ? place.texts.pick(own, passed) : takeFrom(place.column, own, place.column.length - place.left - passed),
        );
        from = to;
      }
      place.left -= taken;
      passed += taken;
      k = to;
    }
    close(count);
    this.left -= passed;
    this.skip(n - passed);
    return concat(this.type, parts);
  }

  /** Passes over n rows; pages that they fill are not decoded. */
  skip(n: number): void {
    this.owed += n;
    this.left -= n;
    // Where pages were passed over, only the number of rows in all of them tells that their headers are right.
    if (this.left === 0 && this.opened !== null) this.settle();
  }

  private settle(): void {
    for (let missing = this.owed; missing > 0; ) {
      const passed = this.place === null || this.place.left === 0 ? this.pages.skip(missing) : 0;
      if (passed > 0) {
        missing -= passed;
        continue;
      }
      const place = this.next(missing);
      const rows = Math.min(place.left, missing);
      if (place.kind === 'codes') place.body.codes.skip(rows);
      else if (place.kind === 'texts') place.texts.skip(rows);
      place.left -= rows;
      missing -= rows;
    }
    this.owed = 0;
  }

  /** Rows [at, n) or the first of them: as a column, or how many were put into `values`. */
  private part(at: number, n: number): Column | number {
    const place = plain(this.next(n - at));
    this.place = place;
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
  private next(missing: number): Place {
    while (this.place === null || this.place.left === 0) {
      const page = this.pages.next();
      if (page === null) throw new Error(`it ends ${missing} rows before its row group does`);
      const { body, def, entries } = page;
      if (def === null && body.kind === 'codes') this.place = { kind: 'codes', body, left: entries };
      else if (def === null && this.hasPlainTexts(body)) {
        this.place = { kind: 'texts', texts: new PlainTexts(body.data, body.at, this.leaf, this.type), left: entries };
      } else this.place = { kind: 'column', column: withNulls(def, this.leaf.maxDef, entries, this.pages.values(page)), left: entries };
    }
    return this.place;
  }

  private hasPlainTexts(body: Body): body is ValuesBody {
    const { kind } = this.type;
    return body.kind === 'values' && body.encoding === ENCODING.PLAIN && this.leaf.physical === 'BYTE_ARRAY' && TEXTS.includes(kind);
  }

  /** Rows [at, n) or the first of them, in codes of one dictionary, from as many pages as have them. */
  private coded(first: CodesPlace, at: number, n: number): ColumnOf<'dictionary'> {
    this.buffers.codes ??= allocInt32(n);
    const all = this.buffers.codes;
    const { dictionary } = first.body;
    let to = at;
    for (let place: Place = first; place.kind === 'codes' && place.body.dictionary === dictionary; ) {
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

  private entries(codes: Int32Array, dictionary: Column): Column {
    const { length } = codes;
    checkCodes(codes, length, dictionary);
    const keeps = dictionary.layout === 'bytes' || (dictionary.layout === 'fixed' && this.recycles);
    return keeps ? { layout: 'dictionary', length, validity: null, codes, dictionary } : take(dictionary, codes, length);
  }

  private room(n: number): FixedArray {
    this.buffers.values ??= allocFixed(this.type, n);
    return this.buffers.values;
  }

  private fixed(from: number, to: number): Column {
    return { layout: 'fixed', length: to - from, validity: null, values: (this.buffers.values as FixedArray).subarray(from, to) };
  }
}

/** Who reads texts row after row has them decoded at once. */
function plain(place: Place): CodesPlace | ColumnPlace {
  return place.kind === 'texts' ? { kind: 'column', column: place.texts.rest(place.left), left: place.left } : place;
}

/** Rows `rows[k] + shift` of a column. */
function takeFrom(column: Column, rows: Int32Array, shift: number): Column {
  const shifted = allocInt32(rows.length);
  for (let k = 0; k < rows.length; k++) shifted[k] = rows[k] + shift;
  return take(column, shifted, rows.length);
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
