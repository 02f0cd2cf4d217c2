/** Owns: the pages of one column chunk, one after another: header, decompression, levels; and their values, for who wants whole pages. */
import { crc32 } from 'node:zlib';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { allocBytes, allocInt32 } from '../../../data/alloc.js';
import type { Column } from '../../../data/batch.js';
import { take } from '../../../data/take.js';
import type { DataType } from '../../../data/types.js';
import type { Decompress } from './codecs.js';
import { type ChunkMeta, integer, type Thrift } from './footer.js';
import { bitsFor, HybridReader, isOneRun, readHybrid } from './hybrid.js';
import type { Leaf } from './schema.js';
import { decodeValues, ENCODING } from './values.js';

export interface Page {
  /** Values and nulls; for columns in lists also empty and null lists. */
  readonly entries: number;
  /** Levels of the entries; null where the column has none, or all are the highest. */
  readonly def: Uint8Array | null;
  readonly rep: Uint8Array | null;
  /** Entries that are not null: their values are still encoded. */
  readonly present: number;
  readonly body: Body;
}

export interface CodesBody {
  readonly kind: 'codes';
  readonly codes: HybridReader;
  readonly dictionary: Column;
}

/** Values from data[at] on. */
export interface ValuesBody {
  readonly kind: 'values';
  readonly data: Uint8Array;
  readonly at: number;
  readonly encoding: number;
}

export type Body = CodesBody | ValuesBody;

const PAGE = { DATA: 0, INDEX: 1, DICTIONARY: 2, DATA_V2: 3 } as const;

/** No page is so much larger than what its chunk says of all of them, even where a writer did not count headers. */
const MOST_GROWTH = 4;

export class PageReader {
  private readonly bytes: Uint8Array;
  private readonly chunk: ChunkMeta;
  private readonly leaf: Leaf;
  private readonly type: DataType;
  private readonly decompress: Decompress;
  private readonly thrift: { view: DataView<ArrayBuffer>; offset: number };
  private dictionary: Column | null = null;
  private read = 0;

  /** `bytes` are those of the chunk. */
  constructor(bytes: Uint8Array, chunk: ChunkMeta, leaf: Leaf, type: DataType, decompress: Decompress) {
    this.bytes = bytes;
    this.chunk = chunk;
    this.leaf = leaf;
    this.type = type;
    this.decompress = decompress;
    this.thrift = { view: new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  }

  /** The next data page, or null after the last. Throws Errors that say what is wrong with the bytes. */
  next(): Page | null {
    while (this.read < this.chunk.values) {
      const { header, body } = this.stored();
      const page = this.page(header, body, integer(header.field_2));
      if (page !== null) return page;
    }
    return null;
  }

  /** The dictionary of bytes that end with its page; null where there is none. */
  onlyDictionary(): Column | null {
    const { header, body } = this.stored();
    this.page(header, body, integer(header.field_2));
    return this.dictionary;
  }

  /** Passes over the next data page of a column outside lists, if it has `most` entries or fewer, and gives how many; else 0. */
  skip(most: number): number {
    while (this.read < this.chunk.values) {
      const before = this.thrift.offset;
      const { header, body } = this.stored();
      const data = header.field_1 === PAGE.DATA ? header.field_5 : header.field_1 === PAGE.DATA_V2 ? header.field_8 : undefined;
      if (data === undefined) {
        this.page(header, body, integer(header.field_2));
        continue;
      }
      const entries = this.entries(partOf(data));
      if (entries > 0 && entries <= most) {
        this.read += entries;
        return entries;
      }
      this.thrift.offset = before;
      return 0;
    }
    return 0;
  }

  /** The next page as it lies in the chunk. */
  private stored(): { readonly header: Thrift; readonly body: Uint8Array } {
    if (this.thrift.offset >= this.bytes.length) throw new Error(`the chunk ends after ${this.read} of ${this.chunk.values} values`);
    const header = deserializeTCompactProtocol(this.thrift) as Thrift;
    const packed = integer(header.field_3);
    const start = this.thrift.offset;
    if (!(packed >= 0 && integer(header.field_2) >= 0 && start + packed <= this.bytes.length)) {
      throw new Error(`a page of ${packed} bytes is cut short`);
    }
    this.thrift.offset += packed;
    return { header, body: this.bytes.subarray(start, start + packed) };
  }

  private page(header: Thrift, body: Uint8Array, size: number): Page | null {
    // Writers may leave it out. It is of the bytes as they lie in the file.
    if (header.field_4 !== undefined && crc32(body) !== integer(header.field_4) >>> 0) throw new Error('a page does not have its checksum');
    if (size > MOST_GROWTH * Math.max(this.chunk.size, 1 << 20))
      throw new Error(`a page of ${size} bytes lies in a chunk of ${this.chunk.size}`);
    switch (header.field_1) {
      case PAGE.DICTIONARY: {
        const { field_1: count } = partOf(header.field_7);
        // Its encoding is plain, whichever of two names it goes by.
        this.dictionary = decodeValues(this.decompress(body, size), 0, ENCODING.PLAIN, integer(count), this.leaf, this.type);
        return null;
      }
      case PAGE.DATA:
        return this.dataPage(partOf(header.field_5), this.decompress(body, size));
      case PAGE.DATA_V2:
        return this.dataPageV2(partOf(header.field_8), body, size);
      default:
        return null;
    }
  }

  /** No more than the chunk has left. */
  private entries(header: Thrift): number {
    const entries = integer(header.field_1);
    const left = this.chunk.values - this.read;
    if (!(entries >= 0 && entries <= left)) throw new Error(`a page of ${entries} values lies where ${left} are left`);
    return entries;
  }

  private dataPage(header: Thrift, data: Uint8Array): Page {
    const entries = this.entries(header);
    let at = 0;
    const levels = (most: number): Uint8Array | null => {
      if (most === 0) return null;
      if (at + 4 > data.length) throw new Error('levels are cut short');
      const length = data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24);
      const from = at + 4;
      if (length < 0 || from + length > data.length) throw new Error('levels are cut short');
      at = from + length;
      return this.levels(data, from, at, most, entries);
    };
    const rep = levels(this.leaf.maxRep);
    const def = levels(this.leaf.maxDef);
    return this.finish(entries, def, rep, data, at, integer(header.field_2));
  }

  private dataPageV2(header: Thrift, body: Uint8Array, size: number): Page {
    const entries = this.entries(header);
    const defBytes = integer(header.field_5);
    const repBytes = integer(header.field_6);
    const levelBytes = defBytes + repBytes;
    if (!(defBytes >= 0 && repBytes >= 0 && levelBytes <= body.length)) throw new Error('levels are cut short');
    // Levels are never compressed in this version.
    const rep = this.leaf.maxRep > 0 ? this.levels(body, 0, repBytes, this.leaf.maxRep, entries) : null;
    const def = this.leaf.maxDef > 0 ? this.levels(body, repBytes, levelBytes, this.leaf.maxDef, entries) : null;
    const values = body.subarray(levelBytes);
    const data = header.field_7 === false || size === levelBytes ? values : this.decompress(values, size - levelBytes);
    return this.finish(entries, def, rep, data, 0, integer(header.field_4));
  }

  private levels(data: Uint8Array, start: number, end: number, most: number, entries: number): Uint8Array | null {
    if (this.leaf.maxRep === 0 && isOneRun(data, start, end, most, entries)) return null;
    const levels = allocBytes(entries);
    readHybrid(data, start, end, bitsFor(most), levels, entries);
    return levels;
  }

  private finish(entries: number, def: Uint8Array | null, rep: Uint8Array | null, data: Uint8Array, at: number, encoding: number): Page {
    this.read += entries;
    const { maxDef } = this.leaf;
    let present = entries;
    if (def !== null) {
      present = 0;
      for (let i = 0; i < entries; i++) if (def[i] === maxDef) present++;
    }
    const body = this.body(data, at, encoding, present);
    return { entries, def: present === entries && rep === null ? null : def, rep, present, body };
  }

  private body(data: Uint8Array, at: number, encoding: number, present: number): Body {
    if (encoding !== ENCODING.RLE_DICTIONARY && encoding !== ENCODING.PLAIN_DICTIONARY) return { kind: 'values', data, at, encoding };
    const { dictionary } = this;
    if (dictionary === null) throw new Error('a page refers to a dictionary that is not there');
    // A page of nulls alone may leave the width out.
    return { kind: 'codes', codes: new HybridReader(data, at + 1, data.length, present > 0 ? data[at] : 0), dictionary };
  }

  /** The values of a page that are not null: of strings codes where they are, of all else plain. */
  values({ present, body }: Page): Column {
    if (body.kind === 'values') return decodeValues(body.data, body.at, body.encoding, present, this.leaf, this.type);
    const codes = allocInt32(present);
    body.codes.read(codes, 0, present);
    checkCodes(codes, present, body.dictionary);
    if (body.dictionary.layout !== 'bytes') return take(body.dictionary, codes, present);
    return { layout: 'dictionary', length: present, validity: null, codes, dictionary: body.dictionary };
  }
}

/** What a page's header says about pages of its kind. */
function partOf(value: unknown): Thrift {
  if (typeof value === 'object' && value !== null) return value as Thrift;
  throw new Error('a page header lacks its second half');
}

/** Throws an Error where one of the first `count` codes is outside the dictionary. */
export function checkCodes(codes: Int32Array, count: number, dictionary: Column): void {
  // The bits of all together are no less than the largest.
  let bits = 0;
  for (let i = 0; i < count; i++) bits |= codes[i];
  if (bits >>> 0 < dictionary.length) return;
  for (let i = 0; i < count; i++)
    if (codes[i] >>> 0 >= dictionary.length) throw new Error(`code ${codes[i]} is outside a dictionary of ${dictionary.length}`);
}
