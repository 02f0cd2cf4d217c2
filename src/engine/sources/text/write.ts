/** Owns: writing text files: the one string column, a line a row; null is an empty line. */
import { userError } from '../../../core/errors.js';
import { type Batch, type Column, isNull } from '../../../data/batch.js';
import type { Schema } from '../../../data/types.js';
import { typeName } from '../../../data/types.js';
import type { WriteSpec } from '../../../frontend/plan/logical.js';
import { FormatOptions } from '../options.js';
import { OutputBuffer } from '../output-buffer.js';
import { NEWLINE } from '../record-blocks.js';
import type { FormatWriter, WriterFactory } from '../source.js';

/** Throws WRONG_SCHEMA unless the schema is one string column. */
export function textWriter(write: WriteSpec, schema: Schema): WriterFactory {
  const gzip = new FormatOptions('text', write.options, []).choice('compression', 'none', ['none', 'gzip']) === 'gzip';
  if (schema.fields.length !== 1 || schema.fields[0].type.kind !== 'string') {
    const got = schema.fields.map((f) => `${f.name} ${typeName(f.type)}`).join(', ');
    throw userError('WRONG_SCHEMA', `A text file holds one string column; these rows have ${got}.`, {
      hint: "Select one string column, or write another format such as 'csv'",
      site: write.site ?? undefined,
    });
  }
  return { extension: gzip ? '.txt.gz' : '.txt', open: (path) => new TextFile(path, gzip) };
}

class TextFile implements FormatWriter {
  private readonly out: OutputBuffer;

  constructor(path: string, gzip: boolean) {
    this.out = new OutputBuffer(path, gzip);
  }

  writeBatch(batch: Batch): void {
    const [column] = batch.columns;
    for (let row = 0; row < batch.length; row++) {
      if (!isNull(column, row)) this.writeValue(column, row);
      this.out.byte(NEWLINE);
      this.out.flushIfFull();
    }
  }

  finish(): void {
    this.out.finish();
  }

  close(): void {
    this.out.close();
  }

  private writeValue(column: Column, row: number): void {
    if (column.layout === 'dictionary') this.writeValue(column.dictionary, column.codes[row]);
    else if (column.layout === 'bytes') this.out.slice(column.data, column.offsets[row], column.offsets[row + 1]);
  }
}
