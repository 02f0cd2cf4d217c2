/**
 * Owns: the way to and from tables of the package apache-arrow, at the edges only. Tables come in without copying wherever the layouts
 * agree, and integers, dates, timestamps and large or fixed-size columns that minispark has no type for are widened or converted.
 * apache-arrow is imported on the first `toArrowTable` only: it costs 80 ms.
 */
import type * as arrow from 'apache-arrow';
import { userError } from '../core/errors.js';
import { arrowColumn } from './arrow-columns.js';
import type { Batch } from './batch.js';
import { encodeStream } from './ipc.js';
import type { DataType, Field, Schema } from './types.js';
import * as types from './types.js';

/** Apache-arrow's Type tags. Repeated here so that reading a table need not load the package a second time. */
const ARROW = {
  dictionary: -1,
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
} as const;

/** The batches as an Arrow table (copied once); decimals are Decimal128, columns encoded in every batch stay so. */
export async function toArrowTable(schema: Schema, batches: readonly Batch[]): Promise<arrow.Table> {
  const dictionaries = schema.fields.map(
    (_, i) => batches.length > 0 && batches.every((batch) => batch.columns[i].layout === 'dictionary'),
  );
  const bytes = encodeStream(schema, batches, { dictionaries, onlyDecimal128: true });
  const { tableFromIPC } = await import('apache-arrow');
  return tableFromIPC(bytes);
}

/** The schema and batches of an Arrow table. Throws a user error UNSUPPORTED_ARROW_TYPE that names the column. */
export function fromArrowTable(table: arrow.Table): { schema: Schema; batches: Batch[] } {
  const fields = table.schema.fields.map((f) => fromArrowField(f, f.name));
  const batches = table.batches.map((batch) => ({
    length: batch.numRows,
    columns: batch.data.children.map((data, i) => arrowColumn(data, fields[i].type)),
  }));
  return { schema: { fields }, batches };
}

function fromArrowField(f: arrow.Field, path: string): Field {
  return types.field(f.name, fromArrowType(f.type, path), f.nullable);
}

/** What the classes of Arrow types have between them. */
interface AnyArrowType {
  readonly typeId: number;
  readonly bitWidth: number;
  readonly isSigned: boolean;
  readonly precision: number;
  readonly scale: number;
  readonly timezone?: string | null;
  readonly unit?: number;
  readonly dictionary: arrow.DataType;
  readonly children: readonly arrow.Field[];
}

function fromArrowType(type: arrow.DataType, path: string): DataType {
  const any = type as unknown as AnyArrowType;
  const child = (i: number) => fromArrowField(any.children[i], `${path}.${any.children[i].name}`);
  switch (any.typeId as number) {
    case ARROW.dictionary:
      return fromArrowType(any.dictionary, path);
    case ARROW.null:
      return types.NULL;
    case ARROW.int:
      return integerType(any.bitWidth, any.isSigned);
    case ARROW.float:
      if (any.precision > 0) return any.precision === 1 ? types.FLOAT32 : types.FLOAT64;
      break;
    case ARROW.binary:
    case ARROW.largeBinary:
    case ARROW.fixedSizeBinary:
      return types.BINARY;
    case ARROW.utf8:
    case ARROW.largeUtf8:
      return types.STRING;
    case ARROW.bool:
      return types.BOOLEAN;
    case ARROW.decimal:
      if (any.bitWidth <= 128 && any.scale >= 0 && any.scale <= any.precision) return types.decimal(any.precision, any.scale);
      break;
    case ARROW.date:
      return types.DATE;
    case ARROW.timestamp:
      return any.timezone ? types.TIMESTAMP : types.TIMESTAMP_NTZ;
    case ARROW.duration:
      return types.dayTimeInterval();
    case ARROW.interval:
      if (any.unit === 0) return types.yearMonthInterval();
      break;
    case ARROW.list:
    case ARROW.fixedSizeList: {
      const element = child(0);
      return types.arrayOf(element.type, element.nullable);
    }
    case ARROW.struct:
      return types.structOf(any.children.map((_, i) => child(i)));
    case ARROW.map: {
      const [key, value] = (child(0).type as Extract<DataType, { kind: 'struct' }>).fields;
      return types.mapOf(key.type, value.type, value.nullable);
    }
  }
  throw userError('UNSUPPORTED_ARROW_TYPE', `Column ${path} has the Arrow type ${type}, which minispark has no type for.`, {
    hint: 'Cast it before handing the table over, or leave the column out',
  });
}

/** Unsigned integers take the next wider type. */
function integerType(bits: number, signed: boolean): DataType {
  if (bits === 8) return signed ? types.INT8 : types.INT16;
  if (bits === 16) return signed ? types.INT16 : types.INT32;
  if (bits === 32) return signed ? types.INT32 : types.INT64;
  return signed ? types.INT64 : types.decimal(20, 0);
}
