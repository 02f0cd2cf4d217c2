/**
 * Owns: late materialisation: a batch from readers of single columns. Columns that row tests look at come first; of the others only those
 * rows are decoded that the tests leave, where these are few.
 */
import { userError } from '../../../core/errors.js';
import type { Batch, Column } from '../../../data/batch.js';
import { columnOf } from '../../../data/builder.js';
import { take } from '../../../data/take.js';
import { type DataType, sameType, typeName } from '../../../data/types.js';
import { localPath } from '../fs.js';
import type { Projection } from '../projection.js';
import type { RowTest } from '../source.js';
import { guarded } from './footer.js';
import type { Node } from './schema.js';
import { widen } from './widen.js';

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

/** A column that the file does not have. */
export const allNull = (type: DataType): RowReader => ({
  read: (n) => columnOf(type, new Array(n).fill(null)),
  pick: (rows) => columnOf(type, new Array(rows.length).fill(null)),
  skip() {},
});

/** As values of `type`. Throws WRONG_SCHEMA where those of `node` cannot be read so. */
export function widened(rows: RowReader, node: Node, type: DataType, uri: string): RowReader {
  if (sameType(node.type, type)) return rows;
  const convert = widen(node.type, type);
  if (convert === null) {
    throw userError(
      'WRONG_SCHEMA',
      `Column '${node.name}' is ${typeName(node.type)} in '${localPath(uri)}' and cannot be read as ${typeName(type)}.`,
    );
  }
  return converted(rows, convert);
}

/** Whatever goes wrong in it is damage to the file. */
export function guardedReader(reader: RowReader, uri: string): RowReader {
  const guard = <T>(read: () => T): T => guarded(uri, 'a column is damaged', read);
  return {
    read: (n) => guard(() => reader.read(n)),
    pick: (rows, n) => guard(() => reader.pick(rows, n)),
    skip: (n) => guard(() => reader.skip(n)),
  };
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
