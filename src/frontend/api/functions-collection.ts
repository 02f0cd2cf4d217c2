/** Owns: functions of arrays, maps and structs, JSON among them, and those that make rows of them. */
import { callSite } from '../../core/call-site.js';
import { stackCall } from '../sql/stack-call.js';
import { Column, exprOf, type Operand } from './column.js';
import { binary, call, columnExpr, unary, variadic, withValue, withValues } from './column-function.js';
import type { ColumnOrName, NamesIn, NamesInOperand } from './column-names.js';
import type { RowOf, TypeOfText } from './ddl-types.js';
import { literalOf } from './literal.js';
import type { ValueOf } from './row-types.js';
import type { ElementOf, ItemOf, KeyOf, ListOf, MapValueOf, StructOf } from './value-types.js';

/** The array itself, changed: its type stays. */
const sameType =
  (fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<ValueOf<C>, string, NamesIn<C>> =>
    call(fn, columnExpr(column));

/** The array with a value put in or taken out. */
function changed(fn: string) {
  return <const C extends ColumnOrName, V extends Operand>(
    column: C,
    value: V,
  ): Column<ValueOf<C>, string, NamesIn<C> | NamesInOperand<V>> => call(fn, columnExpr(column), exprOf(value));
}

/** An array of what is in either, or both. */
function ofBoth(fn: string) {
  return <const A extends ColumnOrName, const B extends ColumnOrName>(left: A, right: B): Column<ValueOf<A | B>, string, NamesIn<A | B>> =>
    call(fn, columnExpr(left), columnExpr(right));
}

const elementOf =
  (fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<ElementOf<ValueOf<C>>, string, NamesIn<C>> =>
    call(fn, columnExpr(column));

/** A row for each element, in select() only. Rows with no element or null vanish; explodeOuter() keeps them. Of a map it makes key and value. */
export const explode = elementOf('explode');
export const explodeOuter = elementOf('explode_outer');
/** As explode(), with the position, from 0: columns `pos` and `col`. */
export const posexplode = unary<unknown>('posexplode');
export const posexplodeOuter = unary<unknown>('posexplode_outer');

/** A row for each struct of an array, a column for each of its fields. */
export const inline = unary<unknown>('inline');
export const inlineOuter = unary<unknown>('inline_outer');

/** The values in so many rows, side by side: columns `col0`, `col1`, …; what is missing at the end is null. */
export function stack(rows: number, ...values: readonly ColumnOrName[]): Column {
  return new Column(
    stackCall({
      kind: 'call',
      fn: 'stack',
      args: [literalOf(rows), ...values.map(columnExpr)],
      distinct: false,
      filter: null,
      site: callSite(),
    }),
  );
}

export function array<const C extends readonly ColumnOrName[]>(
  ...columns: C
): Column<ListOf<ValueOf<C[number]>>, string, NamesIn<C[number]>> {
  return call('array', ...columns.map(columnExpr));
}

type Fields<C extends readonly ColumnOrName[]> = {
  [I in Exclude<keyof C, keyof (readonly unknown[])> as C[I] extends Column<unknown, infer N>
    ? N
    : C[I] extends string
      ? C[I]
      : never]: ValueOf<C[I]>;
};

/** A struct whose fields are named after the columns. */
export function struct<const C extends readonly ColumnOrName[]>(...columns: C): Column<StructOf<Fields<C>>, string, NamesIn<C[number]>> {
  return call('struct', ...columns.map(columnExpr));
}

/** Elements of an array, entries of a map. */
export const size = unary<number>('size');
export const cardinality = unary<number>('cardinality');
export const arraySize = unary<number>('array_size');
export const arrayContains = withValue<boolean>('array_contains');
/** Where the value first is, counting from 1; 0 where it is not. */
export const arrayPosition = withValue<bigint>('array_position');
export const arrayMin = elementOf('array_min');
export const arrayMax = elementOf('array_max');
export const arrayDistinct = sameType('array_distinct');
export const arrayCompact = sameType('array_compact');
export const arrayAppend = changed('array_append');
export const arrayPrepend = changed('array_prepend');
export const arrayRemove = changed('array_remove');
export const arrayRepeat: <const C extends ColumnOrName, V extends Operand>(
  column: C,
  times: V,
) => Column<ListOf<ValueOf<C>>, string, NamesIn<C> | NamesInOperand<V>> = withValue<never>('array_repeat');

export const arrayUnion = ofBoth('array_union');
export const arrayIntersect = ofBoth('array_intersect');
export const arrayExcept = ofBoth('array_except');
export const arraysOverlap = binary<boolean>('arrays_overlap');
export const arraysZip = variadic<Record<string, unknown>[]>('arrays_zip');
export const flatten = elementOf('flatten');
/** `arrayJoin('words', ', ')`; a third argument stands for nulls, which are left out otherwise. */
export const arrayJoin = withValues<string>('array_join');
/** `size` elements from `start` on, counting from 1, from the end where negative. */
export const slice: <const C extends ColumnOrName, V extends Operand, W extends Operand>(
  column: C,
  start: V,
  length: W,
) => Column<ValueOf<C>, string, NamesIn<C> | NamesInOperand<V | W>> = withValues<never>('slice');

export const sequence = variadic<unknown[]>('sequence');

/** Nulls first in ascending order, last in descending order. */
export function sortArray<const C extends ColumnOrName>(column: C, ascending = true): Column<ValueOf<C>, string, NamesIn<C>> {
  return call('sort_array', columnExpr(column), literalOf(ascending));
}

/** The element at an index from 1 on, or a map's value. Outside of the array it is an error; `get` counts from 0 and gives null there. */
export const elementAt: <const C extends ColumnOrName, V extends Operand>(
  column: C,
  key: V,
) => Column<ItemOf<ValueOf<C>>, string, NamesIn<C> | NamesInOperand<V>> = withValue<never>('element_at');

export const get: <const C extends ColumnOrName, V extends Operand>(
  column: C,
  index: V,
) => Column<ElementOf<ValueOf<C>> | null, string, NamesIn<C> | NamesInOperand<V>> = withValue<never>('get');

/** A map of key1, value1, key2, value2, … */
export const createMap = variadic<Map<unknown, unknown>>('map');
export const mapFromArrays = binary<Map<unknown, unknown>>('map_from_arrays');
export const mapFromEntries = unary<Map<unknown, unknown>>('map_from_entries');
export const mapConcat = variadic<Map<unknown, unknown>>('map_concat');
export const mapKeys: <const C extends ColumnOrName>(column: C) => Column<ListOf<KeyOf<ValueOf<C>>>, string, NamesIn<C>> =
  unary<never>('map_keys');
export const mapValues: <const C extends ColumnOrName>(column: C) => Column<ListOf<MapValueOf<ValueOf<C>>>, string, NamesIn<C>> =
  unary<never>('map_values');
export const mapEntries = unary<{ key: unknown; value: unknown }[]>('map_entries');
export const mapContainsKey = withValue<boolean>('map_contains_key');

export const toJson = unary<string>('to_json');

type ParsedAs<D extends string> = D extends `${'array' | 'map' | 'struct'}<${string}` ? TypeOfText<D> : RowOf<D>;

/** Text as a value of a type given as DDL, `'a int, b array<string>'`; null where it is none. */
export function fromJson<const C extends ColumnOrName, const D extends string>(
  column: C,
  schema: D,
): Column<ParsedAs<D> | null, string, NamesIn<C>> {
  return call('from_json', columnExpr(column), literalOf(schema));
}

/** A part of a JSON text by its path: `$.a[0].b`. */
export const getJsonObject = withValue<string>('get_json_object');

/** Top-level fields of JSON text as columns `c0`, `c1`, … or as `.as(['a', 'b'])` names them, in select() only. */
export function jsonTuple<const C extends ColumnOrName>(column: C, ...fields: readonly string[]): Column<unknown, string, NamesIn<C>> {
  return call('json_tuple', columnExpr(column), ...fields.map(literalOf));
}

/** With a value put in at a place, from 1; from the end where it is negative. */
export function arrayInsert<const C extends ColumnOrName, V extends Operand, W extends Operand>(
  column: C,
  place: V,
  value: W,
): Column<ValueOf<C>, string, NamesIn<C> | NamesInOperand<V | W>> {
  return call('array_insert', columnExpr(column), exprOf(place), exprOf(value));
}

/** Null where there is no such element or key. */
export const tryElementAt: <const C extends ColumnOrName, V extends Operand>(
  column: C,
  key: V,
) => Column<ItemOf<ValueOf<C>> | null, string, NamesIn<C> | NamesInOperand<V>> = withValue<never>('try_element_at');

/** A struct of names and columns in turn: `namedStruct(lit('a'), col('x'))`. */
export const namedStruct = variadic<Record<string, unknown>>('named_struct');
/** A map of `a:1,b:2`; the delimiters of pairs and of keys may be others. */
export const strToMap = withValues<Map<string, string | null>>('str_to_map');
export const jsonArrayLength = unary<number | null>('json_array_length');
export const jsonObjectKeys = unary<string[] | null>('json_object_keys');
/** A struct as one line of CSV. */
export const toCsv = unary<string>('to_csv');

/** One line of CSV as a struct: `fromCsv('line', 'a int, b string')`. */
export function fromCsv<const C extends ColumnOrName, const D extends string>(column: C, schema: D): Column<RowOf<D>, string, NamesIn<C>> {
  return call('from_csv', columnExpr(column), literalOf(schema));
}

/** The type of an example, in SQL. */
export function schemaOfJson(example: string): Column<string> {
  return call('schema_of_json', literalOf(example));
}

export function schemaOfCsv(example: string): Column<string> {
  return call('schema_of_csv', literalOf(example));
}
