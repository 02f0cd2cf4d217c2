/**
 * Owns: values one at a time: reading a row of a column, and the order and equality of engine values.
 * The crossing to and from what users see is in api-value.ts. For cold paths: hot code indexes the typed arrays itself.
 */
import { type Column, isNull } from './batch.js';
import { getBit } from './bitmap.js';
import type { DataType } from './types.js';
import { compareBytes, compareText, decodeUtf8 } from './utf8.js';

/**
 * null; boolean; int8–32, floats, date (days), months → number; int64, timestamps and day-time intervals (microseconds),
 * decimal (unscaled) → bigint; string;
 * binary → Uint8Array; array and struct (by position) → EngineValue[]; map → [key, value][] in insertion order.
 */
export type EngineValue = null | boolean | number | bigint | string | Uint8Array | readonly EngineValue[];

export { fromApiValue, toApiValue } from './api-value.js';

/** The value of one row. Binary values are views into the column. */
export function readValue(column: Column, type: DataType, row: number): EngineValue {
  if (isNull(column, row)) return null;
  switch (column.layout) {
    case 'fixed':
      return column.values[row];
    case 'wide':
      return (column.values[2 * row + 1] << 64n) | BigInt.asUintN(64, column.values[2 * row]);
    case 'bits':
      return getBit(column.bits, row);
    case 'bytes': {
      const start = column.offsets[row];
      const end = column.offsets[row + 1];
      return type.kind === 'binary' ? column.data.subarray(start, end) : decodeUtf8(column.data, start, end);
    }
    case 'dictionary':
      return readValue(column.dictionary, type, column.codes[row]);
    case 'list':
      return readRows(column.child, (type as TypeOf<'array'>).element, column.offsets[row], column.offsets[row + 1]);
    case 'map': {
      const { key, value } = type as TypeOf<'map'>;
      const entries: EngineValue[] = [];
      for (let i = column.offsets[row]; i < column.offsets[row + 1]; i++) {
        entries.push([readValue(column.keys, key, i), readValue(column.values, value, i)]);
      }
      return entries;
    }
    case 'struct':
      return column.children.map((child, i) => readValue(child, (type as TypeOf<'struct'>).fields[i].type, row));
    case 'null':
      return null;
    default:
      return column satisfies never;
  }
}

/** The values of rows `from` to `to`. */
export function readRows(column: Column, type: DataType, from = 0, to = column.length): EngineValue[] {
  const values: EngineValue[] = [];
  for (let row = from; row < to; row++) values.push(readValue(column, type, row));
  return values;
}

type TypeOf<K extends DataType['kind']> = Extract<DataType, { kind: K }>;

/**
 * Negative, zero or positive: a total order of the non-null values of one type, as Spark sorts ascending. NaN is equal to itself and
 * largest, -0 equals 0, strings go by their UTF-8 bytes, and a null inside an array, struct or map is smallest.
 */
export function compareValues(a: EngineValue, b: EngineValue, type: DataType): number {
  switch (type.kind) {
    case 'null':
      return 0;
    case 'boolean':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return Number(a) - Number(b);
    case 'float32':
    case 'float64':
      return compareFloats(a as number, b as number);
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'day_time_interval':
    case 'decimal':
      return (a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0;
    case 'string':
      return compareText(a as string, b as string);
    case 'binary': {
      const [x, y] = [a as Uint8Array, b as Uint8Array];
      return compareBytes(x, 0, x.length, y, 0, y.length);
    }
    case 'array':
      return compareLists(a as Values, b as Values, () => type.element);
    case 'struct':
      return compareLists(a as Values, b as Values, (i) => type.fields[i].type);
    case 'map':
      return compareLists(a as Values, b as Values, () => entryType(type));
    default:
      return type satisfies never;
  }
}

type Values = readonly EngineValue[];

const entryType = (type: TypeOf<'map'>): DataType => ({
  kind: 'struct',
  fields: [
    { name: 'key', type: type.key, nullable: false },
    { name: 'value', type: type.value, nullable: true },
  ],
});

function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : -1;
}

function compareLists(a: Values, b: Values, typeAt: (i: number) => DataType): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i], b[i]];
    if (x === null || y === null) {
      if (x !== y) return x === null ? -1 : 1;
      continue;
    }
    const order = compareValues(x, y, typeAt(i));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Whether two non-null values are equal in the sense of `compareValues`, but for maps, which are equal whatever the order of their entries. */
export function valuesEqual(a: EngineValue, b: EngineValue, type: DataType): boolean {
  if (a === null || b === null) return a === b;
  switch (type.kind) {
    case 'array':
      return sameLists(a as Values, b as Values, () => type.element);
    case 'struct':
      return sameLists(a as Values, b as Values, (i) => type.fields[i].type);
    case 'map': {
      const [x, y] = [a as readonly Values[], b as readonly Values[]];
      const matches = ([key, value]: Values) =>
        y.some((other) => valuesEqual(key, other[0], type.key) && valuesEqual(value, other[1], type.value));
      return x.length === y.length && x.every(matches);
    }
    default:
      return compareValues(a, b, type) === 0;
  }
}

function sameLists(a: Values, b: Values, typeAt: (i: number) => DataType): boolean {
  return a.length === b.length && a.every((value, i) => valuesEqual(value, b[i], typeAt(i)));
}
