/**
 * Owns: schemas as Arrow schema messages, both ways. Format: Arrow's Schema.fbs; slot numbers below are its field order.
 * Decimals of p ≤ 18 are Decimal64 unless told otherwise; timestamps are microseconds, with zone UTC or none.
 */
import { ARROW_TAG } from './arrow-tags.js';
import { corruptBlock, type FlatField, type FlatTable, FlatWriter, unknownType } from './flatbuffer.js';
import type { DataType, Field, Schema } from './types.js';
import * as types from './types.js';

/** Arrow's MetadataVersion V5 and the header tags of Message.fbs. */
export const VERSION_5 = 4;
export const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

const MICROSECOND = 2;
/** Arrow's IntervalUnit of months. */
const YEAR_MONTH = 0;

export interface SchemaOptions {
  /** Which top-level columns travel as codes and a dictionary; none by default. Column i's dictionary has id i. */
  readonly dictionaries?: readonly boolean[];
  /** Write every decimal as Decimal128, for readers that know no Decimal64 (Arrow before 2024). */
  readonly onlyDecimal128?: boolean;
}

/** The metadata of a schema message (without framing), a multiple of eight bytes. */
export function writeSchema(schema: Schema, options: SchemaOptions): Uint8Array {
  const writer = new FlatWriter();
  const fields = writer.vector(
    schema.fields.map((f, i) => writeField(writer, f, options, options.dictionaries?.[i] ? writeDictionaryEncoding(writer, i) : 0)),
  );
  const header = writer.table([offset(1, fields)]);
  return writer.finish(writer.table([offset(2, header), short(0, VERSION_5), byte(1, HEADER.schema)]));
}

const offset = (slot: number, value: number): FlatField => ({ slot, size: 4, value, isOffset: true });
const byte = (slot: number, value: number): FlatField => ({ slot, size: 1, value });
const short = (slot: number, value: number): FlatField => ({ slot, size: 2, value });
const int = (slot: number, value: number): FlatField => ({ slot, size: 4, value });
const long = (slot: number, value: number): FlatField => ({ slot, size: 8, value });

function writeDictionaryEncoding(writer: FlatWriter, id: number): number {
  const codes = writer.table([int(0, 32), byte(1, 1)]);
  return writer.table([long(0, id), offset(1, codes)]);
}

function writeField(writer: FlatWriter, f: Field, options: SchemaOptions, dictionary: number): number {
  const name = writer.string(f.name);
  const children = writer.vector(childFields(f.type).map((child) => writeField(writer, child, options, 0)));
  const { tag, fields } = describeType(writer, f.type, options);
  const type = writer.table(fields);
  const optional = dictionary === 0 ? [] : [offset(4, dictionary)];
  return writer.table([offset(0, name), offset(3, type), ...optional, offset(5, children), byte(1, f.nullable ? 1 : 0), byte(2, tag)]);
}

/** The child fields of a type as Arrow has them: a map has one child, a struct of key and value. */
function childFields(type: DataType): readonly Field[] {
  switch (type.kind) {
    case 'array':
      return [types.field('item', type.element, type.containsNull)];
    case 'map': {
      const entry = [types.field('key', type.key, false), types.field('value', type.value, type.valueContainsNull)];
      return [types.field('entries', types.structOf(entry), false)];
    }
    case 'struct':
      return type.fields;
    default:
      return [];
  }
}

const INTEGER_BITS = { int8: 8, int16: 16, int32: 32, int64: 64 } as const;

function describeType(writer: FlatWriter, type: DataType, options: SchemaOptions): { tag: number; fields: FlatField[] } {
  switch (type.kind) {
    case 'null':
      return { tag: ARROW_TAG.null, fields: [] };
    case 'boolean':
      return { tag: ARROW_TAG.bool, fields: [] };
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return { tag: ARROW_TAG.int, fields: [int(0, INTEGER_BITS[type.kind]), byte(1, 1)] };
    case 'float32':
      return { tag: ARROW_TAG.float, fields: [short(0, 1)] };
    case 'float64':
      return { tag: ARROW_TAG.float, fields: [short(0, 2)] };
    case 'decimal': {
      const bits = type.precision <= 18 && !options.onlyDecimal128 ? 64 : 128;
      return { tag: ARROW_TAG.decimal, fields: [int(0, type.precision), int(1, type.scale), int(2, bits)] };
    }
    case 'string':
      return { tag: ARROW_TAG.utf8, fields: [] };
    case 'binary':
      return { tag: ARROW_TAG.binary, fields: [] };
    case 'date':
      return { tag: ARROW_TAG.date, fields: [short(0, 0)] };
    case 'timestamp':
      return { tag: ARROW_TAG.timestamp, fields: [offset(1, writer.string('UTC')), short(0, MICROSECOND)] };
    case 'timestamp_ntz':
      return { tag: ARROW_TAG.timestamp, fields: [short(0, MICROSECOND)] };
    case 'day_time_interval':
      return { tag: ARROW_TAG.duration, fields: [short(0, MICROSECOND)] };
    case 'year_month_interval':
      return { tag: ARROW_TAG.interval, fields: [short(0, YEAR_MONTH)] };
    case 'array':
      return { tag: ARROW_TAG.list, fields: [] };
    case 'map':
      return { tag: ARROW_TAG.map, fields: [] };
    case 'struct':
      return { tag: ARROW_TAG.struct, fields: [] };
    default:
      return type satisfies never;
  }
}

/** A field as it lies in the stream: what its type alone does not say. */
export interface WireField {
  readonly field: Field;
  /** 128 for a decimal that takes 16 bytes a row in the stream whatever its precision; else 0. */
  readonly decimalBits: 0 | 64 | 128;
  readonly dictionary: WireDictionary | null;
  readonly children: readonly WireField[];
}

export interface WireDictionary {
  readonly id: number;
  readonly codeBits: 8 | 16 | 32;
  readonly signed: boolean;
}

/** Types may nest this deep; deeper ones come from corrupt or hostile input. */
const MAX_DEPTH = 64;

/** The fields of a schema header. Throws CORRUPT_BLOCK, also for Arrow types that minispark has not. */
export function readSchema(header: FlatTable, messageBytes: number): WireField[] {
  if (header.int16(0) !== 0) throw unknownType('big-endian numbers');
  // Fields may share bytes, so a small message could describe an endless tree; honest fields take more than 16 bytes each.
  const budget = { fields: messageBytes / 16 };
  return header.tables(1).map((table) => readField(table, 0, budget));
}

function readField(table: FlatTable, depth: number, budget: { fields: number }): WireField {
  if (depth > MAX_DEPTH || --budget.fields < 0) throw corruptBlock('its schema nests too deep');
  const children = table.tables(5).map((child) => readField(child, depth + 1, budget));
  const typeTable = table.table(3);
  if (typeTable === null) throw corruptBlock('a field has no type');
  const type = readType(table.int8(2), typeTable, children);
  const decimalBits = type.kind === 'decimal' ? (typeTable.int32(2, 128) as 64 | 128) : 0;
  const field = types.field(table.string(0), type, table.bool(1));
  return {
    field,
    decimalBits,
    dictionary: readDictionaryEncoding(table.table(4)),
    children: type.kind === 'map' ? children[0].children : children,
  };
}

function readDictionaryEncoding(table: FlatTable | null): WireDictionary | null {
  if (table === null) return null;
  const index = table.table(1);
  const codeBits = index === null ? 32 : index.int32(0);
  if (codeBits !== 8 && codeBits !== 16 && codeBits !== 32) return unsupported(`dictionary codes of ${codeBits} bits`);
  return { id: table.count(0), codeBits, signed: index === null || index.bool(1) };
}

const SIGNED: Readonly<Record<number, DataType>> = { 8: types.INT8, 16: types.INT16, 32: types.INT32, 64: types.INT64 };

function readType(tag: number, table: FlatTable, children: readonly WireField[]): DataType {
  switch (tag) {
    case ARROW_TAG.null:
      return types.NULL;
    case ARROW_TAG.bool:
      return types.BOOLEAN;
    case ARROW_TAG.int:
      return (table.bool(1) ? SIGNED[table.int32(0)] : undefined) ?? unsupported('an unsigned or odd integer');
    case ARROW_TAG.float:
      return [undefined, types.FLOAT32, types.FLOAT64][table.int16(0)] ?? unsupported('a half float');
    case ARROW_TAG.binary:
      return types.BINARY;
    case ARROW_TAG.utf8:
      return types.STRING;
    case ARROW_TAG.decimal:
      return readDecimal(table.int32(0), table.int32(1), table.int32(2, 128));
    case ARROW_TAG.date:
      return table.int16(0, 1) === 0 ? types.DATE : unsupported('a date in milliseconds');
    case ARROW_TAG.timestamp:
      if (table.int16(0) !== MICROSECOND) return unsupported('a timestamp that is not in microseconds');
      return table.string(1) === '' ? types.TIMESTAMP_NTZ : types.TIMESTAMP;
    case ARROW_TAG.duration:
      // Arrow's default is milliseconds.
      return table.int16(0, 1) === MICROSECOND ? types.dayTimeInterval() : unsupported('a duration that is not in microseconds');
    case ARROW_TAG.interval:
      return table.int16(0) === YEAR_MONTH ? types.yearMonthInterval() : unsupported('an interval that is not in months');
    case ARROW_TAG.list: {
      const [element] = exactly(1, children);
      return types.arrayOf(element.field.type, element.field.nullable);
    }
    case ARROW_TAG.struct:
      return types.structOf(children.map((child) => child.field));
    case ARROW_TAG.map: {
      const [entries] = exactly(1, children);
      if (entries.field.type.kind !== 'struct' || entries.dictionary !== null) throw corruptBlock('a map has no entries');
      const [key, value] = exactly(2, entries.children);
      return types.mapOf(key.field.type, value.field.type, value.field.nullable);
    }
    default:
      return unsupported(`type ${tag}`);
  }
}

function readDecimal(precision: number, scale: number, bits: number): DataType {
  const most = bits === 64 ? 18 : bits === 128 ? 38 : 0;
  if (precision < 1 || precision > most || scale < 0 || scale > precision)
    return unsupported(`decimal(${precision},${scale}) of ${bits} bits`);
  return types.decimal(precision, scale);
}

function exactly(count: number, children: readonly WireField[]): readonly WireField[] {
  if (children.length !== count) throw corruptBlock(`a type has ${children.length} children instead of ${count}`);
  return children;
}

function unsupported(what: string): never {
  throw unknownType(what);
}
