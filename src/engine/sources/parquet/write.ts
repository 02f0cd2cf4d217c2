/**
 * Owns: writing Parquet files: batches are gathered to row groups, a row group goes out leaf by leaf as pages, the footer closes the file.
 * Pages are of version 1, plain or dictionary-encoded, with checksums, and statistics per chunk. Format: apache/parquet-format, README and parquet.thrift.
 */
import { crc32, gzipSync } from 'node:zlib';
import { userError } from '../../../core/errors.js';
import type { Batch, Column } from '../../../data/batch.js';
import { concat } from '../../../data/concat.js';
import { decodeDictionary } from '../../../data/dictionary.js';
import { batchBytes } from '../../../data/size.js';
import { type DataType, type Schema, typeName } from '../../../data/types.js';
import type { WriteSpec } from '../../../frontend/plan/logical.js';
import { OutputFile } from '../fs.js';
import { FormatOptions } from '../options.js';
import type { FormatWriter, WriterFactory } from '../source.js';
import { GZIP, SNAPPY, UNCOMPRESSED, ZSTD, zstd } from './codecs.js';
import { dictionaryEncoded, plainBytes } from './encode.js';
import { extremes } from './extremes.js';
import { bitsFor } from './hybrid.js';
import { writeHybrid } from './hybrid-write.js';
import { describe, type LeafData, type LeafSchema, PHYSICAL_NUMBER, shred } from './shred.js';
import { snappyCompress } from './snappy.js';
import { SPARK_SCHEMA, sparkSchemaText } from './spark-schema.js';
import { binary, i32, i64, struct, structs, type ThriftFields, thriftBytes } from './thrift-write.js';
import { ENCODING } from './values.js';

/** Bytes in memory that make a row group: large enough for long runs, small enough that a file of some size has several to share out. */
const ROW_GROUP_BYTES = 48 << 20;
const PAGE_BYTES = 1 << 20;
const MAGIC = Buffer.from('PAR1');

interface Codec {
  readonly number: number;
  readonly extension: string;
  compress(data: Uint8Array): Uint8Array;
}

const CODECS: Readonly<Record<string, Codec>> = {
  snappy: { number: SNAPPY, extension: '.snappy.parquet', compress: snappyCompress },
  gzip: { number: GZIP, extension: '.gz.parquet', compress: (data) => gzipSync(data) },
  zstd: { number: ZSTD, extension: '.zstd.parquet', compress: (data) => zstd.zstdCompressSync?.(data) ?? data },
  uncompressed: { number: UNCOMPRESSED, extension: '.parquet', compress: (data) => data },
};

/** Throws WRONG_SCHEMA for void columns and empty structs, INVALID_OPTION for a compression that is not there. */
export function parquetWriter(write: WriteSpec, schema: Schema): WriterFactory {
  const options = new FormatOptions('parquet', write.options, []);
  const name = options.choice('compression', 'snappy', ['snappy', 'gzip', 'zstd', 'uncompressed', 'none']);
  if (name === 'zstd' && zstd.zstdCompressSync === undefined) {
    throw options.invalid('compression', name, 'snappy, gzip or uncompressed; zstd needs Node 22.15 or later');
  }
  for (const field of schema.fields) checkType(field.name, field.type, write);
  const codec = CODECS[name === 'none' ? 'uncompressed' : name];
  return { extension: codec.extension, open: (path) => new ParquetFile(path, schema, codec) };
}

function checkType(name: string, type: DataType, write: WriteSpec): void {
  if (type.kind === 'null' || (type.kind === 'struct' && type.fields.length === 0)) {
    throw userError('WRONG_SCHEMA', `Parquet cannot hold column '${name}' of type ${typeName(type)}.`, {
      hint: 'Cast it to a type with values',
      site: write.site ?? undefined,
    });
  }
  if (type.kind === 'array') checkType(`${name}.element`, type.element, write);
  if (type.kind === 'struct') for (const f of type.fields) checkType(`${name}.${f.name}`, f.type, write);
  if (type.kind === 'map') {
    checkType(`${name}.key`, type.key, write);
    checkType(`${name}.value`, type.value, write);
  }
}

class ParquetFile implements FormatWriter {
  private readonly file: OutputFile;
  private readonly schema: Schema;
  private readonly codec: Codec;
  private readonly elements: ThriftFields[] = [];
  private readonly leaves: LeafSchema[] = [];
  private readonly groups: ThriftFields[] = [];
  private pending: Batch[] = [];
  private pendingBytes = 0;
  private rows = 0;

  constructor(path: string, schema: Schema, codec: Codec) {
    this.file = new OutputFile(path);
    this.schema = schema;
    this.codec = codec;
    for (const f of schema.fields) describe(f.name, f.type, 'optional', this.elements, this.leaves);
    this.file.write(MAGIC);
  }

  writeBatch(batch: Batch): void {
    if (batch.length === 0) return;
    this.pending.push(batch);
    this.pendingBytes += batchBytes(batch);
    if (this.pendingBytes >= ROW_GROUP_BYTES) this.flush();
  }

  finish(): void {
    this.flush();
    const sparkSchema = sparkSchemaText(this.schema);
    const footer = thriftBytes({
      1: i32(1),
      2: structs([{ 4: binary('schema'), 5: i32(this.schema.fields.length) }, ...this.elements]),
      3: i64(this.rows),
      4: structs(this.groups),
      5: sparkSchema === null ? null : structs([{ 1: binary(SPARK_SCHEMA), 2: binary(sparkSchema) }]),
      6: binary('minispark'),
      // Statistics are in the order of each type.
      7: structs(this.leaves.map(() => ({ 1: struct({}) }))),
    });
    this.file.write(footer);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, footer.length, true);
    this.file.write(length);
    this.file.write(MAGIC);
    this.file.close();
  }

  close(): void {
    this.file.close();
  }

  private flush(): void {
    const rows = this.pending.reduce((sum, batch) => sum + batch.length, 0);
    if (rows === 0) return;
    const start = this.file.bytes;
    const chunks: ThriftFields[] = [];
    let size = 0;
    this.schema.fields.forEach(({ type }, i) => {
      const column = concat(
        type,
        this.pending.map((batch) => batch.columns[i]),
      );
      for (const data of shred(column, type)) {
        const chunk = this.writeChunk(this.leaves[chunks.length], data);
        chunks.push(chunk.fields);
        size += chunk.size;
      }
    });
    this.groups.push({ 1: structs(chunks), 2: i64(size), 3: i64(rows), 5: i64(start), 6: i64(this.file.bytes - start) });
    this.rows += rows;
    this.pending = [];
    this.pendingBytes = 0;
  }

  /** Writes the pages of one leaf; gives its ColumnChunk and its size before compression. */
  private writeChunk(leaf: LeafSchema, data: LeafData): { fields: ThriftFields; size: number } {
    const start = this.file.bytes;
    const coded = leaf.physical === 'BYTE_ARRAY' ? dictionaryEncoded(data.values) : null;
    const values = coded ?? plainColumn(data.values);
    let size = 0;
    if (coded !== null) {
      const page = plainBytes(coded.dictionary, leaf, 0, coded.dictionary.length);
      size += this.writePage([page], { 1: i32(2), 7: struct({ 1: i32(coded.dictionary.length), 2: i32(ENCODING.PLAIN) }) });
    }
    const dataStart = this.file.bytes;
    let pages = 0;
    for (const range of pageRanges(data, values, leaf)) {
      size += this.writeDataPage(leaf, data, values, range);
      pages++;
    }
    const bounds = extremes(coded?.dictionary ?? values, leaf);
    const encodings = [ENCODING.PLAIN, ENCODING.RLE, ...(coded === null ? [] : [ENCODING.RLE_DICTIONARY])];
    const meta: ThriftFields = {
      1: i32(PHYSICAL_NUMBER[leaf.physical]),
      2: { t: 'list', of: 'i32', v: encodings.map(i32) },
      3: { t: 'list', of: 'binary', v: leaf.path.map((name) => binary(name)) },
      4: i32(this.codec.number),
      5: i64(data.entries),
      6: i64(size),
      7: i64(this.file.bytes - start),
      9: i64(dataStart),
      11: coded === null ? null : i64(start),
      12: struct({
        3: i64(data.entries - data.values.length),
        5: bounds === null ? null : binary(bounds.max),
        6: bounds === null ? null : binary(bounds.min),
      }),
      // That all values are codes is known from here.
      13: coded === null ? null : structs([encodedPages(2, ENCODING.PLAIN, 1), encodedPages(0, ENCODING.RLE_DICTIONARY, pages)]),
    };
    return { fields: { 2: i64(start), 3: struct(meta) }, size };
  }

  private writeDataPage(leaf: LeafSchema, { def, rep }: LeafData, values: Column, range: PageRange): number {
    const { from, to, valueFrom, valueTo } = range;
    const parts: Uint8Array[] = [];
    if (leaf.maxRep > 0 && rep !== null) parts.push(...levelBytes(rep, from, to, leaf.maxRep));
    if (leaf.maxDef > 0)
      parts.push(
        ...levelBytes(
          def ?? new Uint8Array(to - from).fill(leaf.maxDef),
          def === null ? 0 : from,
          def === null ? to - from : to,
          leaf.maxDef,
        ),
      );
    const coded = values.layout === 'dictionary';
    if (coded) {
      const width = Math.max(1, bitsFor(values.dictionary.length - 1));
      parts.push(Uint8Array.of(width), writeHybrid(values.codes, valueFrom, valueTo, width));
    } else {
      parts.push(plainBytes(values, leaf, valueFrom, valueTo));
    }
    const header = {
      1: i32(to - from),
      2: i32(coded ? ENCODING.RLE_DICTIONARY : ENCODING.PLAIN),
      3: i32(ENCODING.RLE),
      4: i32(ENCODING.RLE),
    };
    return this.writePage(parts, { 1: i32(0), 5: struct(header) });
  }

  private writePage(parts: readonly Uint8Array[], header: ThriftFields): number {
    const plain = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const packed = this.codec.compress(plain);
    const head = thriftBytes({
      1: header[1],
      2: i32(plain.length),
      3: i32(packed.length),
      4: i32(crc32(packed) | 0),
      5: header[5] ?? null,
      7: header[7] ?? null,
    });
    this.file.write(head);
    this.file.write(packed);
    return head.length + plain.length;
  }
}

function plainColumn(column: Column): Column {
  return column.layout === 'dictionary' ? decodeDictionary(column) : column;
}

function levelBytes(levels: Uint8Array, from: number, to: number, most: number): Uint8Array[] {
  const bytes = writeHybrid(levels, from, to, bitsFor(most));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return [length, bytes];
}

/** Entries [from, to) and the values among them. */
interface PageRange {
  readonly from: number;
  readonly to: number;
  readonly valueFrom: number;
  readonly valueTo: number;
}

/** Pages of about PAGE_BYTES; a page begins with a row. */
function* pageRanges({ entries, def, rep }: LeafData, values: Column, leaf: LeafSchema): Generator<PageRange> {
  const perEntry = values.length === 0 ? 1 : averageBytes(values);
  const step = Math.max(64, Math.floor(PAGE_BYTES / perEntry));
  let valueFrom = 0;
  for (let from = 0; from < entries; ) {
    let to = Math.min(entries, from + step);
    if (rep !== null) while (to < entries && rep[to] > 0) to++;
    let valueTo = valueFrom + to - from;
    if (def !== null) {
      valueTo = valueFrom;
      for (let i = from; i < to; i++) if (def[i] === leaf.maxDef) valueTo++;
    }
    yield { from, to, valueFrom, valueTo };
    from = to;
    valueFrom = valueTo;
  }
}

function averageBytes(column: Column): number {
  switch (column.layout) {
    case 'fixed':
      return column.values.BYTES_PER_ELEMENT;
    case 'wide':
      return 16;
    case 'bytes':
      return 4 + (column.offsets[column.length] - column.offsets[0]) / column.length;
    default:
      return 1;
  }
}

/** parquet.thrift's PageEncodingStats. */
const encodedPages = (kind: number, encoding: number, count: number): ThriftFields => ({ 1: i32(kind), 2: i32(encoding), 3: i32(count) });
