/**
 * Owns: the footer of a Parquet file: its schema elements and, per row group and column chunk, where the bytes are and what statistics say.
 * Format: apache/parquet-format, parquet.thrift. hyparquet reads the Thrift; statistics stay raw bytes, so that nothing is rounded.
 */
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { asMinisparkError, type MinisparkError } from '../../../core/errors.js';
import { corruptFile, type InputFile } from '../fs.js';
import { SPARK_SCHEMA } from './spark-schema.js';

/** parquet.thrift's Type, in its order. */
export const PHYSICAL = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'] as const;
export type Physical = (typeof PHYSICAL)[number];

/** A Thrift struct by field number. */
export type Thrift = Readonly<Record<`field_${number}`, unknown>>;

export interface SchemaElement {
  readonly name: string;
  readonly physical: Physical | null;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly typeLength: number;
  readonly repetition: 'required' | 'optional' | 'repeated';
  readonly children: number;
  /** parquet.thrift's ConvertedType by number, or -1. */
  readonly converted: number;
  readonly precision: number;
  readonly scale: number;
  readonly logical: Thrift | null;
}

export interface ChunkStatistics {
  readonly min: Uint8Array | null;
  readonly max: Uint8Array | null;
  readonly nulls: number | null;
}

export interface ChunkMeta {
  readonly codec: number;
  readonly values: number;
  /** Bytes [start, end) of the file hold the chunk's pages. */
  readonly start: number;
  readonly end: number;
  /** Bytes [from, to) of the file with the dictionary, where all values of the chunk are codes of it; else null. */
  readonly dictionary: readonly [number, number] | null;
  /** Bytes of the pages before compression. */
  readonly size: number;
  readonly statistics: ChunkStatistics | null;
  /** Bytes [from, to) of the file with the bounds of the pages, and with their places. */
  readonly pageIndex: { readonly bounds: readonly [number, number]; readonly places: readonly [number, number] } | null;
  /** Where the bloom filter begins. */
  readonly bloomFilter: number | null;
}

export interface RowGroup {
  readonly rows: number;
  readonly chunks: readonly ChunkMeta[];
}

export interface Footer {
  readonly elements: readonly SchemaElement[];
  readonly rows: number;
  readonly groups: readonly RowGroup[];
  /** What Spark left there (spark-schema.ts). */
  readonly sparkSchema: string | null;
  /** Which values before 1582-10-15 are of the Julian calendar: files of Spark 2, timestamps of 96 bits of Spark 3.0, or of later ones told to. */
  readonly julian: 'none' | 'int96' | 'all';
}

const MAGIC = 0x31524150;

/** Footers that were read last: the splits of one file come one after another. */
const recent = new Map<string, Footer>();
const MOST_RECENT = 16;

/** Throws CORRUPT_FILE and says what is wrong. */
export function readFooter(file: InputFile): Footer {
  const key = `${file.version} ${file.uri}`;
  const footer = recent.get(key) ?? parseFooter(file);
  recent.delete(key);
  recent.set(key, footer);
  if (recent.size > MOST_RECENT) recent.delete(recent.keys().next().value as string);
  return footer;
}

function parseFooter(file: InputFile): Footer {
  if (file.bytes < 12) throw corruptFile(file.uri, `it has ${file.bytes} bytes, too few for a Parquet file`);
  const tail = file.readRange(file.bytes - 8, file.bytes);
  const view = new DataView(tail.buffer);
  if (view.getUint32(4, true) !== MAGIC) throw corruptFile(file.uri, 'it does not end in PAR1, so it is no Parquet file or was cut short');
  const length = view.getUint32(0, true);
  if (length > file.bytes - 12) throw corruptFile(file.uri, `its footer should have ${length} bytes and the file has ${file.bytes}`);
  const bytes = file.readRange(file.bytes - 8 - length, file.bytes - 8);
  return guarded(file.uri, 'its footer is damaged', () => {
    const root = deserializeTCompactProtocol({ view: new DataView(bytes.buffer), offset: 0 }) as Thrift;
    const elements = list(root.field_2).map(schemaElement);
    if (root.field_4 === undefined) throw new Error('it has no row groups');
    const groups = list(root.field_4).map((group) => rowGroup(group, file.bytes));
    const rows = groups.reduce((sum, group) => sum + group.rows, 0);
    if (rows !== integer(root.field_3)) throw new Error(`its row groups have ${rows} rows of ${root.field_3}`);
    return { elements, rows, groups, sparkSchema: metadata(root, SPARK_SCHEMA), julian: julianOf(root) };
  });
}

/** Turns whatever goes wrong inside into CORRUPT_FILE; errors that are ours already stay. */
export function guarded<T>(uri: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asCorrupt(uri, what, error);
  }
}

function asCorrupt(uri: string, what: string, error: unknown): MinisparkError {
  const known = asMinisparkError(error);
  if (known.condition !== 'INTERNAL_ERROR') return known;
  // What the runtime says of bytes that are not what they should be tells a reader nothing.
  const isTold = error instanceof Error && error.name === 'Error';
  return corruptFile(uri, isTold ? `${what} (${known.message})` : what, error);
}

const list = (value: unknown): Thrift[] => (value === undefined ? [] : (value as Thrift[]));
/** A number that must be there: where a damaged byte makes a truth value of it, it would count as 0 or 1. */
export function integer(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw new Error(value === undefined ? 'a number is missing' : 'something else stands in place of a number');
}

const text = (value: unknown): string => Buffer.from(value as Uint8Array).toString();

function metadata(root: Thrift, key: string): string | null {
  const found = list(root.field_5).find((entry) => text(entry.field_1) === key);
  return found?.field_2 === undefined ? null : text(found.field_2);
}

function julianOf(root: Thrift): Footer['julian'] {
  const version = metadata(root, 'org.apache.spark.version');
  if (metadata(root, 'org.apache.spark.legacyDateTime') !== null || (version !== null && Number.parseInt(version, 10) < 3)) return 'all';
  return metadata(root, 'org.apache.spark.legacyINT96') !== null || version?.startsWith('3.0.') ? 'int96' : 'none';
}

function schemaElement(e: Thrift): SchemaElement {
  return {
    name: text(e.field_4),
    physical: e.field_1 === undefined ? null : PHYSICAL[e.field_1 as number],
    typeLength: Number(e.field_2 ?? 0),
    repetition: (['required', 'optional', 'repeated'] as const)[Number(e.field_3 ?? 0)],
    children: Number(e.field_5 ?? 0),
    converted: Number(e.field_6 ?? -1),
    scale: Number(e.field_7 ?? 0),
    precision: Number(e.field_8 ?? 0),
    logical: (e.field_10 as Thrift | undefined) ?? null,
  };
}

function rowGroup(group: Thrift, fileBytes: number): RowGroup {
  const rows = integer(group.field_3);
  if (!(rows >= 0 && Number.isSafeInteger(rows))) throw new Error(`a row group has ${rows} rows`);
  return { rows, chunks: list(group.field_1).map((column) => chunkMeta(column, fileBytes)) };
}

function chunkMeta(column: Thrift, fileBytes: number): ChunkMeta {
  const meta = column.field_3 as Thrift | undefined;
  if (meta === undefined) throw new Error('a column chunk lies in another file or is encrypted, which is not supported');
  const data = integer(meta.field_9);
  const dictionary = Number(meta.field_11 ?? 0);
  // Some writers leave 0 where there is no dictionary page.
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = start + integer(meta.field_7);
  if (!(start >= 4 && end >= start && end <= fileBytes)) throw new Error(`a column chunk should lie in bytes ${start} to ${end}`);
  const statistics = meta.field_12 as Thrift | undefined;
  return {
    codec: integer(meta.field_4),
    values: integer(meta.field_5),
    start,
    end,
    dictionary: dictionary > 0 && dictionary < data && isAllCodes(meta) ? [dictionary, data] : null,
    size: integer(meta.field_6),
    statistics: statistics === undefined ? null : chunkStatistics(statistics, PHYSICAL[meta.field_1 as number]),
    pageIndex: pageIndex(column),
    bloomFilter: meta.field_14 === undefined ? null : Number(meta.field_14),
  };
}

const [PLAIN_DICTIONARY, RLE, BIT_PACKED, RLE_DICTIONARY] = [2, 3, 4, 8];
/** parquet.thrift's PageType of the two kinds of data pages. */
const DATA_PAGES = [0, 3];

/** Whether the writer says that no data page is in another encoding: page by page, or by a name that only old files have. */
function isAllCodes(meta: Thrift): boolean {
  if (meta.field_13 !== undefined) {
    const pages = list(meta.field_13).filter((page) => DATA_PAGES.includes(Number(page.field_1)));
    return pages.length > 0 && pages.every((page) => [PLAIN_DICTIONARY, RLE_DICTIONARY].includes(Number(page.field_2)));
  }
  const encodings = ((meta.field_2 ?? []) as unknown[]).map(Number);
  // Levels are in the other two.
  return encodings.includes(PLAIN_DICTIONARY) && encodings.every((encoding) => [PLAIN_DICTIONARY, RLE, BIT_PACKED].includes(encoding));
}

function pageIndex({ field_4: places, field_5: placesSize, field_6: bounds, field_7: boundsSize }: Thrift): ChunkMeta['pageIndex'] {
  if ([places, placesSize, bounds, boundsSize].includes(undefined)) return null;
  const range = (from: unknown, size: unknown) => [Number(from), Number(from) + Number(size)] as const;
  return { bounds: range(bounds, boundsSize), places: range(places, placesSize) };
}

/** The old min and max had no defined order for anything but signed numbers. */
function chunkStatistics(s: Thrift, physical: Physical): ChunkStatistics {
  const oldUsable = ['INT32', 'INT64', 'FLOAT', 'DOUBLE'].includes(physical);
  const bytes = (value: unknown, old: unknown) => ((value ?? (oldUsable ? old : null)) as Uint8Array | null | undefined) ?? null;
  return {
    min: bytes(s.field_6, s.field_2),
    max: bytes(s.field_5, s.field_1),
    nulls: s.field_3 === undefined ? null : Number(s.field_3),
  };
}
