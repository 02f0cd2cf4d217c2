/**
 * Owns: batches as Arrow record batch and dictionary batch messages. The header is written by hand into its one fixed shape,
 * since blocks of a shuffle may hold two rows and a general FlatBuffers writer costs more than they do. Format: Arrow's Message.fbs.
 */
import { allocBytes, allocInt32, allocInt64 } from './alloc.js';
import { Arena } from './arena.js';
import type { Column, FixedArray } from './batch.js';
import { countSet } from './bitmap.js';
import type { Codec } from './codec.js';
import { decodeDictionary } from './dictionary.js';
import { HEADER, VERSION_5 } from './ipc-schema.js';
import { slice } from './slice.js';
import type { DataType } from './types.js';

/** What a message's body will hold: Arrow's field nodes (length, nulls) and its buffers, both depth first. */
interface Body {
  readonly nodes: number[];
  buffers: Uint8Array[];
  /** Set once the buffers are compressed. */
  codec: Codec | null;
  readonly onlyDecimal128: boolean;
}

const NO_BYTES = new Uint8Array(0);

/** Messages of a few rows are made by the thousand, and copied into a file or a stream at once. */
const small = new Arena();

/** Bodies up to this size are copied behind their header into one part; larger ones are handed out as views. */
const ONE_PART_BYTES = 64 * 1024;

/** One column as it is to be written: encoded columns keep their codes. */
export interface WireColumn {
  readonly column: Column;
  readonly type: DataType;
  readonly encoded: boolean;
}

/** How the columns of a message are written. */
export interface WireOptions {
  readonly onlyDecimal128: boolean;
  /** Compresses the buffers of bodies that are not tiny. */
  readonly codec: Codec | null;
}

/** A record batch message in parts that follow one another. Larger parts are views of the columns' own memory. */
export function writeRecordBatch(length: number, columns: readonly WireColumn[], options: WireOptions): Uint8Array[] {
  return writeMessage(length, columns, options, null);
}

/** A dictionary batch message that sets or replaces dictionary `id`. */
export function writeDictionaryBatch(id: number, dictionary: Column, type: DataType, options: WireOptions): Uint8Array[] {
  return writeMessage(dictionary.length, [{ column: dictionary, type, encoded: false }], options, id);
}

function writeMessage(length: number, columns: readonly WireColumn[], options: WireOptions, id: number | null): Uint8Array[] {
  const body: Body = { nodes: [], buffers: [], codec: null, onlyDecimal128: options.onlyDecimal128 };
  for (const { column, type, encoded } of columns) {
    if (encoded && column.layout === 'dictionary') addCodes(body, column);
    else addColumn(body, decodeDictionary(column), type);
  }
  let bodyBytes = bytesIn(body.buffers);
  if (options.codec !== null && bodyBytes >= COMPRESS_BYTES) {
    compress(body, options.codec);
    bodyBytes = bytesIn(body.buffers);
  }
  const headerBytes = FRAME_BYTES + metadataBytes(body, id);
  if (bodyBytes > ONE_PART_BYTES) {
    const header = allocBytes(headerBytes);
    writeHeader(header, body, length, bodyBytes, id);
    return [header, ...body.buffers.flatMap(withPadding)];
  }
  const message = small.take(headerBytes + bodyBytes);
  writeHeader(message, body, length, bodyBytes, id);
  let at = headerBytes;
  for (const buffer of body.buffers) {
    message.set(buffer, at);
    at += padded(buffer.length);
  }
  return [message];
}

/** Smaller bodies stay as they are: headers of compressed buffers would outweigh what is saved. */
const COMPRESS_BYTES = 512;
/** A compressed buffer begins with its length before, as 64 bits; -1 where it stayed as it was. */
const LENGTH_BYTES = 8;

/** Buffers that do not shrink stay as they are, behind their length. */
function compress(body: Body, codec: Codec): void {
  body.codec = codec;
  body.buffers = body.buffers.map((buffer) => {
    if (buffer.length === 0) return buffer;
    const packed = codec.compress(buffer);
    const shrinks = packed.length < buffer.length;
    const content = shrinks ? packed : buffer;
    const framed = allocBytes(LENGTH_BYTES + content.length);
    new DataView(framed.buffer, framed.byteOffset).setBigInt64(0, shrinks ? BigInt(buffer.length) : -1n, true);
    framed.set(content, LENGTH_BYTES);
    return framed;
  });
}

function bytesIn(buffers: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const buffer of buffers) bytes += padded(buffer.length);
  return bytes;
}

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}

const PADDING = new Uint8Array(8);

function withPadding(buffer: Uint8Array): Uint8Array[] {
  const gap = padded(buffer.length) - buffer.length;
  if (buffer.length === 0) return [];
  return gap === 0 ? [buffer] : [buffer, PADDING.subarray(0, gap)];
}

/** Continuation marker and metadata length. */
const FRAME_BYTES = 8;
/** Bytes by which the parts of a record batch lie deeper inside a dictionary batch. */
const DICTIONARY_SHIFT = 32;
/** The table BodyCompression with its vtable, behind the buffers. */
const COMPRESSION_BYTES = 16;

function metadataBytes(body: Body, id: number | null): number {
  const compression = body.codec === null ? 0 : COMPRESSION_BYTES;
  return 88 + 8 * body.nodes.length + 16 * body.buffers.length + compression + (id === null ? 0 : DICTIONARY_SHIFT);
}

const TWO_32 = 4294967296;

/**
 * The metadata, laid out once and for all; positions in bytes from its start, in a dictionary batch 32 more from 36 on:
 *   0 root offset | 4 vtable and 16 table of Message {version, header type, body length, header}
 *  36 vtable and 48 table of RecordBatch {nodes, length, buffers} | 76 node count | 80 nodes | buffer count | buffers
 *    and where they are compressed: vtable and table of BodyCompression {codec}
 * and in a dictionary batch, 36 vtable and 48 table of DictionaryBatch {data, id}. Every 64-bit number is at a multiple of eight.
 */
function writeHeader(message: Uint8Array, body: Body, length: number, bodyBytes: number, id: number | null): void {
  const metadata = metadataBytes(body, id);
  const words = new Int32Array(message.buffer, message.byteOffset, (FRAME_BYTES + metadata) >> 2);
  words[0] = -1;
  words[1] = metadata;
  const at = 2;
  words[at] = 16;
  words[at + 1] = pair(12, 20);
  words[at + 2] = pair(4, 6);
  words[at + 3] = pair(16, 8);
  words[at + 4] = 12;
  words[at + 5] = pair(VERSION_5, id === null ? HEADER.recordBatch : HEADER.dictionaryBatch);
  setLong(words, at + 6, bodyBytes);
  words[at + 8] = 16;
  if (id !== null) {
    words[at + 9] = pair(8, 16);
    words[at + 10] = pair(8, 4);
    words[at + 12] = 12;
    words[at + 13] = 28;
    setLong(words, at + 14, id);
  }
  writeRecordBatchTable(words, at + 9 + (id === null ? 0 : DICTIONARY_SHIFT >> 2), body, length);
}

function writeRecordBatchTable(words: Int32Array, vtable: number, body: Body, length: number): void {
  const { nodes, buffers } = body;
  words[vtable] = body.codec === null ? pair(10, 20) : pair(12, 24);
  words[vtable + 1] = pair(8, 4);
  words[vtable + 2] = body.codec === null ? 16 : pair(16, 20);
  const table = vtable + 3;
  const nodeCount = table + 7;
  const bufferCount = nodeCount + 2 + 2 * nodes.length;
  words[table] = 12;
  words[table + 1] = 4 * (nodeCount - table - 1);
  setLong(words, table + 2, length);
  words[table + 4] = 4 * (bufferCount - table - 4);
  words[nodeCount] = nodes.length >> 1;
  for (let i = 0; i < nodes.length; i++) setLong(words, nodeCount + 1 + 2 * i, nodes[i]);
  words[bufferCount] = buffers.length;
  let offset = 0;
  for (let i = 0; i < buffers.length; i++) {
    const bytes = buffers[i].length;
    setLong(words, bufferCount + 1 + 4 * i, offset);
    setLong(words, bufferCount + 3 + 4 * i, bytes);
    offset += padded(bytes);
  }
  if (body.codec === null) return;
  const compression = bufferCount + 1 + 4 * buffers.length;
  words[table + 5] = 4 * (compression + 2 - table - 5);
  words[compression] = pair(6, 8);
  words[compression + 1] = 4;
  words[compression + 2] = 8;
  words[compression + 3] = body.codec.id;
}

function pair(low: number, high: number): number {
  return low | (high << 16);
}

function setLong(words: Int32Array, at: number, value: number): void {
  words[at] = value | 0;
  words[at + 1] = Math.floor(value / TWO_32);
}

function addNode(body: Body, column: Exclude<Column, { layout: 'null' }>): void {
  const { length, validity } = column;
  const nulls = validity === null ? 0 : length - countSet(validity, length);
  body.nodes.push(length, nulls);
  body.buffers.push(nulls === 0 ? NO_BYTES : (validity as Uint8Array).subarray(0, (length + 7) >> 3));
}

function addCodes(body: Body, column: Extract<Column, { layout: 'dictionary' }>): void {
  addNode(body, column);
  body.buffers.push(bytesOf(column.codes, column.length));
}

function addColumn(body: Body, column: Column, type: DataType): void {
  if (column.layout === 'null') {
    body.nodes.push(column.length, column.length);
    return;
  }
  addNode(body, column);
  const { buffers } = body;
  switch (column.layout) {
    case 'fixed':
      if (type.kind === 'decimal' && body.onlyDecimal128) buffers.push(widened(column.values as BigInt64Array, column.length));
      else buffers.push(bytesOf(column.values, column.length));
      break;
    case 'wide':
      buffers.push(bytesOf(column.values, 2 * column.length));
      break;
    case 'bits':
      buffers.push(column.bits.subarray(0, (column.length + 7) >> 3));
      break;
    case 'bytes':
      buffers.push(basedOffsets(column.offsets, column.length));
      buffers.push(column.data.subarray(column.offsets[0], column.offsets[column.length]));
      break;
    case 'list':
      buffers.push(basedOffsets(column.offsets, column.length));
      addColumn(body, referred(column, column.child), (type as TypeOf<'array'>).element);
      break;
    case 'map': {
      const keys = referred(column, column.keys);
      buffers.push(basedOffsets(column.offsets, column.length));
      // The struct of entries, never null.
      body.nodes.push(keys.length, 0);
      buffers.push(NO_BYTES);
      addColumn(body, keys, (type as TypeOf<'map'>).key);
      addColumn(body, referred(column, column.values), (type as TypeOf<'map'>).value);
      break;
    }
    case 'struct':
      column.children.forEach((child, i) => {
        addColumn(body, child, (type as TypeOf<'struct'>).fields[i].type);
      });
  }
}

type TypeOf<K extends DataType['kind']> = Extract<DataType, { kind: K }>;

function bytesOf(values: FixedArray, count: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, count * values.BYTES_PER_ELEMENT);
}

/** Offsets that start at 0: what offsets of a slice refer to begins where the slice begins. */
function basedOffsets(offsets: Int32Array, length: number): Uint8Array {
  const base = offsets[0];
  if (base === 0) return bytesOf(offsets, length + 1);
  const based = allocInt32(length + 1);
  for (let i = 0; i <= length; i++) based[i] = offsets[i] - base;
  return bytesOf(based, length + 1);
}

/** The rows of a child that its parent's rows refer to. */
function referred(parent: { readonly offsets: Int32Array; readonly length: number }, child: Column): Column {
  return slice(child, parent.offsets[0], parent.offsets[parent.length]);
}

/** 64-bit decimals as 128-bit ones. */
function widened(values: BigInt64Array, length: number): Uint8Array {
  const wide = allocInt64(2 * length);
  for (let i = 0; i < length; i++) {
    wide[2 * i] = values[i];
    wide[2 * i + 1] = values[i] >> 63n;
  }
  return bytesOf(wide, 2 * length);
}
