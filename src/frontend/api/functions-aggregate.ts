/** Owns: functions that make one value of a group's rows, for agg(). Nulls are left out by all but count() and first(), last(). */
import { Column, callExpr } from './column.js';
import { binary, call, columnExpr, unary } from './column-function.js';
import { literalOf } from './literal.js';
import type { ColumnOrName, ValueOf } from './row-types.js';
import type { ListOf, Numeric, SumOf } from './value-types.js';

/** Rows of the group; of a column, those where it is not null. */
export function count(column: ColumnOrName = '*'): Column<bigint> {
  return call('count', column === '*' ? literalOf(1) : columnExpr(column));
}

/** Different combinations of the columns, none of them null. */
export function countDistinct(column: ColumnOrName, ...more: readonly ColumnOrName[]): Column<bigint> {
  return distinct('count', column, ...more);
}

export function sumDistinct<const C extends ColumnOrName>(column: C): Column<SumOf<ValueOf<C>>> {
  return distinct('sum', column);
}

function distinct<T>(fn: string, ...columns: readonly ColumnOrName[]): Column<T> {
  return new Column(callExpr(fn, columns.map(columnExpr), true));
}

/** Bigint for integers (past 64 bits an error), decimal for decimals, else double. */
export function sum<const C extends ColumnOrName>(column: C): Column<SumOf<ValueOf<C>>> {
  return call('sum', columnExpr(column));
}

/** Double; decimal for decimals. */
export const avg = unary<number>('avg');
export const mean = avg;

/** As sum(), but null where it overflows. */
export function trySum<const C extends ColumnOrName>(column: C): Column<SumOf<ValueOf<C>> | null> {
  return call('try_sum', columnExpr(column));
}

/** As avg(), but null where it overflows. */
export const tryAvg = unary<number | null>('try_avg');

const sameType =
  (fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<ValueOf<C>> =>
    call(fn, columnExpr(column));

const listOf =
  (fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<ListOf<ValueOf<C>>> =>
    call(fn, columnExpr(column));

export const min = sameType('min');
export const max = sameType('max');
export const anyValue = sameType('any_value');
export const mode = sameType('mode');
export const median = unary<Numeric>('median');
export const product = unary<number>('product');
export const minBy = keyed('min_by');
export const maxBy = keyed('max_by');

interface Keyed {
  <const C extends ColumnOrName>(column: C, by: ColumnOrName): Column<ValueOf<C>>;
  <const C extends ColumnOrName>(column: C, by: ColumnOrName, most: number): Column<ValueOf<C>[]>;
}

/** The value of the first column where the second is smallest or largest; with `most` those of so many rows, in that order. */
function keyed(fn: string): Keyed {
  return (column: ColumnOrName, by: ColumnOrName, most?: number): Column<never> =>
    call(fn, columnExpr(column), columnExpr(by), ...(most === undefined ? [] : [literalOf(most)]));
}

/** The numbers of a group (0 to 32,767: bitmapBitPosition()) as a bitmap of 4,096 bytes. */
export const bitmapConstructAgg = unary<Uint8Array>('bitmap_construct_agg');
export const bitmapOrAgg = unary<Uint8Array>('bitmap_or_agg');
export const bitmapAndAgg = unary<Uint8Array>('bitmap_and_agg');

/** Of whichever row comes first: the same only where the order is. */
export const first = oneOf('first');
export const last = oneOf('last');

function oneOf(fn: string) {
  return <const C extends ColumnOrName>(column: C, ignoreNulls = false): Column<ValueOf<C>> =>
    ignoreNulls ? call(fn, columnExpr(column), literalOf(true)) : call(fn, columnExpr(column));
}

export const collectList = listOf('collect_list');
export const collectSet = listOf('collect_set');

/** Rows where the condition holds. */
export function countIf(condition: Column): Column<bigint> {
  return call('count_if', condition.expr);
}

export const boolAnd = unary<boolean>('bool_and');
export const boolOr = unary<boolean>('bool_or');
export const stddev = unary<number>('stddev');
export const stddevPop = unary<number>('stddev_pop');
export const stddevSamp = unary<number>('stddev_samp');
export const variance = unary<number>('variance');
export const varPop = unary<number>('var_pop');
export const varSamp = unary<number>('var_samp');
export const skewness = unary<number>('skewness');
export const kurtosis = unary<number>('kurtosis');
export const corr = binary<number>('corr');
export const covarPop = binary<number>('covar_pop');
export const covarSamp = binary<number>('covar_samp');

/** About how many different values, within a relative standard deviation of 5 % unless told. */
export function approxCountDistinct(column: ColumnOrName, deviation?: number): Column<bigint> {
  return deviation === undefined
    ? call('approx_count_distinct', columnExpr(column))
    : call('approx_count_distinct', columnExpr(column), literalOf(deviation));
}

/** Under rollup(), cube() and groupingSets(): 1 where the row is not grouped by the column, else 0. */
export const grouping = unary<number>('grouping');

/** The bits of grouping() of all grouping columns, the first one highest. */
export function groupingId(...columns: readonly ColumnOrName[]): Column<bigint> {
  return call('grouping_id', ...columns.map(columnExpr));
}
