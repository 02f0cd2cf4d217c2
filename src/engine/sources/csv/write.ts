/** Owns: writing CSV: a field is quoted where it must be, quotes inside are escaped, null is `nullValue` and the empty string `""`. */
import { userError } from '../../../core/errors.js';
import { type Batch, type Column, isNull } from '../../../data/batch.js';
import { type DataType, type Schema, typeName } from '../../../data/types.js';
import type { WriteSpec } from '../../../frontend/plan/logical.js';
import { formatRow } from '../format-values.js';
import { OutputBuffer } from '../output-buffer.js';
import { CARRIAGE_RETURN, NEWLINE } from '../record-blocks.js';
import type { FormatWriter, WriterFactory } from '../source.js';
import { type CsvWriteOptions, csvWriteOptions } from './options.js';

/** Throws WRONG_SCHEMA for columns that CSV has no text for. */
export function csvWriter(write: WriteSpec, schema: Schema): WriterFactory {
  const options = csvWriteOptions(write.options);
  for (const { name, type } of schema.fields) {
    if (['array', 'map', 'struct', 'binary'].includes(type.kind)) {
      throw userError('WRONG_SCHEMA', `CSV cannot hold column '${name}' of type ${typeName(type)}.`, {
        hint: 'Write json or parquet, or turn it into a string',
        site: write.site ?? undefined,
      });
    }
  }
  return { extension: options.gzip ? '.csv.gz' : '.csv', open: (path) => new CsvFile(path, schema, options) };
}

class CsvFile implements FormatWriter {
  private readonly out: OutputBuffer;
  private readonly types: readonly DataType[];
  private readonly options: CsvWriteOptions;
  private readonly nullText: string;
  /** 1 for bytes that make a field need quotes. */
  private readonly special = new Uint8Array(256);
  /** Whether no number, date or boolean can hold a special byte. */
  private readonly numbersArePlain: boolean;

  constructor(path: string, schema: Schema, options: CsvWriteOptions) {
    this.out = new OutputBuffer(path, options.gzip);
    this.types = schema.fields.map((f) => f.type);
    this.options = options;
    // A line with nothing on it is no record.
    this.nullText = schema.fields.length === 1 && options.nullValue === '' ? options.emptyValue : options.nullValue;
    for (const byte of [options.sep, options.quote, options.escaper, NEWLINE, CARRIAGE_RETURN]) if (byte >= 0) this.special[byte] = 1;
    this.numbersArePlain =
      !options.quoteAll && [...Buffer.from('0123456789+-.:TZENaInfityrueals')].every((byte) => this.special[byte] === 0);
    if (options.header) {
      schema.fields.forEach((f, i) => {
        const name = Buffer.from(f.name);
        if (i > 0) this.out.byte(options.sep);
        this.bytes(name, 0, name.length);
      });
      this.out.byte(NEWLINE);
    }
  }

  writeBatch(batch: Batch): void {
    const { out, types, options } = this;
    for (let row = 0; row < batch.length; row++) {
      for (let i = 0; i < types.length; i++) {
        if (i > 0) out.byte(options.sep);
        const column = batch.columns[i];
        if (isNull(column, row)) out.text(this.nullText);
        else this.value(column, types[i], row);
      }
      out.byte(NEWLINE);
      out.flushIfFull();
    }
  }

  finish(): void {
    this.out.finish();
  }

  close(): void {
    this.out.close();
  }

  private value(column: Column, type: DataType, row: number): void {
    if (column.layout === 'dictionary') {
      this.value(column.dictionary, type, column.codes[row]);
    } else if (column.layout === 'bytes') {
      this.bytes(column.data, column.offsets[row], column.offsets[row + 1]);
    } else {
      const text = formatRow(column, type, row, this.options.zone);
      if (this.numbersArePlain) {
        this.out.text(text);
      } else {
        const bytes = Buffer.from(text);
        this.bytes(bytes, 0, bytes.length);
      }
    }
  }

  private bytes(data: Uint8Array, start: number, end: number): void {
    const { out, options, special } = this;
    if (start === end) {
      out.text(options.emptyValue);
      return;
    }
    let plain = !options.quoteAll;
    for (let i = start; i < end && plain; i++) plain = special[data[i]] === 0;
    if (plain || options.quote < 0) {
      out.slice(data, start, end);
      return;
    }
    out.byte(options.quote);
    let from = start;
    for (let i = start; i < end; i++) {
      if (data[i] !== options.quote && data[i] !== options.escaper) continue;
      out.slice(data, from, i);
      if (options.escaper >= 0) out.byte(options.escaper);
      from = i;
    }
    out.slice(data, from, end);
    out.byte(options.quote);
  }
}
