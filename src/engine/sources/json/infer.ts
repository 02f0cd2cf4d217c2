/** Owns: the schema of JSON files, from every value of every file or of a share of them: Spark's types and its rules for merging them. */
import { userError } from '../../../core/errors.js';
import {
  arrayOf,
  BOOLEAN,
  type DataType,
  decimal,
  type Field,
  FLOAT64,
  field,
  INT64,
  NULL,
  type Schema,
  STRING,
  structOf,
} from '../../../data/types.js';
import type { ScanFile } from '../../../frontend/plan/resolved.js';
import { localPath } from '../fs.js';
import { malformed } from '../malformed.js';
import { parseLongInteger } from '../parse-values.js';
import { afterByteOrderMark, type Block, NEWLINE, readBlocks, UNWATCHED } from '../record-blocks.js';
import { CORRUPT_RECORD, type ParseMode } from '../source.js';
import { samples } from '../splits.js';
import { CLOSE_BRACE, CLOSE_BRACKET, JsonScanner, JsonSyntaxError } from './scan.js';

/** Fields in the order of their names, as Spark gives them. Throws UNABLE_TO_INFER_SCHEMA and, in mode failfast, MALFORMED_RECORD. */
export async function inferJsonSchema(
  files: readonly ScanFile[],
  { multiLine, mode, samplingRatio }: { readonly multiLine: boolean; readonly mode: ParseMode; readonly samplingRatio: number },
): Promise<Schema> {
  const inference = new Inference(multiLine, mode);
  for (const split of samples(files, multiLine ? 1 : samplingRatio)) {
    const blockBytes = multiLine ? split.end + 1 : 1 << 20;
    for await (const block of readBlocks(split, UNWATCHED, blockBytes, multiLine ? () => -1 : undefined)) inference.add(block, split.uri);
  }
  if (inference.type === null && !inference.sawBad) {
    const list = files.slice(0, 3).map((file) => localPath(file.uri));
    throw userError('UNABLE_TO_INFER_SCHEMA', `There is no object to infer a JSON schema from in ${list.join(', ') || 'no files'}.`, {
      hint: 'Give a schema with .schema(…)',
    });
  }
  const fields = inference.type?.kind === 'struct' ? finish(inference.type).fields : [];
  const corrupt = inference.sawBad && mode === 'permissive' ? [field(CORRUPT_RECORD, STRING)] : [];
  return { fields: [...corrupt, ...fields.filter((f) => f.name !== CORRUPT_RECORD || corrupt.length === 0)] };
}

type Struct = DataType & { kind: 'struct' };

class Inference {
  type: DataType | null = null;
  sawBad = false;
  private readonly scanner = new JsonScanner();
  private readonly multiLine: boolean;
  private readonly mode: ParseMode;
  /** By depth the object seen last: most records look like the one before, and then cost no new type. */
  private readonly shapes: { names: string[]; types: DataType[]; struct: DataType }[] = [];
  private depth = 0;
  private lastRow: DataType | null = null;

  constructor(multiLine: boolean, mode: ParseMode) {
    this.multiLine = multiLine;
    this.mode = mode;
  }

  add(block: Block, uri: string): void {
    const view = Buffer.from(block.buffer.buffer, block.buffer.byteOffset, block.end);
    const start = block.position === 0 ? afterByteOrderMark(block.buffer, block.start, block.end) : block.start;
    for (let at = start; at < block.end; ) {
      const found = this.multiLine ? -1 : view.indexOf(NEWLINE, at);
      const end = found < 0 ? block.end : found;
      try {
        this.addRecord(block.buffer, at, end);
      } catch (error) {
        if (!(error instanceof JsonSyntaxError)) throw error;
        this.sawBad = true;
        if (this.mode === 'failfast') {
          throw malformed(uri, block.position + at - block.start, error.message, view.toString('utf8', at, end));
        }
      }
      at = end + 1;
    }
  }

  private addRecord(data: Uint8Array, start: number, end: number): void {
    const { scanner } = this;
    scanner.reset(data, start, end);
    this.depth = 0;
    for (let found = 0; scanner.more(); found++) {
      if (found > 0 && !this.multiLine) throw scanner.fault('the line goes on after its value');
      const type = this.valueType();
      const row = type.kind === 'array' ? type.element : type;
      if (row === this.lastRow) continue;
      this.lastRow = row;
      if (row.kind === 'struct') this.type = this.type === null ? row : mergeTypes(this.type, row);
      else if (row.kind !== 'null') throw scanner.fault('an object is expected', start);
    }
  }

  private valueType(): DataType {
    const { scanner } = this;
    const kind = scanner.peek();
    switch (kind) {
      case 'string':
        scanner.string();
        if (scanner.escaped) scanner.text();
        return STRING;
      case 'number':
        scanner.number();
        return this.numberType();
      case 'object':
        return this.structType();
      case 'array': {
        let element: DataType = NULL;
        if (scanner.enter(CLOSE_BRACKET)) {
          do element = mergeTypes(element, this.valueType());
          while (scanner.next(CLOSE_BRACKET));
        }
        return arrayOf(element);
      }
      default:
        scanner.literal(kind);
        return kind === 'null' ? NULL : BOOLEAN;
    }
  }

  private numberType(): DataType {
    const { data, tokenStart, tokenEnd, integral } = this.scanner;
    if (!integral) return FLOAT64;
    if (tokenEnd - tokenStart <= 18 || parseLongInteger(data, tokenStart, tokenEnd) !== null) return INT64;
    const digits = tokenEnd - tokenStart - (data[tokenStart] === 45 ? 1 : 0);
    return digits <= 38 ? decimal(digits, 0) : FLOAT64;
  }

  private structType(): DataType {
    const { scanner } = this;
    const names: string[] = [];
    const types: DataType[] = [];
    const depth = this.depth++;
    if (scanner.enter(CLOSE_BRACE)) {
      do {
        scanner.key();
        names.push(scanner.name());
        types.push(this.valueType());
      } while (scanner.next(CLOSE_BRACE));
    }
    this.depth--;
    const last = this.shapes[depth];
    if (last !== undefined && sameItems(last.names, names) && sameItems(last.types, types)) return last.struct;
    // Of members with one name the last counts.
    const fields = [...new Map(names.map((name, k) => [name, types[k]]))].map(([name, type]) => field(name, type));
    const struct = structOf(sorted(fields));
    this.shapes[depth] = { names, types, struct };
    return struct;
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const sorted = (fields: Field[]): Field[] => fields.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

const NUMERIC = ['int64', 'decimal', 'float64'];

/** The narrowest type for both; strings where nothing else fits. */
function mergeTypes(a: DataType, b: DataType): DataType {
  if (a === b || b.kind === 'null') return a;
  if (a.kind === 'null') return b;
  if (a.kind === 'struct' && b.kind === 'struct') return mergeStructs(a, b);
  if (a.kind === 'array' && b.kind === 'array') return arrayOf(mergeTypes(a.element, b.element));
  if (a.kind === 'decimal' && b.kind === 'decimal') return decimal(Math.max(a.precision, b.precision), 0);
  const [x, y] = [NUMERIC.indexOf(a.kind), NUMERIC.indexOf(b.kind)];
  if (x >= 0 && y >= 0) {
    const wider = x > y ? a : b;
    // A bigint has up to 19 digits, as a decimal up to 20 with Spark's rule.
    return wider.kind === 'decimal' ? decimal(Math.max(wider.precision, 20), 0) : wider;
  }
  return a.kind === b.kind ? a : STRING;
}

function mergeStructs(a: Struct, b: Struct): DataType {
  if (a.fields.length === b.fields.length && a.fields.every((f, i) => f.name === b.fields[i].name && f.type === b.fields[i].type)) return a;
  const types = new Map(a.fields.map((f) => [f.name, f.type]));
  for (const f of b.fields) {
    const known = types.get(f.name);
    types.set(f.name, known === undefined ? f.type : mergeTypes(known, f.type));
  }
  return structOf(sorted([...types].map(([name, type]) => field(name, type))));
}

/** Where only nulls were seen the type is string; structs without fields are left out. */
function finish(type: Struct): Struct {
  const fields = type.fields.flatMap((f) => {
    const finished = finishType(f.type);
    return finished === null ? [] : [field(f.name, finished)];
  });
  return { kind: 'struct', fields };
}

function finishType(type: DataType): DataType | null {
  switch (type.kind) {
    case 'null':
      return STRING;
    case 'struct': {
      const finished = finish(type);
      return finished.fields.length === 0 ? null : finished;
    }
    case 'array': {
      const element = finishType(type.element);
      return element === null ? null : arrayOf(element);
    }
    default:
      return type;
  }
}
