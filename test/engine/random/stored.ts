/**
 * Tables of some thousand rows that lie in Parquet files of several writers. Values are those of the pools, so that literals meet them; they
 * stand in runs, rarely, or anywhere, so that row groups, pages and dictionaries without a value are there to be passed over.
 * Those of pyarrow, with small pages and a page index, are fixtures: test/fixtures/random/rewrite.py made them from DuckDB's.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { EngineValue } from '../../../src/data/value.js';
import { type Layout, layoutOf, type Place, placeOf, writeTable } from './files.js';
import { cellOf, type Kind, LARGE_TABLES, POOLS, type Table, tableOf } from './tables.js';

type Arrangement = (kind: Kind, i: number, rows: number) => EngineValue;

const ARRANGED = {
  /** Runs of one value, and one of nulls. */
  runs: (kind, i, rows) => {
    const pool = POOLS[kind];
    const at = Math.floor((i * (pool.length + 1)) / rows);
    return at === 1 ? null : pool[at === 0 ? 0 : at - 1];
  },
  rare: (kind, i) => {
    const pool = POOLS[kind];
    if (i % 487 === 3) return null;
    return i % 211 === 7 ? pool[1 + (Math.floor(i / 211) % (pool.length - 1))] : pool[0];
  },
  any: (kind, i) => cellOf(kind, (i * 7919 + Math.floor(i / 64)) % 64),
  /** No nulls. */
  full: (kind, i) => POOLS[kind][(i * 31) % POOLS[kind].length],
  /** Nearly unique: too many for a dictionary. */
  distinct: (kind, i) => {
    if (i % 97 === 5) return POOLS[kind][i % POOLS[kind].length];
    return kind === 'string' ? `${i}-${'é'.repeat(i % 3)}` : kind === 'long' ? BigInt(i) * 1_000_003n : i;
  },
} satisfies Record<string, Arrangement>;

const MADE: Readonly<Record<string, readonly (readonly [Kind, keyof typeof ARRANGED])[]>> = {
  runs: [
    ['int', 'runs'],
    ['string', 'any'],
    ['long', 'distinct'],
    ['decimal', 'rare'],
  ],
  rare: [
    ['string', 'rare'],
    ['int', 'any'],
    ['date', 'runs'],
    ['boolean', 'any'],
  ],
  odd: [
    ['double', 'runs'],
    ['timestamp', 'rare'],
    ['string', 'runs'],
    ['ints', 'any'],
  ],
  many: [
    ['string', 'distinct'],
    ['int', 'full'],
    ['strings', 'any'],
    ['double', 'any'],
  ],
};

/** Above 1,024, where row groups are large enough to be tested row by row, and above the 2,048 that DuckDB takes for a row group. */
const ROWS = 2100;

export const STORED_TABLES: readonly Table[] = Object.entries(MADE).map(([name, columns]) => {
  const kinds = columns.map(([kind]) => kind);
  const rows = Array.from({ length: ROWS }, (_, i) => columns.map(([kind, how]) => (ARRANGED[how] as Arrangement)(kind, i, ROWS)));
  return tableOf(`stored_${name}`, kinds, rows, true);
});

const stored: Place[] = [];

/** The nth that is there, or one with the rows of `table`. */
export function storedTable(n: number, table?: Table): Place {
  const known = stored.filter((place) => (table ? place.table === table : STORED_TABLES.includes(place.table)));
  return known[n % known.length];
}

/** Leaves each table as each writer would, and the large ones. `connection` knows the tables by their names. */
export async function storeTables(connection: DuckDBConnection): Promise<void> {
  for (const [k, table] of STORED_TABLES.entries()) {
    for (const choice of [k, 4 * k + 4]) await store(table, layoutOf(table, choice));
    for (const options of DUCKDB_OPTIONS) stored.push({ table, path: await writtenByDuckdb(connection, table, options), layout: null });
    // Three times: these alone have many pages to a row group.
    const small: Place = { table, path: placeOf(table, join(FIXTURES, `${table.name}.parquet`)), layout: null };
    stored.push(small, small, small);
  }
  for (const [k, table] of LARGE_TABLES.entries()) await store(table, { compression: 'snappy', files: 1 + 2 * k, partitionBy: [] });
}

async function store(table: Table, layout: Layout): Promise<void> {
  const path = placeOf(table);
  await writeTable(path, table, layout);
  stored.push({ table, path, layout: null });
}

const FIXTURES = join(import.meta.dirname, '../../fixtures/random');

const DUCKDB_OPTIONS = [
  'PARQUET_VERSION v1, COMPRESSION zstd, ROW_GROUP_SIZE 2048',
  'PARQUET_VERSION v2, COMPRESSION lz4_raw, ROW_GROUP_SIZE 2048, DICTIONARY_SIZE_LIMIT 20',
];

async function writtenByDuckdb(connection: DuckDBConnection, table: Table, options: string): Promise<string> {
  const path = placeOf(table);
  mkdirSync(path, { recursive: true });
  const columns = table.columns.map(({ kind }, k) => (kind === 'timestamp' ? `c${k}::TIMESTAMPTZ AS c${k}` : `c${k}`));
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(
    `COPY (SELECT ${columns.join(', ')} FROM ${table.name}) TO '${join(path, 'part.parquet')}' (FORMAT parquet, ${options})`,
  );
  return path;
}
