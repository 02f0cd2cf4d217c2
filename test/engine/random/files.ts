/**
 * Tables as Parquet files: small ones are written by our own writer for the plan that reads them, large ones once a run, and stored ones
 * (stored.ts) are there. The reference and DuckDB do not read these files: they know the rows.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Batch } from '../../../src/data/batch.js';
import { slice } from '../../../src/data/slice.js';
import type { ResolvedOf } from '../../../src/frontend/plan/resolved.js';
import { writeAll, writeSpec } from '../sources/writing.js';
import type { Table } from './tables.js';

export type Leaf = ResolvedOf<'local'> | ResolvedOf<'scan'>;

const root = mkdtempSync(join(tmpdir(), 'minispark-random-'));
const tables = new Map<string, Table>();
let written = 0;

export function removeFiles(): void {
  rmSync(root, { recursive: true, force: true });
}

/** A place for files with the rows of `table`: `scan` plans that read it are known by it. */
export function placeOf(table: Table, path = join(root, `${table.name}-${written++}`)): string {
  tables.set(pathToFileURL(path).href, table);
  return path;
}

export function tableOfScan({ scan }: ResolvedOf<'scan'>): Table {
  const { uri } = scan.files[0];
  for (let end = uri.length; end > 0; end = uri.lastIndexOf('/', end - 1)) {
    const table = tables.get(uri.slice(0, end));
    if (table) return table;
  }
  throw new Error(`No table has the file ${uri}.`);
}

const CODECS = ['snappy', 'uncompressed', 'gzip'];

/** How a table lies in files: one number says it. */
export interface Layout {
  readonly compression: string;
  readonly files: number;
  /** A column of integers that becomes the name of directories. */
  readonly partitionBy: readonly string[];
}

/** Where a table lies in files; `layout` is null where they are written already. */
export interface Place {
  readonly table: Table;
  readonly path: string;
  readonly layout: Layout | null;
}

export const newPlace = (table: Table, choice: number): Place => ({ table, path: placeOf(table), layout: layoutOf(table, choice) });

export function layoutOf({ columns, rows }: Table, choice: number): Layout {
  const keys = columns.flatMap(({ kind }, k) => (kind === 'int' && rows.some((row) => row[k] !== null) ? [k] : []));
  const isPartitioned = columns.length > 1 && keys.length > 0 && choice % 5 === 4;
  return {
    compression: CODECS[choice % 3],
    files: 1 + (choice % 4 === 0 ? choice % 3 : 0),
    partitionBy: isPartitioned ? [`c${keys[choice % keys.length]}`] : [],
  };
}

export async function writeTable(path: string, table: Table, { compression, files, partitionBy }: Layout): Promise<void> {
  const tasks = Array.from({ length: files }, (_, i) => [part(table.batch, i, files)]);
  await writeAll(writeSpec('parquet', path, { options: { compression }, partitionBy }), table.schema, tasks);
}

function part({ length, columns }: Batch, i: number, of: number): Batch {
  const [from, to] = [Math.floor((i * length) / of), Math.floor(((i + 1) * length) / of)];
  return { length: to - from, columns: columns.map((column) => slice(column, from, to)) };
}

/** Runs `use` while the files are there, given the bytes of the largest table. */
export async function withFiles<T>(places: readonly Place[], use: (fileBytes: number) => Promise<T>): Promise<T> {
  const own = places.filter(({ layout }) => layout !== null);
  try {
    for (const { path, table, layout } of own) await writeTable(path, table, layout as Layout);
    return await use(Math.max(1, ...places.map(({ path }) => bytesBelow(path))));
  } finally {
    for (const { path } of own) rmSync(path, { recursive: true, force: true });
  }
}

export function bytesBelow(path: string): number {
  if (statSync(path).isFile()) return statSync(path).size;
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names.reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}
