/**
 * Owns: DuckDB's answers to the TPC-H queries, whose SQL lies in sql/ with `:name` where an argument goes: columns by name and DuckDB type,
 * rows of plain values (decimals, dates and big integers as text).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

const TABLES = ['customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier'];

export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

export class Oracle {
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.instance = instance;
    this.connection = connection;
  }

  /** Over the Parquet files in `data`. */
  static async open(data: string): Promise<Oracle> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    for (const table of TABLES) await connection.run(`create view ${table} as from '${join(data, table)}.parquet'`);
    return new Oracle(instance, connection);
  }

  /** `query` is q01 to q22. */
  async answer(query: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
    const text = readFileSync(join(import.meta.dirname, 'sql', `${query}.sql`), 'utf8');
    const sql = text.replace(/:([a-z]+\d?)/g, (_, name: string) => {
      if (!Object.hasOwn(args, name)) throw new Error(`${query} has no argument ${name}`);
      return String(args[name]);
    });
    const result = await this.connection.runAndReadAll(sql);
    const types = result.columnTypes();
    return { columns: result.columnNames().map((name, i) => ({ name, type: String(types[i]) })), rows: result.getRowsJson() };
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}
