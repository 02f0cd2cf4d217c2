/**
 * Owns: the messages of an Arrow file as a stream that has been looked through: frames, the tree of the schema, what batches say of their
 * rows and buffers, and in the file form where the footer has them. apache-arrow, which trusts what it reads, only gets what passed.
 * Format: arrow.apache.org/docs/format/Columnar.html, "Serialization and Interprocess Communication".
 */
import type { CodecName } from '../../../data/codec.js';
import { corruptBlock, FlatTable, readCount } from '../../../data/flatbuffer.js';
import { END_OF_STREAM } from '../../../data/ipc.js';
import { messagesOf } from '../../../data/ipc-messages.js';

export interface Checked {
  /** The messages, behind which the end marker stands; null where they begin without a schema, as apache-arrow leaves files. */
  readonly stream: Uint8Array | null;
  readonly rows: number;
  readonly codecs: ReadonlySet<CodecName>;
}

const MAGIC = Buffer.from('ARROW1');
/** The magic and padding in front of the first message. */
const FILE_START = 8;
/** In front of each message: a mark and the size of its metadata. */
const FRAME = 8;
/** Bytes of the footer that tell where a batch is. */
const BLOCK = 24;
const [SCHEMA, DICTIONARY_BATCH, RECORD_BATCH] = [1, 2, 3];
const CODECS: readonly CodecName[] = ['lz4', 'zstd'];
const MAX_ROWS = 2 ** 31 - 1;
const MAX_DEPTH = 64;
/** A batch of so many rows may be of nulls alone, which take no bytes. */
const FEW_ROWS = 1 << 20;
/** No codec makes less of bytes. */
const MOST_COMPRESSION = 1 << 14;

/** Throws CORRUPT_BLOCK and says what is wrong. */
export function checkArrow(bytes: Uint8Array): Checked {
  const isFile = MAGIC.equals(bytes.subarray(0, MAGIC.length));
  const { stream, blocks } = isFile ? insideOf(bytes) : { stream: bytes, blocks: null };
  const codecs = new Set<CodecName>();
  const places: number[] = [];
  let [rows, at, hasSchema] = [0, isFile ? FILE_START : 0, false];
  for (const { metadata, body } of messagesOf(stream.length, (from, count) => stream.subarray(from, from + count))) {
    const message = FlatTable.root(viewOf(metadata));
    const header = message.table(2);
    if (header === null) throw corruptBlock('a message has no header');
    message.tables(4).forEach(checkNote);
    const tag = message.int8(1);
    if (tag === SCHEMA) {
      checkSchema(header, metadata.length);
      hasSchema = true;
    } else if (tag === DICTIONARY_BATCH) checkBatch(header.table(1), metadata, body, codecs);
    else if (tag === RECORD_BATCH) {
      rows += checkBatch(header, metadata, body, codecs);
      places.push(at);
    } else throw corruptBlock(`a message is of kind ${tag}`);
    at += FRAME + metadata.length + body.length;
  }
  if (blocks !== null && (blocks.length !== places.length || blocks.some((block, i) => block !== places[i])))
    throw corruptBlock('its batches are not where its footer has them');
  if (!isFile && !hasSchema) throw corruptBlock('it has no schema');
  return { stream: hasSchema ? stream : null, rows, codecs };
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);

/** What lies between the two magics, and where the footer says that batches begin. */
function insideOf(bytes: Uint8Array): { readonly stream: Uint8Array; readonly blocks: readonly number[] } {
  const end = bytes.length - MAGIC.length - 4;
  if (end < FILE_START || !MAGIC.equals(bytes.subarray(end + 4))) throw corruptBlock('it does not end in ARROW1: it was cut short');
  const start = end - viewOf(bytes).getInt32(end, true);
  if (!(start >= FILE_START && start < end)) throw corruptBlock('its footer lies outside of it');
  // Tables are checked against a buffer that starts with them.
  const view = viewOf(bytes.slice(start, end));
  const footer = FlatTable.root(view);
  const schema = footer.table(1);
  if (schema === null) throw corruptBlock('its footer has no schema');
  checkSchema(schema, end - start);
  footer.tables(4).forEach(checkNote);
  const batches = footer.vector(3, BLOCK);
  const blocks = Array.from({ length: batches.count }, (_, i) => readCount(view, batches.start + BLOCK * i));
  const messages = bytes.subarray(FILE_START, start);
  const isEnded = Buffer.from(END_OF_STREAM).equals(messages.subarray(-END_OF_STREAM.length));
  return { stream: isEnded ? messages : Buffer.concat([messages, END_OF_STREAM]), blocks };
}

function checkSchema(schema: FlatTable, messageBytes: number): void {
  schema.tables(2).forEach(checkNote);
  checkFields(schema.tables(1), 0, { fields: messageBytes / 16 });
}

/** A key and a value. */
function checkNote(note: FlatTable): void {
  note.string(0);
  note.string(1);
}

/** Fields may share bytes, so a small message could describe an endless tree; honest fields take more than 16 bytes each. */
function checkFields(fields: readonly FlatTable[], depth: number, budget: { fields: number }): void {
  for (const field of fields) {
    if (depth > MAX_DEPTH || --budget.fields < 0) throw corruptBlock('its schema nests too deep');
    if (field.table(3) === null) throw corruptBlock('a field has no type');
    field.tables(6).forEach(checkNote);
    checkFields(field.tables(5), depth + 1, budget);
  }
}

/** Gives the rows of a batch. */
function checkBatch(header: FlatTable | null, metadata: Uint8Array, body: Uint8Array, codecs: Set<CodecName>): number {
  if (header === null) throw corruptBlock('a dictionary has no values');
  const compression = header.has(3) ? header.table(3) : null;
  const codec = compression === null ? null : CODECS[compression.int8(0)];
  if (codec === undefined) throw corruptBlock('its buffers are compressed by a codec that nobody knows');
  if (codec !== null) codecs.add(codec);
  const most = Math.min(MAX_ROWS, Math.max(FEW_ROWS, body.length * 8 * (codec === null ? 1 : MOST_COMPRESSION)));
  const rows = header.count(0);
  if (rows > most) throw corruptBlock(`a batch has ${rows} rows in ${body.length} bytes`);
  const view = viewOf(metadata);
  const nodes = header.vector(1, 16);
  for (let i = 0; i < nodes.count; i++) {
    const length = readCount(view, nodes.start + 16 * i);
    if (length > most) throw corruptBlock(`a column has ${length} rows in ${body.length} bytes`);
    if (i === 0 && length !== rows) throw corruptBlock(`a column has ${length} rows in a batch of ${rows}`);
  }
  const buffers = header.vector(2, 16);
  for (let i = 0; i < buffers.count; i++) {
    const at = buffers.start + 16 * i;
    if (readCount(view, at) + readCount(view, at + 8) > body.length) throw corruptBlock('a buffer passes the end of its batch');
  }
  return rows;
}
