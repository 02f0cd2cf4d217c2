/**
 * Owns: Parquet files as a source. A split reads the row groups whose middle lies in it, column chunk by column chunk; flat columns are
 * decoded page by page as batches need them, nested ones a row group at a time.
 */
import { userError } from '../../../core/errors.js';
import type { Batch, Column } from '../../../data/batch.js';
import { concat } from '../../../data/concat.js';
import { slice } from '../../../data/slice.js';
import { take } from '../../../data/take.js';
import { type DataType, type Field, type Schema, sameType, typeName } from '../../../data/types.js';
import type { ScanFile } from '../../../frontend/plan/resolved.js';
import { corruptFile, InputFile, localPath } from '../fs.js';
import { FormatOptions } from '../options.js';
import { Projection } from '../projection.js';
import type { FileStatistics, Options, ReadRequest, Split } from '../source.js';
import { assemble, type LeafEntries } from './assemble.js';
import { mayContain } from './bloom.js';
import { HAS_CALENDAR, inCalendar } from './calendar.js';
import { type Decompress, loadCodecs } from './codecs.js';
import { columnRanges, joinedRanges } from './column-ranges.js';
import { mayHold } from './dictionary-prune.js';
import { FlatColumn, type RowBuffers } from './flat-column.js';
import { type Footer, guarded, type RowGroup, readFooter } from './footer.js';
import { type RowRange, rowRanges } from './page-index.js';
import { type Page, PageReader } from './pages.js';
import { mayMatch } from './prune.js';
import { allNull, converted, guardedReader, type RowReader, readRows, widened } from './row-reader.js';
import { type Leaf, type Node, nodesOf, schemaOfNodes } from './schema.js';

/** The schema of the first file; with option `mergeSchema` the columns of all. Throws CORRUPT_FILE and WRONG_SCHEMA. */
export function parquetSchema(files: readonly ScanFile[], options: Options): Schema {
  const merge = new FormatOptions('parquet', options, ['mergeSchema']).flag('mergeSchema');
  const fields = new Map<string, Field>();
  const filled = filledFiles(files);
  const known = filled.length > 0 ? filled : files;
  for (const file of merge ? known : known.slice(0, 1)) {
    for (const f of withFile(file.uri, (_, footer) => schemaOfNodes(nodesOf(footer))).fields) {
      const other = fields.get(f.name);
      if (other !== undefined && !sameType(other.type, f.type)) {
        throw userError(
          'WRONG_SCHEMA',
          `Column '${f.name}' is ${typeName(other.type)} in one file and ${typeName(f.type)} in '${localPath(file.uri)}'.`,
        );
      }
      fields.set(f.name, f);
    }
  }
  return { fields: [...fields.values()] };
}

/** A file of no bytes has no rows, and no footer either: some writers leave such behind. */
const filledFiles = (files: readonly ScanFile[]): readonly ScanFile[] => files.filter((file) => file.bytes > 0);

/** Rows of the files and ranges of their columns, from their footers. */
export function parquetStatistics(files: readonly ScanFile[]): FileStatistics {
  const known = filledFiles(files).map(({ uri }) => withFile(uri, (_, footer) => ({ rows: footer.rows, ranges: columnRanges(footer) })));
  return { rows: known.reduce((sum, { rows }) => sum + rows, 0), ranges: joinedRanges(known.map(({ ranges }) => ranges)) };
}

function withFile<T>(uri: string, use: (file: InputFile, footer: Footer) => T): T {
  const file = new InputFile(uri);
  try {
    const footer = readFooter(file);
    return guarded(uri, 'its footer is damaged', () => use(file, footer));
  } finally {
    file.close();
  }
}

export async function* readParquet(split: Split, request: ReadRequest): AsyncGenerator<Batch> {
  new FormatOptions('parquet', request.options, ['mergeSchema']);
  const projection = new Projection(split, request);
  const file = new InputFile(split.uri);
  try {
    const footer = readFooter(file);
    const nodes = guarded(split.uri, 'its footer is damaged', () => nodesOf(footer));
    const wanted = nodesFor(projection.fields, nodes);
    const { filters, columns } = request;
    const inSplit = footer.groups.filter((group) => isInSplit(group, split));
    for (const group of inSplit) checkCounts(group, nodes, split.uri);
    const groups = inSplit.filter((group) => mayMatch(filters, columns, nodes, group) && mayContain(file, group, filters, columns, nodes));
    request.metrics.skippedRows += rowsOf(inSplit) - rowsOf(groups);
    const codecs = await loadCodecs(
      groups.flatMap((group) => wanted.flatMap((node) => leavesOf(node).map((leaf) => group.chunks[leaf.index].codec))),
      split.uri,
    );
    const buffers = request.recycles ? new Map<Node, RowBuffers>() : null;
    for (const group of groups) {
      // Days of the other calendar are not yet what the filters mean.
      const mayPass =
        footer.julian !== 'none' ||
        guarded(split.uri, 'a dictionary is damaged', () => mayHold(file, group, request, columns, nodes, codecs));
      const ranges = mayPass ? rowRanges(file, group, filters, columns, nodes) : [];
      request.metrics.skippedRows += group.rows - ranges.reduce((sum, { from, to }) => sum + to - from, 0);
      if (ranges.length === 0) continue;
      yield* groupBatches(new GroupReader(file, group, codecs, request, buffers, footer.julian), ranges, wanted, projection, request);
    }
  } finally {
    file.close();
  }
}

const rowsOf = (groups: readonly RowGroup[]): number => groups.reduce((sum, { rows }) => sum + rows, 0);

/** Columns that are in no list have a value or a null for each row. */
function checkCounts({ rows, chunks }: RowGroup, nodes: readonly Node[], uri: string): void {
  for (const leaf of nodes.flatMap(leavesOf)) {
    const values = chunks[leaf.index]?.values;
    if (values === undefined || (leaf.maxRep === 0 && values !== rows))
      throw corruptFile(uri, `a column has ${values ?? 'no'} values in a row group of ${rows} rows`);
  }
}

/** The file's column for each field of the request; null where the file has none. Names are compared without case where they must be. */
function nodesFor(fields: readonly Field[], nodes: readonly Node[]): (Node | null)[] {
  // The first of a name counts.
  const named = new Map([...nodes].reverse().map((node) => [node.name, node]));
  const lower = new Map([...nodes].reverse().map((node) => [node.name.toLowerCase(), node]));
  return fields.map((f) => named.get(f.name) ?? lower.get(f.name.toLowerCase()) ?? null);
}

function isInSplit({ rows, chunks }: RowGroup, { start, end }: Split): boolean {
  if (rows === 0 || chunks.length === 0) return false;
  const middle = (Math.min(...chunks.map((c) => c.start)) + Math.max(...chunks.map((c) => c.end))) / 2;
  return middle >= start && middle < end;
}

/** Row groups of fewer rows are not worth a test that must be made first. */
const LEAST_TESTED = 1024;

function* groupBatches(
  reader: GroupReader,
  ranges: readonly RowRange[],
  wanted: readonly (Node | null)[],
  projection: Projection,
  request: ReadRequest,
): Generator<Batch> {
  const columns = wanted.map((node, i): RowReader => {
    const { type } = projection.fields[i];
    return node === null ? allNull(type) : guardedReader(widened(reader.column(node), node, type, reader.file.uri), reader.file.uri);
  });
  const step = rowsPerBatch(reader.group, wanted, request);
  const tests = reader.group.rows < LEAST_TESTED ? [] : (request.rowTests?.() ?? []);
  let passed = 0;
  for (const { from, to } of ranges) {
    for (const column of columns) column.skip(from - passed);
    for (let at = from; at < to; at += step) {
      request.checkCancelled();
      const n = Math.min(step, to - at);
      const batch = readRows(columns, n, projection, tests);
      request.metrics.inputRows += batch.length;
      request.metrics.skippedRows += n - batch.length;
      if (batch.length > 0) yield batch;
    }
    passed = to;
  }
}

/** Fewer rows than asked for where their texts alone would pass the bytes of a batch. */
function rowsPerBatch({ rows, chunks }: RowGroup, wanted: readonly (Node | null)[], request: ReadRequest): number {
  const bytes = wanted.flatMap(leavesOf).reduce((sum, leaf) => sum + (leaf.physical === 'BYTE_ARRAY' ? chunks[leaf.index].size : 0), 0);
  const fitting = Math.floor(request.batchBytes / Math.max(1, bytes / rows));
  return Math.max(1, Math.min(request.batchRows, fitting));
}

function leavesOf(node: Node | null): Leaf[] {
  if (node === null) return [];
  switch (node.kind) {
    case 'leaf':
      return [node.leaf];
    case 'struct':
      return node.children.flatMap(leavesOf);
    case 'list':
      return leavesOf(node.element);
    case 'map':
      return [...leavesOf(node.key), ...leavesOf(node.value)];
    default:
      return node satisfies never;
  }
}

/** The columns of one row group. */
class GroupReader {
  readonly file: InputFile;
  readonly group: RowGroup;
  private readonly codecs: ReadonlyMap<number, Decompress>;
  private readonly request: ReadRequest;
  /** Of all row groups, by column. */
  private readonly buffers: Map<Node, RowBuffers> | null;
  private readonly julian: Footer['julian'];

  constructor(
    file: InputFile,
    group: RowGroup,
    codecs: ReadonlyMap<number, Decompress>,
    request: ReadRequest,
    buffers: Map<Node, RowBuffers> | null,
    julian: Footer['julian'],
  ) {
    this.julian = julian;
    this.file = file;
    this.group = group;
    this.codecs = codecs;
    this.request = request;
    this.buffers = buffers;
  }

  private buffersOf(node: Node): RowBuffers | null {
    if (this.buffers === null) return null;
    let known = this.buffers.get(node);
    if (known === undefined) {
      known = { codes: null, values: null, bytes: null };
      this.buffers.set(node, known);
    }
    return known;
  }

  column(node: Node): RowReader {
    if (node.kind === 'leaf') {
      const buffers = this.buffersOf(node);
      const flat = new FlatColumn(() => this.pages(node.leaf, node.type, buffers), this.group.rows, node.leaf, node.type, buffers);
      const isJulian = this.julian === 'all' || (this.julian === 'int96' && node.leaf.physical === 'INT96');
      if (!isJulian || !HAS_CALENDAR.includes(node.type.kind)) return flat;
      return converted(flat, (column) => inCalendar(column, node, this.file.uri));
    }
    let whole: Column | null = null;
    let at = 0;
    const read = (n: number): Column => {
      whole ??= this.nested(node);
      at += n;
      return slice(whole, at - n, at);
    };
    return {
      read,
      pick: (rows, n) => take(read(n), rows, rows.length),
      skip: (n) => {
        at += n;
      },
    };
  }

  private pages(leaf: Leaf, type: DataType, buffers: RowBuffers | null = null): PageReader {
    const chunk = this.group.chunks[leaf.index];
    const bytes = this.file.readRange(chunk.start, chunk.end, buffers?.bytes);
    if (buffers !== null && bytes.length > (buffers.bytes?.length ?? 0)) buffers.bytes = bytes;
    this.request.metrics.inputBytes += bytes.length;
    return new PageReader(bytes, chunk, leaf, type, this.codecs.get(chunk.codec) as Decompress);
  }

  private nested(node: Node): Column {
    const entries = new Map<Leaf, LeafEntries>();
    this.collect(node, entries);
    const column = assemble(node, (leaf) => entries.get(leaf) as LeafEntries);
    if (column.length !== this.group.rows) throw new Error(`'${node.name}' has ${column.length} rows of ${this.group.rows}`);
    return column;
  }

  private collect(node: Node, entries: Map<Leaf, LeafEntries>): void {
    switch (node.kind) {
      case 'leaf':
        entries.set(node.leaf, this.allEntries(node.leaf, node.type));
        break;
      case 'struct':
        for (const child of node.children) this.collect(child, entries);
        break;
      case 'list':
        this.collect(node.element, entries);
        break;
      case 'map':
        this.collect(node.key, entries);
        this.collect(node.value, entries);
        break;
      default:
        node satisfies never;
    }
  }

  private allEntries(leaf: Leaf, type: DataType): LeafEntries {
    const reader = this.pages(leaf, type);
    // What the footer promises is not yet there: room is made for what comes.
    const pages: Page[] = [];
    const values: Column[] = [];
    for (let page = reader.next(); page !== null; page = reader.next()) {
      pages.push(page);
      values.push(reader.values(page));
    }
    const total = pages.reduce((sum, { entries }) => sum + entries, 0);
    const def = new Uint8Array(total).fill(leaf.maxDef);
    const rep = leaf.maxRep > 0 ? new Uint8Array(total) : null;
    let at = 0;
    for (const page of pages) {
      if (page.def !== null) def.set(page.def, at);
      if (page.rep !== null) rep?.set(page.rep, at);
      at += page.entries;
    }
    return { entries: total, def, rep, values: concat(type, values) };
  }
}
