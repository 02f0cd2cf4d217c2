/** Owns: writing Arrow IPC streams (`.arrows`): a schema message, a record batch a batch, an end marker. Decimals are Decimal128, which every reader knows. */
import type { Batch } from '../../../data/batch.js';
import { END_OF_STREAM, encodeBatch, encodeSchema } from '../../../data/ipc.js';
import type { Schema } from '../../../data/types.js';
import type { WriteSpec } from '../../../frontend/plan/logical.js';
import { OutputFile } from '../fs.js';
import { FormatOptions } from '../options.js';
import type { FormatWriter, WriterFactory } from '../source.js';

const STREAM = { onlyDecimal128: true };

/** Throws UNKNOWN_OPTION and INVALID_OPTION. */
export function arrowWriter(write: WriteSpec, schema: Schema): WriterFactory {
  new FormatOptions('arrow', write.options, []).choice('compression', 'none', ['none']);
  return { extension: '.arrows', open: (path) => new ArrowFile(path, schema) };
}

class ArrowFile implements FormatWriter {
  private readonly file: OutputFile;
  private readonly schema: Schema;

  constructor(path: string, schema: Schema) {
    this.file = new OutputFile(path);
    this.schema = schema;
    this.file.write(encodeSchema(schema, STREAM));
  }

  writeBatch(batch: Batch): void {
    for (const part of encodeBatch(this.schema, batch, STREAM)) this.file.write(part);
  }

  finish(): void {
    this.file.write(END_OF_STREAM);
    this.file.close();
  }

  close(): void {
    this.file.close();
  }
}
