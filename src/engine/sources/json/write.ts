/** Owns: writing JSON lines. Null members are left out as in Spark, unless `ignoreNullFields` is false; numbers are exact; NaN and infinities are strings. */
import { userError } from '../../../core/errors.js';
import { type Batch, type Column, isNull } from '../../../data/batch.js';
import type { DataType, Field, Schema } from '../../../data/types.js';
import { isInterval, typeName } from '../../../data/types.js';
import { decodeUtf8 } from '../../../data/utf8.js';
import type { Zone } from '../../../data/zone.js';
import type { WriteSpec } from '../../../frontend/plan/logical.js';
import { formatRow } from '../format-values.js';
import { FormatOptions } from '../options.js';
import { OutputBuffer } from '../output-buffer.js';
import { NEWLINE } from '../record-blocks.js';
import type { FormatWriter, WriterFactory } from '../source.js';

const QUOTE = 34;
const BACKSLASH = 92;

/** Throws WRONG_SCHEMA for maps whose keys are nested. */
export function jsonWriter(write: WriteSpec, schema: Schema): WriterFactory {
  const options = new FormatOptions('json', write.options, ['ignoreNullFields']);
  const gzip = options.choice('compression', 'none', ['none', 'gzip']) === 'gzip';
  const keepNulls = options.choice('ignoreNullFields', 'true', ['true', 'false']) === 'false';
  const zone = options.zone();
  for (const { name, type } of schema.fields) checkKeys(name, type, write);
  return { extension: gzip ? '.json.gz' : '.json', open: (path) => new JsonFile(path, schema, gzip, keepNulls, zone) };
}

function checkKeys(name: string, type: DataType, write: WriteSpec): void {
  if (type.kind === 'array') checkKeys(name, type.element, write);
  if (type.kind === 'struct') for (const f of type.fields) checkKeys(`${name}.${f.name}`, f.type, write);
  if (type.kind !== 'map') return;
  if (['array', 'map', 'struct', 'binary'].includes(type.key.kind)) {
    throw userError('WRONG_SCHEMA', `JSON cannot hold '${name}' of type ${typeName(type)}: its keys have no text.`, {
      site: write.site ?? undefined,
    });
  }
  checkKeys(name, type.value, write);
}

class JsonFile implements FormatWriter {
  private readonly out: OutputBuffer;
  private readonly fields: readonly Field[];
  private readonly keepNulls: boolean;
  private readonly zone: Zone | null;
  private readonly names = new Map<Field, string>();

  constructor(path: string, schema: Schema, gzip: boolean, keepNulls: boolean, zone: Zone | null) {
    this.zone = zone;
    this.out = new OutputBuffer(path, gzip);
    this.fields = schema.fields;
    this.keepNulls = keepNulls;
  }

  writeBatch(batch: Batch): void {
    for (let row = 0; row < batch.length; row++) {
      this.object(this.fields, batch.columns, row);
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

  private object(fields: readonly Field[], columns: readonly Column[], row: number): void {
    const { out } = this;
    let separator = '{';
    for (let i = 0; i < fields.length; i++) {
      if (!this.keepNulls && isNull(columns[i], row)) continue;
      out.text(separator);
      out.text(this.nameOf(fields[i]));
      this.value(columns[i], fields[i].type, row);
      separator = ',';
    }
    out.text(separator === '{' ? '{}' : '}');
  }

  /** `"name":`, made once. */
  private nameOf(f: Field): string {
    let name = this.names.get(f);
    if (name === undefined) {
      name = `${JSON.stringify(f.name)}:`;
      this.names.set(f, name);
    }
    return name;
  }

  private value(column: Column, type: DataType, row: number): void {
    const { out } = this;
    if (isNull(column, row)) {
      out.text('null');
      return;
    }
    switch (column.layout) {
      case 'dictionary':
        this.value(column.dictionary, type, column.codes[row]);
        break;
      case 'bytes':
        this.bytes(column.data, column.offsets[row], column.offsets[row + 1], type.kind === 'binary');
        break;
      case 'struct':
        this.object((type as DataType & { kind: 'struct' }).fields, column.children, row);
        break;
      case 'list':
        this.list(column.child, (type as DataType & { kind: 'array' }).element, column.offsets[row], column.offsets[row + 1]);
        break;
      case 'map':
        this.map(column, type as DataType & { kind: 'map' }, row);
        break;
      default: {
        const text = formatRow(column, type, row, this.zone);
        const bare =
          type.kind !== 'date' && type.kind !== 'timestamp' && type.kind !== 'timestamp_ntz' && !isInterval(type) && !/^-?[NI]/.test(text);
        out.text(bare ? text : `"${text}"`);
      }
    }
  }

  private list(child: Column, type: DataType, from: number, to: number): void {
    this.out.text('[');
    for (let i = from; i < to; i++) {
      if (i > from) this.out.text(',');
      this.value(child, type, i);
    }
    this.out.text(']');
  }

  private map(column: Column & { layout: 'map' }, type: DataType & { kind: 'map' }, row: number): void {
    const { out } = this;
    out.text('{');
    for (let i = column.offsets[row]; i < column.offsets[row + 1]; i++) {
      if (i > column.offsets[row]) out.text(',');
      out.text(`${JSON.stringify(formatRow(column.keys, type.key, i, this.zone))}:`);
      this.value(column.values, type.value, i);
    }
    out.text('}');
  }

  private bytes(data: Uint8Array, start: number, end: number, binary: boolean): void {
    const { out } = this;
    let plain = !binary;
    for (let i = start; i < end && plain; i++) plain = data[i] >= 32 && data[i] !== QUOTE && data[i] !== BACKSLASH;
    if (!plain) {
      const text = binary ? Buffer.from(data.subarray(start, end)).toString('base64') : decodeUtf8(data, start, end);
      out.text(JSON.stringify(text));
      return;
    }
    out.byte(QUOTE);
    out.slice(data, start, end);
    out.byte(QUOTE);
  }
}
