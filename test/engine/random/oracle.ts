/** DuckDB as an oracle: the tables of a plan loaded, its SQL run, and rows given as the engine holds values. */
import {
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { ResolvedPlan } from '../../../src/frontend/plan/resolved.js';
import { tableOfScan } from './files.js';
import type { Value } from './reference-values.js';
import { literalSql, sqlOf, typeSql } from './sql.js';
import { STORED_TABLES, storeTables } from './stored.js';
import { LARGE_TABLES, type Table } from './tables.js';

export class Oracle {
  private readonly connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** One thread; the large and the stored tables are there from the start. */
  static async open(): Promise<Oracle> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const oracle = new Oracle(await instance.connect());
    for (const table of [...LARGE_TABLES, ...STORED_TABLES]) await oracle.load(table);
    await storeTables(oracle.connection);
    return oracle;
  }

  /** Throws what DuckDB throws, and NotInDuckdb. */
  async rowsOf(plan: ResolvedPlan, tables: readonly Table[]): Promise<Value[][]> {
    const sql = sqlOf(plan, (leaf) =>
      leaf.kind === 'scan' ? tableOfScan(leaf).name : tables.find((table) => table.batch === leaf.batch)!.name,
    );
    for (const table of tables) if (!table.isLarge) await this.load(table);
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRows().map((row) => row.map(toValue));
  }

  private async load({ name, columns, rows }: Table): Promise<void> {
    await this.connection.run(`CREATE OR REPLACE TABLE ${name} (${columns.map(({ type }, k) => `c${k} ${typeSql(type)}`).join(', ')})`);
    for (let from = 0; from < rows.length; from += 1000) {
      const values = rows.slice(from, from + 1000).map((row) => `(${row.map((v, k) => literalSql(v, columns[k].type)).join(', ')})`);
      await this.connection.run(`INSERT INTO ${name} VALUES ${values.join(', ')}`);
    }
  }

  close(): void {
    this.connection.closeSync();
  }
}

function toValue(value: DuckDBValue): Value {
  if (value instanceof DuckDBDecimalValue) return value.value;
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBTimestampValue) return value.micros;
  if (value instanceof DuckDBListValue) return value.items.map(toValue);
  return value as Value;
}
