/**
 * Owns: the data types and schemas of every column, their names as Spark prints them, and their JSON form (which is themselves).
 * Types are plain frozen data: compare them with `sameType`, never with ===.
 */
import { type DayTimeField, fieldsText, type YearMonthField } from './interval.js';

export type IntervalKind = 'day_time_interval' | 'year_month_interval';
export type IntegerKind = 'int8' | 'int16' | 'int32' | 'int64';
export type DataType =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean' }
  | { readonly kind: IntegerKind }
  | { readonly kind: 'float32' }
  | { readonly kind: 'float64' }
  /** 1 ≤ precision ≤ 38, 0 ≤ scale ≤ precision. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'string' }
  | { readonly kind: 'binary' }
  /** Days since 1970-01-01 (proleptic Gregorian). */
  | { readonly kind: 'date' }
  /** Microseconds since 1970-01-01T00:00:00Z, shown in the session's time zone. */
  | { readonly kind: 'timestamp' }
  /** Microseconds on a wall clock, no zone. */
  | { readonly kind: 'timestamp_ntz' }
  /** Microseconds; the fields are those that it is shown in. */
  | { readonly kind: 'day_time_interval'; readonly from: DayTimeField; readonly to: DayTimeField }
  /** Months. */
  | { readonly kind: 'year_month_interval'; readonly from: YearMonthField; readonly to: YearMonthField }
  | { readonly kind: 'array'; readonly element: DataType; readonly containsNull: boolean }
  | { readonly kind: 'map'; readonly key: DataType; readonly value: DataType; readonly valueContainsNull: boolean }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] };

export interface Field {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

export interface Schema {
  readonly fields: readonly Field[];
}

export const NULL: DataType = { kind: 'null' };
export const BOOLEAN: DataType = { kind: 'boolean' };
export const INT8: DataType = { kind: 'int8' };
export const INT16: DataType = { kind: 'int16' };
export const INT32: DataType = { kind: 'int32' };
export const INT64: DataType = { kind: 'int64' };
export const FLOAT32: DataType = { kind: 'float32' };
export const FLOAT64: DataType = { kind: 'float64' };
export const STRING: DataType = { kind: 'string' };
export const BINARY: DataType = { kind: 'binary' };
export const DATE: DataType = { kind: 'date' };
export const TIMESTAMP: DataType = { kind: 'timestamp' };
export const TIMESTAMP_NTZ: DataType = { kind: 'timestamp_ntz' };

export const dayTimeInterval = (from: DayTimeField = 'day', to: DayTimeField = 'second'): DataType => ({
  kind: 'day_time_interval',
  from,
  to,
});
export const yearMonthInterval = (from: YearMonthField = 'year', to: YearMonthField = 'month'): DataType => ({
  kind: 'year_month_interval',
  from,
  to,
});
export const decimal = (precision: number, scale: number): DataType => ({ kind: 'decimal', precision, scale });
export const arrayOf = (element: DataType, containsNull = true): DataType => ({ kind: 'array', element, containsNull });
export const mapOf = (key: DataType, value: DataType, valueContainsNull = true): DataType => ({
  kind: 'map',
  key,
  value,
  valueContainsNull,
});
export const structOf = (fields: readonly Field[]): DataType => ({ kind: 'struct', fields });
export const field = (name: string, type: DataType, nullable = true): Field => ({ name, type, nullable });
export const schemaOf = (...fields: readonly Field[]): Schema => ({ fields });

/** Equal up to nullability of nested values. */
export function sameType(a: DataType, b: DataType): boolean {
  switch (a.kind) {
    case 'decimal':
      return b.kind === 'decimal' && a.precision === b.precision && a.scale === b.scale;
    case 'day_time_interval':
    case 'year_month_interval':
      return b.kind === a.kind && a.from === b.from && a.to === b.to;
    case 'array':
      return b.kind === 'array' && sameType(a.element, b.element);
    case 'map':
      return b.kind === 'map' && sameType(a.key, b.key) && sameType(a.value, b.value);
    case 'struct':
      return (
        b.kind === 'struct' &&
        a.fields.length === b.fields.length &&
        a.fields.every((f, i) => f.name === b.fields[i].name && sameType(f.type, b.fields[i].type))
      );
    default:
      return a.kind === b.kind;
  }
}

const SIMPLE_NAMES: Record<Exclude<DataType['kind'], 'decimal' | IntervalKind | 'array' | 'map' | 'struct'>, string> = {
  null: 'void',
  boolean: 'boolean',
  int8: 'tinyint',
  int16: 'smallint',
  int32: 'int',
  int64: 'bigint',
  float32: 'float',
  float64: 'double',
  string: 'string',
  binary: 'binary',
  date: 'date',
  timestamp: 'timestamp',
  timestamp_ntz: 'timestamp_ntz',
};

/** Spark's `simpleString`, also what `typeof()` answers: `array<struct<a:int,b:decimal(10,2)>>`. */
export function typeName(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'day_time_interval':
    case 'year_month_interval':
      return `interval ${fieldsText(type.from, type.to).toLowerCase()}`;
    case 'array':
      return `array<${typeName(type.element)}>`;
    case 'map':
      return `map<${typeName(type.key)},${typeName(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map((f) => `${f.name}:${typeName(f.type)}`).join(',')}>`;
    default:
      return SIMPLE_NAMES[type.kind];
  }
}

export const isInteger = (type: DataType): boolean =>
  type.kind === 'int8' || type.kind === 'int16' || type.kind === 'int32' || type.kind === 'int64';
export type IntervalType = Extract<DataType, { kind: IntervalKind }>;
export const isInterval = (type: DataType): type is IntervalType =>
  type.kind === 'day_time_interval' || type.kind === 'year_month_interval';
export const isFloat = (type: DataType): boolean => type.kind === 'float32' || type.kind === 'float64';
export const isNumeric = (type: DataType): boolean => isInteger(type) || isFloat(type) || type.kind === 'decimal';

/** Whether values of the type have an order and an equality: maps have none, and so nothing that holds one. */
export function isOrderable(type: DataType): boolean {
  switch (type.kind) {
    case 'map':
      return false;
    case 'array':
      return isOrderable(type.element);
    case 'struct':
      return type.fields.every((inner) => isOrderable(inner.type));
    default:
      return true;
  }
}

/** For messages: what a type that is not orderable is. */
export const mapOrHolder = (type: DataType): string => (type.kind === 'map' ? 'is a map' : 'holds a map');
