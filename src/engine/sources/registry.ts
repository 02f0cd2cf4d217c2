/** Owns: which reader and which writer serve a format. */
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { Schema } from '../../data/types.js';
import type { WriteSpec } from '../../frontend/plan/logical.js';
import { arrowSource } from './arrow/source.js';
import { arrowWriter } from './arrow/write.js';
import { csvSource } from './csv/read.js';
import { csvWriter } from './csv/write.js';
import { jsonSource } from './json/read.js';
import { jsonWriter } from './json/write.js';
import { parquetSource } from './parquet/source.js';
import { parquetWriter } from './parquet/write.js';
import type { Source, WriterFactory } from './source.js';
import { textSource } from './text/read.js';
import { textWriter } from './text/write.js';

const SOURCES: Readonly<Record<string, Source>> = {
  text: textSource,
  csv: csvSource,
  json: jsonSource,
  parquet: parquetSource,
  arrow: arrowSource,
};

/** Throws a user error UNKNOWN_FORMAT. */
export function sourceOf(format: string): Source {
  if (Object.hasOwn(SOURCES, format)) return SOURCES[format];
  throw unknownFormat(format);
}

const WRITERS: Readonly<Record<string, (write: WriteSpec, schema: Schema) => WriterFactory>> = {
  text: textWriter,
  csv: csvWriter,
  json: jsonWriter,
  parquet: parquetWriter,
  arrow: arrowWriter,
};

/** Throws UNKNOWN_FORMAT, UNKNOWN_OPTION, INVALID_OPTION, and WRONG_SCHEMA where the format cannot hold the schema. */
export function writerOf(write: WriteSpec, schema: Schema): WriterFactory {
  if (Object.hasOwn(WRITERS, write.format)) return WRITERS[write.format](write, schema);
  throw unknownFormat(write.format);
}

function unknownFormat(format: string) {
  const known = Object.keys(SOURCES);
  return userError('UNKNOWN_FORMAT', `There is no file format '${format}'.`, {
    hint: didYouMean(format, known) || `Formats: ${known.join(', ')}.`,
  });
}
