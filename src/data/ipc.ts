/**
 * Owns: Arrow IPC streams, both ways: a schema message, then dictionary and record batch messages, then an end marker.
 * Shuffle blocks, result blocks and spill files are such streams. Parts: flatbuffer.ts, ipc-schema.ts, ipc-write.ts, ipc-read.ts.
 * What is read is checked so that no later access leaves its buffer; what cannot be read is a fatal CORRUPT_BLOCK.
 */
import { allocBytes, allocInt32 } from './alloc.js';
import type { Batch, Column } from './batch.js';
import { getBit } from './bitmap.js';
import { type CodecName, codecNamed } from './codec.js';
import { concat } from './concat.js';
import { corruptBlock, FlatTable } from './flatbuffer.js';
import { BodyReader, type Dictionaries, readColumn, readDictionary } from './ipc-read.js';
import { HEADER, readSchema, type SchemaOptions, type WireField, writeSchema } from './ipc-schema.js';
import { writeDictionaryBatch, writeRecordBatch } from './ipc-write.js';
import { take } from './take.js';
import type { Schema } from './types.js';

/** How a stream is written; the same options go to every message of it. Flagged columns that come plain are encoded trivially. */
export interface StreamOptions extends SchemaOptions {
  /** Compresses the bodies of batches; the codec must have been loaded (codec.ts). */
  readonly codec?: CodecName | null;
}

/** What follows the last batch of a stream. */
export const END_OF_STREAM: Uint8Array = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** The first message of a stream. It costs some 20 µs: keep it where many streams have one schema. */
export function encodeSchema(schema: Schema, options: StreamOptions = {}): Uint8Array {
  const metadata = writeSchema(schema, options);
  const message = allocBytes(8 + metadata.length);
  new Int32Array(message.buffer, message.byteOffset, 2).set([-1, metadata.length]);
  message.set(metadata, 8);
  return message;
}

/**
 * The messages of one batch, in parts that follow one another and may be views of the batch's memory; with the dictionaries of the
 * columns that are flagged in `options.dictionaries`, but for those that `sent` already holds for their column (it is updated).
 */
export function encodeBatch(schema: Schema, batch: Batch, options: StreamOptions = {}, sent: Column[] = []): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const wire = { onlyDecimal128: options.onlyDecimal128 === true, codec: options.codec ? codecNamed(options.codec) : null };
  const columns = batch.columns.map((column, i) => {
    const { type } = schema.fields[i];
    if (!options.dictionaries?.[i]) return { column, type, encoded: false };
    const coded = column.layout === 'dictionary' ? column : trivialDictionary(column);
    if (sent[i] !== coded.dictionary) parts.push(...writeDictionaryBatch(i, coded.dictionary, type, wire));
    sent[i] = coded.dictionary;
    return { column: coded, type, encoded: true };
  });
  return [...parts, ...writeRecordBatch(batch.length, columns, wire)];
}

/** A whole stream. A dictionary that several batches in a row share is written once. */
export function encodeStream(schema: Schema, batches: readonly Batch[], options: StreamOptions = {}): Uint8Array {
  const sent: Column[] = [];
  const parts = [encodeSchema(schema, options), ...batches.flatMap((batch) => encodeBatch(schema, batch, options, sent)), END_OF_STREAM];
  const bytes = allocBytes(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The rows that are not null as dictionary of a column that came plain. */
function trivialDictionary(column: Column): Extract<Column, { layout: 'dictionary' }> {
  const { length } = column;
  const validity = column.layout === 'null' ? new Uint8Array((length + 7) >> 3) : column.validity;
  const rows = allocInt32(length);
  const codes = allocInt32(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    if (validity !== null && !getBit(validity, i)) continue;
    codes[i] = count;
    rows[count++] = i;
  }
  return { layout: 'dictionary', length, validity, codes, dictionary: validity === null ? column : take(column, rows, count) };
}

/**
 * The schema and batches of a stream that ends with its end marker. Columns are views into `bytes`, which must not change any more;
 * bytes that do not start at a multiple of eight are copied once. Throws a fatal CORRUPT_BLOCK for anything malformed or cut short,
 * and for Arrow types that minispark has not.
 */
export function decodeStream(bytes: Uint8Array): { schema: Schema; batches: Batch[] } {
  const input = bytes.byteOffset % 8 === 0 ? bytes : copied(bytes);
  const batches: Batch[] = [];
  const decoder = new StreamDecoder();
  let at = 0;
  for (let message = readMessage(input, at); message !== null; message = readMessage(input, at)) {
    at = message.next;
    const batch = decoder.take(message);
    if (batch !== null) batches.push(batch);
  }
  const schema = decoder.end();
  if (at + END_OF_STREAM.length !== input.length) throw corruptBlock('something follows its end marker');
  return { schema, batches };
}

/**
 * The batches of a stream of `size` bytes that are had a piece at a time, so that one batch is in memory and not all. `read` gives the bytes
 * from one offset to another, in a buffer of their own or at a multiple of eight; it throws what it must. Else as `decodeStream`.
 */
export function* decodePieces(size: number, read: (from: number, to: number) => Uint8Array): Generator<Batch> {
  const decoder = new StreamDecoder();
  const piece = (from: number, to: number) => {
    if (to > size) throw corruptBlock(from === to - 8 ? 'it ends without its end marker' : `the message at byte ${from} is cut short`);
    return read(from, to);
  };
  let at = 0;
  for (;;) {
    const start = piece(at, at + 8);
    const metadata = new DataView(start.buffer, start.byteOffset, 8).getInt32(4, true);
    if (metadata === 0) break;
    if (metadata < 0 || metadata % 8 !== 0) throw corruptBlock(`the message at byte ${at} is cut short`);
    const head = piece(at, at + 8 + metadata);
    const body = FlatTable.root(new DataView(head.buffer, head.byteOffset + 8, metadata)).count(3);
    const message = readMessage(piece(at, at + 8 + metadata + body), 0) as Message;
    at += message.next;
    const batch = decoder.take(message);
    if (batch !== null) yield batch;
  }
  readMessage(piece(at, at + 8), 0);
  decoder.end();
  if (at + END_OF_STREAM.length !== size) throw corruptBlock('something follows its end marker');
}

/** What the messages of a stream add up to. */
class StreamDecoder {
  private readonly dictionaries: Dictionaries = new Map();
  private fields: readonly WireField[] | null = null;

  /** The batch, where the message is one. */
  take(message: Message): Batch | null {
    const { fields, dictionaries } = this;
    if (message.tag === HEADER.schema) {
      if (fields !== null) throw corruptBlock('it has two schemas');
      this.fields = fieldsOf(message);
    } else if (fields === null) {
      throw corruptBlock('it does not start with a schema');
    } else if (message.tag === HEADER.recordBatch) {
      return readBatch(message, fields, dictionaries);
    } else {
      readDictionaryBatch(message, fields, dictionaries);
    }
    return null;
  }

  end(): Schema {
    if (this.fields === null) throw corruptBlock('it has no schema');
    return { fields: this.fields.map((wire) => wire.field) };
  }
}

/** The schema that was read last: the blocks of a shuffle have one and the same, and small blocks little else. */
let last: { readonly bytes: Buffer; readonly fields: readonly WireField[] } | null = null;

function fieldsOf({ header, metadata: { buffer, byteOffset, byteLength } }: Message): readonly WireField[] {
  const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  if (!last?.bytes.equals(bytes)) last = { fields: readSchema(header, byteLength), bytes: Buffer.from(bytes) };
  return last.fields;
}

interface Message {
  readonly tag: number;
  readonly header: FlatTable;
  readonly metadata: DataView;
  readonly body: Uint8Array;
  /** Where the next message starts. */
  readonly next: number;
}

/** The message at `at`, or null at the end marker. */
function readMessage(input: Uint8Array, at: number): Message | null {
  if (at + 8 > input.length) throw corruptBlock('it ends without its end marker');
  const frame = new DataView(input.buffer, input.byteOffset + at, 8);
  if (frame.getInt32(0, true) !== -1) throw corruptBlock(`no message starts at byte ${at}`);
  const size = frame.getInt32(4, true);
  if (size === 0) return null;
  if (size < 0 || size % 8 !== 0 || at + 8 + size > input.length) throw corruptBlock(`the message at byte ${at} is cut short`);
  const metadata = new DataView(input.buffer, input.byteOffset + at + 8, size);
  const table = FlatTable.root(metadata);
  const tag = table.int8(1);
  const header = table.table(2);
  if (header === null || tag < HEADER.schema || tag > HEADER.recordBatch) throw corruptBlock(`the message at byte ${at} is of kind ${tag}`);
  const bodyStart = at + 8 + size;
  const next = bodyStart + table.count(3);
  if (next > input.length) throw corruptBlock(`the body of the message at byte ${at} is cut short`);
  return { tag, header, metadata, body: input.subarray(bodyStart, next), next };
}

function readBatch({ header, metadata, body }: Message, fields: readonly WireField[], dictionaries: Dictionaries): Batch {
  const reader = new BodyReader(header, metadata, body);
  const columns = fields.map((wire) => readColumn(reader, wire, reader.length, dictionaries));
  reader.finish();
  return { length: reader.length, columns };
}

function readDictionaryBatch({ header, metadata, body }: Message, fields: readonly WireField[], dictionaries: Dictionaries): void {
  const id = header.count(0);
  const data = header.table(1);
  const wire = findDictionary(fields, id);
  if (data === null || wire === null) throw corruptBlock(`dictionary ${id} belongs to no column`);
  const reader = new BodyReader(data, metadata, body);
  const entries = readDictionary(reader, wire, dictionaries);
  reader.finish();
  const before = dictionaries.get(id);
  const isDelta = header.bool(2) && before !== undefined;
  dictionaries.set(id, isDelta ? concat(wire.field.type, [before, entries]) : entries);
}

function findDictionary(fields: readonly WireField[], id: number): WireField | null {
  for (const wire of fields) {
    if (wire.dictionary?.id === id) return wire;
    const inner = findDictionary(wire.children, id);
    if (inner !== null) return inner;
  }
  return null;
}

function copied(bytes: Uint8Array): Uint8Array {
  const copy = allocBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
