/** Owns: the schema of CSV files: names from the header or `_c0`, `_c1`, …; types, where asked for, from every value of every file or of a share of them. */
import { userError } from '../../../core/errors.js';
import {
  BOOLEAN,
  DATE,
  type DataType,
  decimal,
  type Field,
  FLOAT64,
  field,
  INT32,
  INT64,
  type Schema,
  STRING,
  TIMESTAMP,
} from '../../../data/types.js';
import { decodeUtf8 } from '../../../data/utf8.js';
import type { ScanFile } from '../../../frontend/plan/resolved.js';
import { localPath } from '../fs.js';
import { parseBoolean, parseDate, parseDouble, parseInteger, parseLongInteger, parseTimestamp, plainSeconds } from '../parse-values.js';
import { afterByteOrderMark, type Block, readBlocks, UNWATCHED } from '../record-blocks.js';
import type { Options } from '../source.js';
import { samples } from '../splits.js';
import { type CsvReadOptions, csvReadOptions } from './options.js';
import { CsvTokenizer, ESCAPED, lastQuotedRecordEnd, MISSING, takeOutEscapes } from './tokenize.js';

/** Throws UNABLE_TO_INFER_SCHEMA where no file has a record. */
export async function inferCsvSchema(files: readonly ScanFile[], raw: Options): Promise<Schema> {
  const options = csvReadOptions(raw);
  let names: string[] | null = null;
  let types: (DataType | null)[] = [];
  for (const split of samples(files, options.multiLine ? 1 : options.samplingRatio)) {
    // Only the first piece of a file begins with its header.
    let atStart = split.start === 0;
    for await (const block of readBlocks(split, UNWATCHED, 1 << 20, options.multiLine ? lastQuotedRecordEnd(options) : undefined)) {
      let from = block.start;
      if (atStart) {
        if (block.position === 0) from = afterByteOrderMark(block.buffer, from, block.end);
        const first = firstRecord(block, from, options);
        if (first === null) continue;
        names ??= options.header ? uniqueNames(first.values) : first.values.map((_, i) => `_c${i}`);
        if (options.header) from = first.end;
        atStart = false;
        if (!options.inferSchema) break;
        if (types.length === 0) types = names.map(() => null);
      }
      inferBlock(block, from, options, types);
    }
    if (names !== null && !options.inferSchema) break;
  }
  if (names === null) {
    const list = files.slice(0, 3).map((file) => localPath(file.uri));
    throw userError('UNABLE_TO_INFER_SCHEMA', `There is no record to infer a CSV schema from in ${list.join(', ') || 'no files'}.`, {
      hint: 'Give a schema with .schema(…)',
    });
  }
  return { fields: names.map((name, i): Field => field(name, types[i] ?? STRING)) };
}

function firstRecord(block: Block, from: number, options: CsvReadOptions): { values: string[]; end: number } | null {
  const counter = new CsvTokenizer(options, []);
  const end = counter.tokenize(block.buffer, from, block.end, 1);
  if (counter.rows === 0) return null;
  const tokenizer = new CsvTokenizer(
    options,
    Array.from({ length: counter.counts[0] }, (_, i) => i),
  );
  tokenizer.tokenize(block.buffer, from, block.end, 1);
  const values = tokenizer.fields.map(({ starts, ends, forms }) => {
    if (forms[0] !== ESCAPED) return decodeUtf8(block.buffer, starts[0], ends[0]);
    const text = new Uint8Array(ends[0] - starts[0]);
    return decodeUtf8(text, 0, takeOutEscapes(block.buffer, starts[0], ends[0], options, text));
  });
  return { values: values.map((value) => value.trim()), end };
}

/** Spark's rule: an empty name becomes `_c3`, names that occur twice (case ignored) take their place as a suffix. */
function uniqueNames(header: readonly string[]): string[] {
  const times = new Map<string, number>();
  for (const name of header) times.set(name.toLowerCase(), (times.get(name.toLowerCase()) ?? 0) + 1);
  return header.map((name, i) => {
    if (name === '') return `_c${i}`;
    return (times.get(name.toLowerCase()) as number) > 1 ? `${name}${i}` : name;
  });
}

function inferBlock(block: Block, start: number, options: CsvReadOptions, types: (DataType | null)[]): void {
  const tokenizer = new CsvTokenizer(
    options,
    types.map((_, i) => i),
  );
  const nullText = Buffer.from(options.nullValue);
  for (let at = start; at < block.end; ) {
    at = tokenizer.tokenize(block.buffer, at, block.end, 8192);
    tokenizer.fields.forEach(({ starts, ends, forms }, slot) => {
      let type = types[slot];
      for (let row = 0; row < tokenizer.rows && type !== STRING; row++) {
        let [from, to] = [starts[row], ends[row]];
        if (forms[row] === MISSING || from === to) continue;
        if (options.trimStart) while (from < to && block.buffer[from] <= 32) from++;
        if (options.trimEnd) while (to > from && block.buffer[to - 1] <= 32) to--;
        if (to - from === nullText.length && nullText.equals(block.buffer.subarray(from, to))) continue;
        if (forms[row] === ESCAPED) type = STRING;
        else if (type === null || !isOf(type, block.buffer, from, to)) type = mergeTypes(type, narrowest(block.buffer, from, to));
      }
      types[slot] = type;
    });
  }
}

/** Whether a value surely does not change the type: the quick way for nearly all values. */
function isOf(type: DataType, data: Uint8Array, start: number, end: number): boolean {
  switch (type.kind) {
    case 'int32':
    case 'int64': {
      const value = parseInteger(data, start, end);
      return Number.isFinite(value) && (type.kind === 'int64' || value === (value | 0));
    }
    case 'float64':
      return parseDouble(data, start, end) !== undefined;
    case 'date':
      return parseDate(data, start, end) !== null;
    case 'timestamp':
      return !Number.isNaN(plainSeconds(data, start, end));
    case 'boolean':
      return parseBoolean(data, start, end) >= 0;
    default:
      return false;
  }
}

function narrowest(data: Uint8Array, start: number, end: number): DataType {
  const integer = parseInteger(data, start, end);
  if (Number.isFinite(integer)) return integer === (integer | 0) ? INT32 : INT64;
  if (integer === Number.POSITIVE_INFINITY) {
    if (parseLongInteger(data, start, end) !== null) return INT64;
    return end - start <= 38 ? decimal(end - start, 0) : FLOAT64;
  }
  if (parseDouble(data, start, end) !== undefined) return FLOAT64;
  if (parseDate(data, start, end) !== null) return DATE;
  if (parseTimestamp(data, start, end) !== null) return TIMESTAMP;
  return parseBoolean(data, start, end) >= 0 ? BOOLEAN : STRING;
}

const NUMERIC = ['int32', 'int64', 'decimal', 'float64'];

function mergeTypes(a: DataType | null, b: DataType): DataType {
  if (a === null) return b;
  if (a.kind === b.kind) return a.kind === 'decimal' && b.kind === 'decimal' ? decimal(Math.max(a.precision, b.precision), 0) : a;
  const [x, y] = [NUMERIC.indexOf(a.kind), NUMERIC.indexOf(b.kind)];
  if (x >= 0 && y >= 0) return x > y ? a : b;
  const dated = [a.kind, b.kind].every((kind) => kind === 'date' || kind === 'timestamp');
  return dated ? TIMESTAMP : STRING;
}
