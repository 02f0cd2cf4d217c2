/** DuckDB as an oracle: runs SQL in memory and gives rows of plain values, as text where a type is not JSON's own. */
import { DuckDBInstance } from '@duckdb/node-api';

export async function duckdb(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    let rows: unknown[][] = [];
    for (const statement of sql.split(';').filter((s) => s.trim() !== '')) {
      rows = (await (await connection.runAndReadAll(statement)).getRowsJson()) as unknown[][];
    }
    return rows;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
