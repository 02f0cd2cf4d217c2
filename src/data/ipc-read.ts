/**
 * Owns: the columns of Arrow record batches, as views of the message's body, and the checks that keep every later reader in bounds:
 * offsets rise and end inside their data, codes are inside their dictionary, children have the rows that their parents name.
 */
import { allocBytes, allocInt32, allocInt64 } from './alloc.js';
import { type Column, type ColumnOf, type FixedArray, isNull, plainLayout, type Validity } from './batch.js';
import { fullBitmap, getBit } from './bitmap.js';
import { columnOf } from './builder.js';
import { type Codec, codecNumbered } from './codec.js';
import { corruptBlock, type FlatTable, readCount } from './flatbuffer.js';
import type { WireDictionary, WireField } from './ipc-schema.js';

/** Dictionaries by id, as the stream has set them so far. */
export type Dictionaries = Map<number, Column>;

const MAX_ROWS = 2 ** 31 - 1;

/** Walks the field nodes and buffers of one record batch, depth first. */
export class BodyReader {
  readonly length: number;
  private readonly metadata: DataView;
  private readonly body: Uint8Array;
  private readonly nodes: { start: number; count: number };
  private readonly buffers: { start: number; count: number };
  private readonly codec: Codec | null;
  private node = 0;
  private buffer = 0;

  constructor(header: FlatTable, metadata: DataView, body: Uint8Array) {
    const compression = header.has(3) ? header.table(3) : null;
    this.codec = compression === null ? null : codecOf(compression);
    this.length = header.count(0);
    if (this.length > MAX_ROWS) throw corruptBlock(`a batch has ${this.length} rows`);
    this.metadata = metadata;
    this.body = body;
    this.nodes = header.vector(1, 16);
    this.buffers = header.vector(2, 16);
  }

  /** Rows and nulls of the next column; -1 nulls where the writer has not counted them, as apache-arrow does at times. */
  nextNode(): { length: number; nulls: number } {
    if (this.node >= this.nodes.count) throw corruptBlock('a batch has too few columns');
    const at = this.nodes.start + 16 * this.node++;
    const length = readCount(this.metadata, at);
    const counted = this.metadata.getInt32(at + 12, true) !== -1;
    const nulls = counted ? readCount(this.metadata, at + 8) : -1;
    if (length > MAX_ROWS || nulls > length) throw corruptBlock(`a column has ${nulls} nulls in ${length} rows`);
    return { length, nulls };
  }

  /** The next buffer, which must hold `bytes` bytes at least; exactly `bytes` of it, or all where `bytes` is null. */
  nextBuffer(bytes: number | null): Uint8Array {
    if (this.buffer >= this.buffers.count) throw corruptBlock('a batch has too few buffers');
    const at = this.buffers.start + 16 * this.buffer++;
    const offset = readCount(this.metadata, at);
    const size = readCount(this.metadata, at + 8);
    if (offset + size > this.body.length) throw corruptBlock('a buffer passes the end of its batch');
    const stored = this.body.subarray(offset, offset + size);
    const buffer = this.codec === null || size === 0 ? stored : unpacked(stored, this.codec);
    if (bytes !== null && buffer.length < bytes) throw corruptBlock(`a buffer has ${buffer.length} bytes instead of ${bytes}`);
    return bytes === null ? buffer : buffer.subarray(0, bytes);
  }

  finish(): void {
    if (this.node !== this.nodes.count || this.buffer !== this.buffers.count)
      throw corruptBlock('a batch has more columns than its schema');
  }
}

function codecOf(compression: FlatTable): Codec {
  // The one method there is: each buffer by itself.
  if (compression.int8(1) !== 0) throw corruptBlock('its buffers are compressed by an unknown method');
  return codecNumbered(compression.int8(0));
}

/** A buffer behind its length before compression, or -1 where it was left as it was. */
function unpacked(stored: Uint8Array, codec: Codec): Uint8Array {
  if (stored.length < 8) throw corruptBlock('a compressed buffer is cut short');
  const length = new DataView(stored.buffer, stored.byteOffset, 8).getBigInt64(0, true);
  const content = stored.subarray(8);
  if (length === -1n) return content;
  let bytes: Uint8Array;
  try {
    bytes = codec.decompress(content);
  } catch (cause) {
    throw corruptBlock(`a compressed buffer is damaged (${(cause as Error).message})`);
  }
  if (BigInt(bytes.length) !== length) throw corruptBlock(`a compressed buffer holds ${bytes.length} bytes instead of ${length}`);
  return bytes;
}

/** The next column of a batch, which must have `rows` rows unless that is null. */
export function readColumn(reader: BodyReader, wire: WireField, rows: number | null, dictionaries: Dictionaries): Column {
  const { length, nulls } = reader.nextNode();
  if (rows !== null && length !== rows) throw corruptBlock(`a column has ${length} rows instead of ${rows}`);
  if (wire.dictionary !== null) return readCodes(reader, wire, wire.dictionary, length, nulls, dictionaries);
  return readPlain(reader, wire, length, nulls, dictionaries);
}

/** The next column without dictionary encoding of its own: also what a dictionary batch holds. */
export function readDictionary(reader: BodyReader, wire: WireField, dictionaries: Dictionaries): Column {
  const { length, nulls } = reader.nextNode();
  if (length !== reader.length) throw corruptBlock(`a dictionary has ${length} entries instead of ${reader.length}`);
  return readPlain(reader, wire, length, nulls, dictionaries);
}

function readPlain(reader: BodyReader, wire: WireField, length: number, nulls: number, dictionaries: Dictionaries): Column {
  const { type } = wire.field;
  const layout = plainLayout(type);
  if (layout === 'null') return { layout, length };
  const validity = readValidity(reader, length, nulls);
  switch (layout) {
    case 'fixed':
      return { layout, length, validity, values: readFixed(reader, wire, length, validity) };
    case 'wide':
      return { layout, length, validity, values: int64View(reader.nextBuffer(16 * length)) };
    case 'bits':
      return { layout, length, validity, bits: reader.nextBuffer(bitmapBytes(length)) };
    case 'bytes': {
      const offsets = readOffsets(reader, length);
      const data = reader.nextBuffer(null);
      checkOffsets(offsets, length, data.length);
      return { layout, length, validity, offsets, data };
    }
    case 'list': {
      const offsets = readOffsets(reader, length);
      const child = readColumn(reader, wire.children[0], null, dictionaries);
      checkOffsets(offsets, length, child.length);
      return { layout, length, validity, offsets, child };
    }
    case 'map': {
      const offsets = readOffsets(reader, length);
      const entries = reader.nextNode();
      if (readValidity(reader, entries.length, entries.nulls) !== null) throw corruptBlock('a map has null entries');
      const keys = readColumn(reader, wire.children[0], entries.length, dictionaries);
      const values = readColumn(reader, wire.children[1], entries.length, dictionaries);
      checkOffsets(offsets, length, entries.length);
      return { layout, length, validity, offsets, keys, values };
    }
    case 'struct':
      return { layout, length, validity, children: wire.children.map((child) => readColumn(reader, child, length, dictionaries)) };
    default:
      return layout satisfies never;
  }
}

function readValidity(reader: BodyReader, length: number, nulls: number): Validity {
  const bits = reader.nextBuffer(nulls > 0 ? bitmapBytes(length) : null);
  if (nulls === 0 || bits.length === 0) return null;
  if (bits.length < bitmapBytes(length)) throw corruptBlock('a validity bitmap is too short');
  return bits.subarray(0, bitmapBytes(length));
}

/** Unsigned shift: a hostile length near 2^31 must not turn negative. */
function bitmapBytes(length: number): number {
  return (length + 7) >>> 3;
}

function readOffsets(reader: BodyReader, length: number): Int32Array {
  const buffer = reader.nextBuffer(length === 0 ? null : 4 * (length + 1));
  // Arrow lets a column without rows leave its one offset out.
  return buffer.length < 4 ? allocInt32(1) : int32View(buffer.subarray(0, 4 * (length + 1)));
}

/** Offsets must start at 0 or later, never fall, and end within `bound`. */
function checkOffsets(offsets: Int32Array, length: number, bound: number): void {
  // The sign bit gathers every fall. While none has come before, both numbers are ≥ 0 and their difference cannot wrap.
  let sign = offsets[0];
  for (let i = 0; i < length; i++) sign |= offsets[i + 1] - offsets[i];
  if (sign < 0 || offsets[length] > bound) throw corruptBlock('offsets fall or pass the end of their data');
}

function readFixed(reader: BodyReader, wire: WireField, length: number, validity: Validity): FixedArray {
  const { kind } = wire.field.type;
  switch (kind) {
    case 'int8': {
      const buffer = reader.nextBuffer(length);
      return new Int8Array(buffer.buffer, buffer.byteOffset, length);
    }
    case 'int16': {
      const buffer = aligned(reader.nextBuffer(2 * length), 2);
      return new Int16Array(buffer.buffer, buffer.byteOffset, length);
    }
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return int32View(reader.nextBuffer(4 * length));
    case 'float32': {
      const buffer = aligned(reader.nextBuffer(4 * length), 4);
      return new Float32Array(buffer.buffer, buffer.byteOffset, length);
    }
    case 'float64': {
      const buffer = aligned(reader.nextBuffer(8 * length), 8);
      return new Float64Array(buffer.buffer, buffer.byteOffset, length);
    }
    default:
      if (wire.decimalBits === 128) return narrowed(int64View(reader.nextBuffer(16 * length)), length, validity);
      return int64View(reader.nextBuffer(8 * length));
  }
}

/** 128-bit decimals of p ≤ 18 as 64-bit ones. */
function narrowed(wide: BigInt64Array, length: number, validity: Validity): BigInt64Array {
  const values = allocInt64(length);
  for (let i = 0; i < length; i++) {
    values[i] = wide[2 * i];
    if (wide[2 * i + 1] !== values[i] >> 63n && (validity === null || getBit(validity, i)))
      throw corruptBlock('a decimal passes its precision');
  }
  return values;
}

function int32View(buffer: Uint8Array): Int32Array {
  const at = aligned(buffer, 4);
  return new Int32Array(at.buffer, at.byteOffset, at.length >> 2);
}

function int64View(buffer: Uint8Array): BigInt64Array {
  const at = aligned(buffer, 8);
  return new BigInt64Array(at.buffer, at.byteOffset, at.length >> 3);
}

/** The buffer itself, or a copy where a typed array of this width could not look at it. */
function aligned(buffer: Uint8Array, width: number): Uint8Array {
  if (buffer.byteOffset % width === 0) return buffer;
  const copy = allocBytes(buffer.length);
  copy.set(buffer);
  return copy;
}

function readCodes(
  reader: BodyReader,
  wire: WireField,
  { id, codeBits, signed }: WireDictionary,
  length: number,
  nulls: number,
  dictionaries: Dictionaries,
): Column {
  const validity = readValidity(reader, length, nulls);
  const buffer = aligned(reader.nextBuffer(length * (codeBits / 8)), codeBits >> 3);
  const codes = codeBits === 32 ? int32View(buffer) : widenedCodes(buffer, codeBits, signed, length);
  const dictionary = dictionaries.get(id) ?? columnOf(wire.field.type, []);
  const column: ColumnOf<'dictionary'> = {
    layout: 'dictionary',
    length,
    validity,
    codes: checkedCodes(codes, validity, dictionary),
    dictionary,
  };
  return withoutNullEntries(column);
}

function widenedCodes(buffer: Uint8Array, bits: 8 | 16, signed: boolean, length: number): Int32Array {
  const { buffer: memory, byteOffset } = buffer;
  if (bits === 8) return Int32Array.from(signed ? new Int8Array(memory, byteOffset, length) : buffer);
  return Int32Array.from(signed ? new Int16Array(memory, byteOffset, length) : new Uint16Array(memory, byteOffset, length));
}

/** Codes of rows with a value must be in the dictionary; other codes out of it become 0, so that nobody need look at validity first. */
function checkedCodes(codes: Int32Array, validity: Validity, dictionary: Column): Int32Array {
  const last = dictionary.length - 1;
  let sign = 0;
  for (let i = 0; i < codes.length; i++) sign |= codes[i] | (last - codes[i]);
  if (sign >= 0) return codes;
  const checked = allocInt32(codes.length);
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] >= 0 && codes[i] <= last) checked[i] = codes[i];
    else if (validity === null || getBit(validity, i)) throw corruptBlock(`code ${codes[i]} is outside its dictionary of ${last + 1}`);
  }
  return checked;
}

/** Arrow allows null entries in a dictionary, minispark does not: their rows become null themselves. */
function withoutNullEntries(column: ColumnOf<'dictionary'>): Column {
  const { codes, dictionary, length } = column;
  if (dictionary.layout !== 'null' && dictionary.validity === null) return column;
  const validity = fullBitmap(length);
  for (let i = 0; i < length; i++) {
    if (isNull(column, i) || isNull(dictionary, codes[i])) validity[i >> 3] &= ~(1 << (i & 7));
  }
  return { ...column, validity };
}
