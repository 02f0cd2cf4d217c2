/**
 * Owns: CSV files as a source: blocks → tokens → columns. A record is bad where its quotes or its number of fields are wrong or a value is not
 * of its type; `mode` says what becomes of it, as in Spark. Columns go by their place in the file, not by header names.
 */
import { allocBytes } from '../../../data/alloc.js';
import type { Batch, Column } from '../../../data/batch.js';
import { createBuilder } from '../../../data/builder.js';
import type { BytesBuilder } from '../../../data/builder-bytes.js';
import { take } from '../../../data/take.js';
import { type Field, STRING, typeName } from '../../../data/types.js';
import { decodeUtf8 } from '../../../data/utf8.js';
import { malformed } from '../malformed.js';
import { appenderOf } from '../parse-values.js';
import { Projection } from '../projection.js';
import { afterByteOrderMark, type Block, mapBlocks, readBlocks } from '../record-blocks.js';
import { type Batches, CORRUPT_RECORD, type ReadRequest, type Source, type Split } from '../source.js';
import { cutLines, wholeFiles } from '../splits.js';
import { inferCsvSchema } from './infer.js';
import { type CsvReadOptions, csvReadOptions } from './options.js';
import { CsvTokenizer, ESCAPED, type FieldSlices, lastQuotedRecordEnd, MISSING, QUOTED, takeOutEscapes } from './tokenize.js';

const BLOCK_BYTES = 1 << 20;

export const csvSource: Source = {
  format: 'csv',
  inferSchema: inferCsvSchema,
  planSplits(files, options, splitBytes) {
    return csvReadOptions(options).multiLine ? wholeFiles(files) : cutLines(files, splitBytes);
  },
  readSplit(split, request) {
    const reader = new CsvReader(split, request);
    return reader.batches();
  },
};

class CsvReader {
  private readonly split: Split;
  private readonly request: ReadRequest;
  private readonly options: CsvReadOptions;
  private readonly projection: Projection;
  /** Fields that are converted: those wanted, and where bad records matter every one. */
  private readonly fields: readonly Field[];
  private readonly fileFields: number;
  private readonly tokenizer: CsvTokenizer;
  private readonly bad = new Set<number>();

  constructor(split: Split, request: ReadRequest) {
    this.split = split;
    this.request = request;
    this.options = csvReadOptions(request.options);
    this.projection = new Projection(split, request);
    const inFile = request.fileSchema.fields.filter((f) => f.name !== CORRUPT_RECORD);
    const wantsBad = this.options.mode !== 'permissive' || this.projection.fields.some((f) => f.name === CORRUPT_RECORD);
    this.fields = wantsBad ? inFile : this.projection.fields;
    this.fileFields = inFile.length;
    this.tokenizer = new CsvTokenizer(
      this.options,
      this.fields.map((f) => inFile.indexOf(f)),
    );
  }

  batches(): Batches {
    const blockBytes = Math.min(this.request.batchBytes, BLOCK_BYTES);
    const blocks = readBlocks(this.split, this.request, blockBytes, this.options.multiLine ? lastQuotedRecordEnd(this.options) : undefined);
    let atStart = this.split.start === 0;
    return mapBlocks(blocks, (block) => {
      let from = block.start;
      if (atStart) {
        from = this.afterHeader(block);
        atStart = this.options.header && this.tokenizer.rows === 0;
      }
      return this.blockBatches(block, from);
    });
  }

  /** The byte after a byte order mark and, where there is one, the header. */
  private afterHeader(block: Block): number {
    const start = block.position === 0 ? afterByteOrderMark(block.buffer, block.start, block.end) : block.start;
    return this.options.header ? this.tokenizer.tokenize(block.buffer, start, block.end, 1) : start;
  }

  private *blockBatches(block: Block, start: number): Generator<Batch> {
    for (let at = start; at < block.end; ) {
      at = this.tokenizer.tokenize(block.buffer, at, block.end, this.request.batchRows);
      if (this.tokenizer.rows === 0) continue;
      this.request.metrics.inputRows += this.tokenizer.rows;
      yield this.convert(block);
    }
  }

  private convert(block: Block): Batch {
    const { tokenizer, fields, options, projection } = this;
    this.bad.clear();
    for (let row = 0; row < tokenizer.rows; row++) {
      if (tokenizer.broken[row] === 1 || tokenizer.counts[row] !== this.fileFields) this.refuse(block, row, () => this.shapeFault(row));
    }
    const converted = fields.map((field, slot) => this.column(block, field, tokenizer.fields[slot]));
    const columns = projection.fields.map((field) =>
      field.name === CORRUPT_RECORD ? this.corruptRecords(block) : converted[fields.indexOf(field)],
    );
    if (options.mode !== 'dropmalformed' || this.bad.size === 0) return projection.batch(columns, tokenizer.rows);
    const kept = Int32Array.from({ length: tokenizer.rows }, (_, row) => row).filter((row) => !this.bad.has(row));
    return projection.batch(
      columns.map((column) => take(column, kept, kept.length)),
      kept.length,
    );
  }

  private shapeFault(row: number): string {
    return this.tokenizer.broken[row] === 1
      ? 'its quotes are not closed as they should be'
      : `it has ${this.tokenizer.counts[row]} fields and the schema ${this.fileFields}`;
  }

  private refuse(block: Block, row: number, fault: () => string): void {
    this.bad.add(row);
    if (this.options.mode !== 'failfast') return;
    const start = this.tokenizer.recordStarts[row];
    throw malformed(
      this.split.uri,
      block.position + start - block.start,
      fault(),
      decodeUtf8(block.buffer, start, this.tokenizer.recordEnds[row]),
    );
  }

  private column(block: Block, field: Field, { starts, ends, forms }: FieldSlices): Column {
    const { options, tokenizer } = this;
    const { nullValue, emptyValue } = options;
    const builder = createBuilder(field.type, tokenizer.rows);
    const append = appenderOf(builder, options.zone);
    for (let row = 0; row < tokenizer.rows; row++) {
      const form = forms[row];
      if (form === MISSING) {
        builder.appendNull();
        continue;
      }
      let data = block.buffer;
      let start = starts[row];
      let end = ends[row];
      if (form === ESCAPED) {
        data = scratch(end - start);
        end = takeOutEscapes(block.buffer, start, end, options, data);
        start = 0;
      }
      if (options.trimStart) while (start < end && data[start] <= 32) start++;
      if (options.trimEnd) while (end > start && data[end - 1] <= 32) end--;
      if (form === QUOTED && start === end && emptyValue.length > 0) {
        data = emptyValue;
        start = 0;
        end = emptyValue.length;
      }
      if (end - start === nullValue.length && sameBytes(data, start, nullValue)) {
        builder.appendNull();
      } else if (!append(data, start, end)) {
        builder.appendNull();
        const text = decodeUtf8(data, start, end);
        this.refuse(block, row, () => `'${text}' in column '${field.name}' is no ${typeName(field.type)}`);
      }
    }
    return builder.finish();
  }

  private corruptRecords(block: Block): Column {
    const { tokenizer } = this;
    const builder = createBuilder(STRING, tokenizer.rows) as BytesBuilder;
    for (let row = 0; row < tokenizer.rows; row++) {
      if (this.bad.has(row)) builder.appendSlice(block.buffer, tokenizer.recordStarts[row], tokenizer.recordEnds[row]);
      else builder.appendNull();
    }
    return builder.finish();
  }
}

function sameBytes(data: Uint8Array, start: number, other: Uint8Array): boolean {
  for (let i = 0; i < other.length; i++) if (data[start + i] !== other[i]) return false;
  return true;
}

/** Room for one unescaped field, valid until the next call. */
let room = allocBytes(256);
function scratch(n: number): Uint8Array {
  if (n > room.length) room = allocBytes(n * 2);
  return room;
}
