/**
 * Owns: batches as functions of the user see and give them: columns by name, over the engine's own typed arrays.
 * A view shares the engine's memory and is never written to; what a function gives is checked and copied.
 */
import { userError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { allocFixed } from './alloc.js';
import { type Batch, type Column, isNull, plainLayout } from './batch.js';
import { clearTail } from './bitmap.js';
import { createBuilder } from './builder.js';
import { fitsPrecision } from './decimal.js';
import { decodeDictionary } from './dictionary.js';
import { type DataType, type Field, type Schema, sameType, typeName } from './types.js';
import { fromApiValue, readValue, toApiValue } from './value.js';

type NumberArray = Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array;

/** One column of a batch, in Arrow's layout. */
export class ColumnView<T = unknown> {
  readonly type: DataType;
  readonly length: number;
  /** As the engine holds it. */
  readonly column: Column;
  private decoded: Column | null = null;

  constructor(type: DataType, column: Column) {
    this.type = type;
    this.length = column.length;
    this.column = column;
  }

  /**
   * Of row i at place i for numbers, dates (days) and timestamps (microseconds), decimals of up to 18 digits (without their point); of
   * strings and binary all bytes, see `offsets`; of booleans their bits, least significant first. Null for arrays, maps and structs.
   */
  get values(): NumberArray | null {
    const column = this.plain();
    switch (column.layout) {
      case 'fixed':
      case 'wide':
        return column.values;
      case 'bits':
        return column.bits;
      case 'bytes':
        return column.data;
      default:
        return null;
    }
  }

  /** Of strings and binary: row i is the bytes from offsets[i] up to offsets[i + 1]. */
  get offsets(): Int32Array | null {
    const column = this.plain();
    return column.layout === 'bytes' ? column.offsets : null;
  }

  /** Bit i, least significant first, is 1 where row i holds a value. Null: all rows do. */
  get validity(): Uint8Array | null {
    const column = this.plain();
    return column.layout === 'null' ? new Uint8Array((this.length + 7) >> 3) : column.validity;
  }

  isNull(row: number): boolean {
    return isNull(this.column, row);
  }

  /** The value as collect() shows it. */
  get(row: number): T | null {
    return toApiValue(readValue(this.column, this.type, row), this.type) as T | null;
  }

  toArray(): (T | null)[] {
    return Array.from({ length: this.length }, (_, row) => this.get(row));
  }

  private plain(): Column {
    this.decoded ??= decodeDictionary(this.column);
    return this.decoded;
  }
}

/** Rows of a DataFrame with columns S. */
export interface BatchView<S = Readonly<Record<string, unknown>>> {
  readonly length: number;
  readonly columns: { readonly [K in keyof S]: ColumnView<S[K]> };
}

/** What may stand for a column: values, typed arrays in the form in which views show them (booleans a byte each), or a view itself. */
export type ColumnData<T = unknown> =
  | readonly (T | null | undefined)[]
  | NumberArray
  | { readonly values: NumberArray; readonly validity: Uint8Array | null }
  | ColumnView;

export type BatchData<S = Readonly<Record<string, unknown>>> = { readonly [K in keyof S]: ColumnData<S[K]> };

export function viewOf(schema: Schema, batch: Batch): BatchView {
  const columns: Record<string, ColumnView> = Object.create(null) as Record<string, ColumnView>;
  schema.fields.forEach(({ name, type }, k) => {
    columns[name] = new ColumnView(type, batch.columns[k]);
  });
  return { length: batch.length, columns };
}

/** The batch of what a function gave. Throws user errors INVALID_BATCH (columns, lengths) and INVALID_VALUE. */
export function batchOf(schema: Schema, data: unknown): Batch {
  if (typeof data !== 'object' || data === null)
    throw invalid(`A batch is an object of columns, not ${data === null ? 'null' : typeof data}.`);
  const given = data as Readonly<Record<string, unknown>>;
  const names = schema.fields.map((f) => f.name);
  for (const name of Object.keys(given))
    if (!names.includes(name)) throw invalid(`There is no column '${name}' in its schema.`, didYouMean(name, names));
  const columns = schema.fields.map((f) => columnFor(f, given[f.name]));
  const { length } = columns[0];
  columns.forEach((column, k) => {
    if (column.length !== length) throw invalid(`Column '${names[0]}' has ${length} rows and column '${names[k]}' ${column.length}.`);
  });
  return { length, columns };
}

const invalid = (message: string, hint = '') => userError('INVALID_BATCH', message, { hint: hint || undefined });

function columnFor({ name, type, nullable }: Field, data: unknown): Column {
  const column = columnFrom(name, type, data);
  if (!nullable && hasNull(column)) throw userError('INVALID_VALUE', `Column '${name}' holds null, which its schema rules out.`);
  return column;
}

function hasNull(column: Column): boolean {
  for (let row = 0; row < column.length; row++) if (isNull(column, row)) return true;
  return false;
}

function columnFrom(name: string, type: DataType, data: unknown): Column {
  if (data instanceof ColumnView) {
    return sameType(data.type, type) ? data.column : listed(name, type, data.length, (row) => data.get(row));
  }
  if (Array.isArray(data)) return listed(name, type, data.length, (row) => data[row] as unknown);
  if (isTyped(data)) return typed(name, type, data, null);
  if (typeof data === 'object' && data !== null && 'values' in data && isTyped(data.values)) {
    const validity = 'validity' in data && data.validity instanceof Uint8Array ? data.validity : null;
    if (validity !== null && validity.length * 8 < data.values.length) throw invalid(`The validity of column '${name}' is too short.`);
    return typed(name, type, data.values, validity);
  }
  if (data === undefined || data === null) throw invalid(`Column '${name}' is missing.`);
  throw invalid(`Column '${name}' must be an array, a typed array or a column of a batch.`);
}

const isTyped = (data: unknown): data is NumberArray => ArrayBuffer.isView(data) && !(data instanceof DataView);

function listed(name: string, type: DataType, length: number, valueAt: (row: number) => unknown): Column {
  const builder = createBuilder(type, length);
  for (let row = 0; row < length; row++) builder.append(fromApiValue(valueAt(row), type, () => `${name}[${row}]`));
  return builder.finish();
}

function typed(name: string, type: DataType, values: NumberArray, given: Uint8Array | null): Column {
  const { length } = values;
  const validity = given === null ? null : given.slice(0, (length + 7) >> 3);
  if (validity) clearTail(validity, length);
  const isThere = (row: number): boolean => validity === null || ((validity[row >> 3] >> (row & 7)) & 1) === 1;
  if (type.kind === 'boolean' && values instanceof Uint8Array)
    return listed(name, type, length, (row) => (isThere(row) ? values[row] !== 0 : null));
  if (plainLayout(type) !== 'fixed' || allocFixed(type, 0).constructor !== values.constructor)
    return listed(name, type, length, (row) => (isThere(row) ? values[row] : null));
  if (type.kind === 'decimal') {
    for (let row = 0; row < length; row++) {
      if (isThere(row) && !fitsPrecision(BigInt(values[row]), type.precision))
        throw userError('INVALID_VALUE', `${name}[${row}]: ${values[row]} has too many digits for ${typeName(type)}.`);
    }
  }
  return { layout: 'fixed', length, validity, values: values.slice() as Exclude<NumberArray, Uint8Array> };
}
