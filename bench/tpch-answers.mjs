/** Owns: TPC-H's queries as SQL with their arguments filled in, DuckDB's answers to them, and whether a job's CSV says the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './minispark.mjs';

const SQL = join(ROOT, 'test', 'tpch', 'sql');
const TABLES = ['customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier'];

/** `args` of each query by name, as the jobs tell them, → {q01: 'select …'}. */
export function queriesWith(args) {
  const filled = ([query, own]) => [
    query,
    readFileSync(join(SQL, `${query}.sql`), 'utf8').replace(/:([a-z]+\d?)/g, (_, name) => own[name]),
  ];
  return Object.fromEntries(Object.entries(args).map(filled));
}

/** {q01: {doubles: boolean[], rows: text[][]}} of the tables in `data`. */
export async function duckdbAnswers(queries, data, tables = TABLES) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const answers = {};
  for (const table of tables) await connection.run(`create view ${table} as from '${join(data, table)}.parquet'`);
  for (const [query, sql] of Object.entries(queries)) {
    const result = await connection.runAndReadAll(sql);
    const doubles = result.columnTypes().map((type) => String(type) === 'DOUBLE');
    answers[query] = { doubles, rows: result.getRowsJson().map((row) => row.map((value) => (value === null ? '' : String(value)))) };
  }
  connection.closeSync();
  instance.closeSync();
  return answers;
}

/** Throws an Error at the first cell of `output`/q01 … that differs: decimals in any digit, DuckDB's doubles in the last that we have. */
export function checkAnswers(output, answers) {
  for (const [query, { doubles, rows }] of Object.entries(answers)) {
    const parts = readdirSync(join(output, query)).filter((name) => name.endsWith('.csv'));
    const [, ...own] = parts.sort().flatMap((name) => csvRows(readFileSync(join(output, query, name), 'utf8')));
    if (own.length !== rows.length) throw new Error(`${query} gives ${own.length} rows and DuckDB ${rows.length}.`);
    own.forEach((row, r) => {
      row.forEach((cell, c) => {
        if (!sameCell(cell, rows[r][c], doubles[c])) throw new Error(`${query} gives ${cell} in row ${r + 1} and DuckDB ${rows[r][c]}.`);
      });
    });
  }
}

function sameCell(own, theirs, isDouble) {
  if (!isDouble || own === '' || theirs === '') return own === theirs;
  const digits = own.length - 1 - own.indexOf('.');
  return Math.abs(Number(own) - Number(theirs)) <= 0.501 * 10 ** -digits + 1e-9 * Math.abs(Number(theirs));
}

/** Rows of cells; quotes inside quotes are escaped by a backslash, as Spark writes them. */
function csvRows(text) {
  const rows = [];
  let row = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"\\]|\\.)*)"|([^",\n]*))(,|\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'));
    if (end === '\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
