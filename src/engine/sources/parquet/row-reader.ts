/**
 * Owns: late materialisation: a batch from readers of single columns. Columns that row tests look at come first; of the others only those
 * rows are decoded that the tests leave, where these are few.
 */
import type { Batch, Column } from '../../../data/batch.js';
import { take } from '../../../data/take.js';
import type { Projection } from '../projection.js';
import type { RowTest } from '../source.js';

/** The rows of one column, front to back. Each call takes the next n. */
export interface RowReader {
  read(n: number): Column;
  /** Those numbered `rows`, ascending, of the n. */
  pick(rows: Int32Array, n: number): Column;
  /** None of them. */
  skip(n: number): void;
}

/** The same rows, with each column that comes put through `convert`. */
export function converted(reader: RowReader, convert: (column: Column) => Column): RowReader {
  return { read: (n) => convert(reader.read(n)), pick: (rows, n) => convert(reader.pick(rows, n)), skip: (n) => reader.skip(n) };
}

/** What `tests` leave of the next n rows; `columns` are those of the projection's fields. */
export function readRows(columns: readonly RowReader[], n: number, projection: Projection, tests: readonly RowTest[]): Batch {
  let known: (Column | null)[] = columns.map(() => null);
  let rows: Int32Array | null = null;
  let length = n;
  for (const test of tests) {
    if (!test.isDue()) continue;
    for (const k of projection.indexesOf(test.columns)) known[k] ??= readSome(columns[k], rows, n);
    const left = test.rowsOf(
      projection.batch(
        known.map((column) => column ?? { layout: 'null', length }),
        length,
      ),
    );
    if (left === null) continue;
    rows = rows === null ? left : left.map((row) => (rows as Int32Array)[row]);
    length = rows.length;
    if (length === 0) break;
    known = known.map((column) => column && take(column, left, left.length));
  }
  if (length === 0) {
    for (const [k, column] of columns.entries()) if (known[k] === null) column.skip(n);
    return { length: 0, columns: [] };
  }
  return projection.batch(
    columns.map((column, k) => known[k] ?? readSome(column, rows, n)),
    length,
  );
}

const readSome = (column: RowReader, rows: Int32Array | null, n: number): Column => (rows === null ? column.read(n) : column.pick(rows, n));
