/**
 * Owns: the way to and from tables of the package apache-arrow, at the edges only. Tables come in without copying wherever the layouts
 * agree, and integers, dates, timestamps and large or fixed-size columns that minispark has no type for are widened or converted.
 * apache-arrow is imported on the first `toArrowTable` only: it costs 80 ms.
 */
import type * as arrow from 'apache-arrow';
import { userError } from '../core/errors.js';
import { arrowColumn } from './arrow-columns.js';
import { ARROW_TAG } from './arrow-tags.js';
import type { Batch } from './batch.js';
import { encodeStream } from './ipc.js';
import type { DataType, Field, Schema } from './types.js';
import * as types from './types.js';

/** What the package apache-arrow has as the tag of a dictionary; in streams it is no type. */
const DICTIONARY = -1;

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
    case DICTIONARY:
      return fromArrowType(any.dictionary, path);
    case ARROW_TAG.null:
      return types.NULL;
    case ARROW_TAG.int:
      return integerType(any.bitWidth, any.isSigned);
    case ARROW_TAG.float:
      if (any.precision > 0) return any.precision === 1 ? types.FLOAT32 : types.FLOAT64;
      break;
    case ARROW_TAG.binary:
    case ARROW_TAG.largeBinary:
    case ARROW_TAG.fixedSizeBinary:
      return types.BINARY;
    case ARROW_TAG.utf8:
    case ARROW_TAG.largeUtf8:
      return types.STRING;
    case ARROW_TAG.bool:
      return types.BOOLEAN;
    case ARROW_TAG.decimal:
      if (any.bitWidth <= 128 && any.scale >= 0 && any.scale <= any.precision) return types.decimal(any.precision, any.scale);
      break;
    case ARROW_TAG.date:
      return types.DATE;
    case ARROW_TAG.timestamp:
      return any.timezone ? types.TIMESTAMP : types.TIMESTAMP_NTZ;
    case ARROW_TAG.duration:
      return types.dayTimeInterval();
    case ARROW_TAG.interval:
      if (any.unit === 0) return types.yearMonthInterval();
      break;
    case ARROW_TAG.list:
    case ARROW_TAG.fixedSizeList: {
      const element = child(0);
      return types.arrayOf(element.type, element.nullable);
    }
    case ARROW_TAG.struct:
      return types.structOf(any.children.map((_, i) => child(i)));
    case ARROW_TAG.map: {
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
