/**
 * Owns: the contracts of this room: what a reader of a format receives and gives, and what a writer does.
 * Splits and commit messages are JSON-plain and opaque to everyone else; a message queue could fill the same holes.
 */
import type { Batch, Column } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { FileFormat } from '../../frontend/plan/logical.js';
import type { BoundExpr, ColumnRange, ScanFile } from '../../frontend/plan/resolved.js';

/** Reserved column names: the URI of the file (string) and the byte at which the row's line starts (int64; text only). */
export const METADATA_FILE = '_metadata_file';
export const METADATA_OFFSET = '_metadata_offset';
/** Where CSV and JSON put the text of a record that they could not read, when the schema has such a string column. */
export const CORRUPT_RECORD = '_corrupt_record';

/** What becomes of a record that cannot be read as the schema says. */
export type ParseMode = 'permissive' | 'dropmalformed' | 'failfast';
export const PARSE_MODES: readonly ParseMode[] = ['permissive', 'dropmalformed', 'failfast'];

export type Options = Readonly<Record<string, string>>;

/** A byte range of one file: the records that start in [start, end). */
export interface Split {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
  /** Values of the partition columns, in the order of the request's partitionSchema. */
  readonly values: readonly EngineValue[];
}

export interface ReadMetrics {
  inputBytes: number;
  inputRows: number;
  /** Rows that are not read since no filter could be true for them. */
  skippedRows: number;
}

export interface ReadRequest {
  readonly fileSchema: Schema;
  readonly partitionSchema: Schema;
  /** Columns wanted, in order, by name from the two schemas or reserved; none at all counts rows. */
  readonly columns: Schema;
  /** Over `columns`; rows for which one of them is not true may be left out. */
  readonly filters: readonly BoundExpr[];
  /**
   * Whether filters over the one column `index` may all be true for one of `values`, or for a null where that may be there too.
   * Where it is not given, everything may pass.
   */
  mayPass?(filters: readonly BoundExpr[], index: number, values: Column, orNull: boolean): boolean;
  /**
   * What decides about rows before all their columns are read, each test also on what those before it do. Which rows are left out is up to
   * the reader. Asked for with the first batch, and given only to who `recycles`.
   */
  rowTests?(): readonly RowTest[];
  readonly options: Options;
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Whoever reads copies what it needs of a batch before it asks for the next: the buffers may then be used again. */
  readonly recycles: boolean;
  checkCancelled(): void;
  readonly metrics: ReadMetrics;
}

export interface RowTest {
  /** Places among the request's columns: what `rowsOf` reads of a batch. */
  readonly columns: readonly number[];
  /** Whether it is worth a try for the next batch. */
  isDue(): boolean;
  /** The rows that may be wanted, ascending, which are good until the next call; null where all may be, or most. */
  rowsOf(batch: Batch): Int32Array | null;
}

export type Batches = Iterable<Batch> | AsyncIterable<Batch>;

export interface Source {
  readonly format: FileFormat;
  /** The schema inside the files. Throws user errors CORRUPT_FILE, UNABLE_TO_INFER_SCHEMA, UNKNOWN_OPTION. */
  inferSchema(files: readonly ScanFile[], options: Options): Promise<Schema>;
  /** Splits in file order, each of about `splitBytes`; formats that cannot be cut give one a file. */
  planSplits(files: readonly ScanFile[], options: Options, splitBytes: number): Split[];
  /** The rows of a split. Throws user errors FILE_NOT_READABLE, CORRUPT_FILE, MALFORMED_RECORD, WRONG_SCHEMA. */
  readSplit(split: Split, request: ReadRequest): Batches;
  /** What the format knows of the files without reading their rows. */
  statistics?(files: readonly ScanFile[]): Promise<FileStatistics>;
}

export interface FileStatistics {
  readonly rows: number;
  /** By column name, of those of which something is known. */
  readonly ranges: Readonly<Record<string, ColumnRange>>;
}

/** What a task wrote: files relative to the query's temporary directory and where they go. */
export interface CommitMessage {
  readonly files: readonly { readonly from: string; readonly to: string; readonly bytes: number; readonly rows: number }[];
}

export interface Sink {
  writeBatch(batch: Batch): void;
  finish(): CommitMessage;
  abort(): void;
}

/** Writes batches of one schema to one file, front to back. */
export interface FormatWriter {
  writeBatch(batch: Batch): void;
  /** Flushes and closes. */
  finish(): void;
  /** Closes a file that will not be used. */
  close(): void;
}

/** Opens files of one format, schema and set of options. */
export interface WriterFactory {
  /** Such as `.csv.gz`. */
  readonly extension: string;
  open(path: string): FormatWriter;
}

/** The schema of a text file. */
export const TEXT_SCHEMA: Schema = { fields: [{ name: 'value', type: { kind: 'string' }, nullable: true }] };
