/** Owns: rows that a user hands in, checked against a schema and laid out as one batch. */
import { userError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { createBuilder } from '../../data/builder.js';
import type { Field, Schema } from '../../data/types.js';
import { fromApiValue } from '../../data/value.js';

/** An object with a value for each column, or the values in the order of the columns. A missing value is null. */
export type InputRow = Readonly<Record<string, unknown>> | readonly unknown[];

/** Throws a user error INVALID_VALUE or INVALID_ROW that names the row (from 0) and the column. */
export function batchOfRows(rows: readonly InputRow[], schema: Schema): Batch {
  const builders = schema.fields.map((f) => createBuilder(f.type, rows.length));
  const known = new Set(schema.fields.map((f) => f.name));
  rows.forEach((row, r) => {
    checkShape(row, r, known, schema.fields.length);
    schema.fields.forEach((f, i) => {
      const value = fromApiValue(Array.isArray(row) ? row[i] : (row as Record<string, unknown>)[f.name], f.type, () => place(r, f));
      if (value === null && !f.nullable) throw userError('INVALID_VALUE', `${place(r, f)}: the column is NOT NULL, but there is no value.`);
      builders[i].append(value);
    });
  });
  return { length: rows.length, columns: builders.map((builder) => builder.finish()) };
}

const place = (row: number, f: Field): string => `Row ${row}, column '${f.name}'`;

function checkShape(row: InputRow, r: number, known: ReadonlySet<string>, width: number): void {
  if (typeof row !== 'object' || row === null) throw userError('INVALID_ROW', `Row ${r} is neither an object nor an array.`);
  if (Array.isArray(row)) {
    if (row.length !== width) throw userError('INVALID_ROW', `Row ${r} has ${row.length} values for ${width} columns.`);
    return;
  }
  const unknown = Object.keys(row).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw userError('INVALID_ROW', `Row ${r} has a value '${unknown}', but there is no such column.`, {
    hint: `The columns are ${[...known].join(', ')}`,
  });
}
