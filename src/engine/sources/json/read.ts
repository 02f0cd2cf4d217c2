/**
 * Owns: JSON files as a source: one object a line, or with `multiLine` whole documents; an array of objects gives a row an element.
 * A record is bad where it is not JSON or a value is not of its type; `mode` says what becomes of it, as in Spark.
 */
import type { Batch } from '../../../data/batch.js';
import { createBuilder } from '../../../data/builder.js';
import type { ColumnBuilder } from '../../../data/builder-base.js';
import type { BytesBuilder } from '../../../data/builder-bytes.js';
import type { Field } from '../../../data/types.js';
import { decodeUtf8 } from '../../../data/utf8.js';
import type { EngineValue } from '../../../data/value.js';
import type { Zone } from '../../../data/zone.js';
import { malformed } from '../malformed.js';
import { FormatOptions } from '../options.js';
import { Projection } from '../projection.js';
import { afterByteOrderMark, type Block, mapBlocks, NEWLINE, readBlocks } from '../record-blocks.js';
import {
  type Batches,
  CORRUPT_RECORD,
  type Options,
  PARSE_MODES,
  type ParseMode,
  type ReadRequest,
  type Source,
  type Split,
} from '../source.js';
import { cutLines, wholeFiles } from '../splits.js';
import { JsonDecoder, Span } from './decode.js';
import { inferJsonSchema } from './infer.js';
import { CLOSE_BRACKET, JsonSyntaxError } from './scan.js';

const BLOCK_BYTES = 1 << 20;

/** Throws UNKNOWN_OPTION and INVALID_OPTION. */
function jsonReadOptions(raw: Options): { multiLine: boolean; mode: ParseMode; samplingRatio: number; zone: Zone | null } {
  const options = new FormatOptions('json', raw, ['multiLine', 'mode', 'samplingRatio']);
  return {
    multiLine: options.flag('multiLine'),
    mode: options.choice('mode', 'permissive', PARSE_MODES),
    samplingRatio: options.ratio('samplingRatio'),
    zone: options.zone(),
  };
}

export const jsonSource: Source = {
  format: 'json',
  async inferSchema(files, raw) {
    return inferJsonSchema(files, jsonReadOptions(raw));
  },
  planSplits(files, options, splitBytes) {
    return jsonReadOptions(options).multiLine ? wholeFiles(files) : cutLines(files, splitBytes);
  },
  readSplit(split, request) {
    return new JsonReader(split, request).batches();
  },
};

type Values = (EngineValue | Span)[];

class JsonReader {
  private readonly split: Split;
  private readonly request: ReadRequest;
  private readonly multiLine: boolean;
  private readonly mode: ParseMode;
  private readonly projection: Projection;
  /** Fields that are read: those wanted, and where bad records matter every one. */
  private readonly fields: readonly Field[];
  private readonly decoder: JsonDecoder;
  private readonly readObject: (out: Values) => void;
  private readonly builders: readonly ColumnBuilder[];
  /** The field that each builder takes; -1 for the text of bad records. */
  private readonly slots: readonly number[];
  private rows = 0;

  constructor(split: Split, request: ReadRequest) {
    this.split = split;
    this.request = request;
    const options = jsonReadOptions(request.options);
    ({ multiLine: this.multiLine, mode: this.mode } = options);
    this.decoder = new JsonDecoder(options.zone);
    this.projection = new Projection(split, request);
    const inFile = request.fileSchema.fields.filter((f) => f.name !== CORRUPT_RECORD);
    const wanted = this.projection.fields;
    const wantsBad = this.mode !== 'permissive' || wanted.some((f) => f.name === CORRUPT_RECORD);
    this.fields = wantsBad ? inFile : wanted;
    this.readObject = this.decoder.rowReader(this.fields);
    this.builders = wanted.map((f) => createBuilder(f.type, Math.min(request.batchRows, 1024)));
    this.slots = wanted.map((f) => this.fields.indexOf(f));
  }

  batches(): Batches {
    const blockBytes = this.multiLine ? this.split.end + 1 : Math.min(this.request.batchBytes, BLOCK_BYTES);
    const blocks = readBlocks(this.split, this.request, blockBytes, this.multiLine ? () => -1 : undefined);
    return mapBlocks(blocks, (block) => this.blockBatches(block));
  }

  private *blockBatches(block: Block): Generator<Batch> {
    const start = block.position === 0 ? afterByteOrderMark(block.buffer, block.start, block.end) : block.start;
    const view = Buffer.from(block.buffer.buffer, block.buffer.byteOffset, block.end);
    for (let at = start; at < block.end; ) {
      const found = this.multiLine ? -1 : view.indexOf(NEWLINE, at);
      const end = found < 0 ? block.end : found;
      yield* this.record(block, at, end);
      at = end + 1;
    }
    if (this.rows > 0) yield this.flush();
  }

  /** The rows of a line or a document: all of them, or where it is not JSON one bad row. */
  private *record(block: Block, start: number, end: number): Generator<Batch> {
    let rows: { values: Values; fault: string | null }[];
    try {
      rows = this.parse(block, start, end);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      rows = [{ values: [], fault: error.message }];
    }
    for (const { values, fault } of rows) {
      if (fault === null) this.append(block, values, null);
      else this.bad(block, start, end, values, fault);
      if (this.rows >= this.request.batchRows || this.bytes() >= this.request.batchBytes) yield this.flush();
    }
  }

  private parse(block: Block, start: number, end: number): { values: Values; fault: string | null }[] {
    const { scanner } = this.decoder;
    scanner.reset(block.buffer, start, end);
    const rows: { values: Values; fault: string | null }[] = [];
    for (let found = 0; scanner.more(); found++) {
      if (found > 0 && !this.multiLine) throw scanner.fault('the line goes on after its value');
      for (const _ of this.objects()) {
        const values: Values = [];
        this.decoder.mismatch = null;
        this.readObject(values);
        rows.push({ values, fault: this.decoder.mismatch });
      }
    }
    return rows;
  }

  /** Stops at every object of the value that comes next. */
  private *objects(): Generator<void> {
    const { scanner } = this.decoder;
    const kind = scanner.peek();
    if (kind === 'object') yield;
    else if (kind !== 'array') throw scanner.fault('an object is expected');
    else if (scanner.enter(CLOSE_BRACKET)) {
      do {
        if (scanner.peek() !== 'object') throw scanner.fault('an object is expected');
        yield;
      } while (scanner.next(CLOSE_BRACKET));
    }
  }

  private bad(block: Block, start: number, end: number, values: Readonly<Values>, fault: string): void {
    if (this.mode === 'dropmalformed') return;
    const text = decodeUtf8(block.buffer, start, trimEnd(block.buffer, end));
    if (this.mode === 'failfast') throw malformed(this.split.uri, block.position + start - block.start, fault, text);
    this.append(block, values, text);
  }

  private append(block: Block, values: Readonly<Values>, corrupt: string | null): void {
    for (let i = 0; i < this.builders.length; i++) {
      const slot = this.slots[i];
      const value = slot < 0 ? corrupt : (values[slot] ?? null);
      if (value instanceof Span) (this.builders[i] as BytesBuilder).appendSlice(block.buffer, value.start, value.end);
      else this.builders[i].append(value);
    }
    this.rows++;
  }

  private bytes(): number {
    let bytes = 0;
    // Asking every builder costs; a look now and then is near enough.
    if ((this.rows & 255) === 255) for (const builder of this.builders) bytes += builder.byteSize();
    return bytes;
  }

  private flush(): Batch {
    const rows = this.rows;
    this.rows = 0;
    this.request.metrics.inputRows += rows;
    return this.projection.batch(
      this.builders.map((builder) => builder.finish()),
      rows,
    );
  }
}

function trimEnd(data: Uint8Array, end: number): number {
  return data[end - 1] === 13 || data[end - 1] === NEWLINE ? end - 1 : end;
}
