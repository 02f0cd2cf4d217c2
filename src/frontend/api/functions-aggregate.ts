/** Owns: functions that make one value of a group's rows, for agg(). Nulls are left out by all but count() and first(), last(). */
import { Column, callExpr } from './column.js';
import { binary, call, columnExpr, unary } from './column-function.js';
import type { CallName, ColumnOrName, NamesIn } from './column-names.js';
import { literalOf } from './literal.js';
import type { ValueOf } from './row-types.js';
import type { ListOf, Numeric, SumOf } from './value-types.js';

/** Rows of the group; of a column, those where it is not null. */
export function count<const C extends ColumnOrName = '*'>(column?: C): Column<bigint, CallName<'count', C>, NamesIn<C>>;
export function count(column: ColumnOrName = '*'): Column<bigint> {
  return call('count', column === '*' ? literalOf(1) : columnExpr(column));
}

/** Different combinations of the columns, none of them null. */
export function countDistinct<const C extends ColumnOrName, const D extends readonly ColumnOrName[]>(
  column: C,
  ...more: D
): Column<bigint, string, NamesIn<C | D[number]>> {
  return distinct('count', column, ...more);
}

export function sumDistinct<const C extends ColumnOrName>(column: C): Column<SumOf<ValueOf<C>>, string, NamesIn<C>> {
  return distinct('sum', column);
}

function distinct<T, R extends string>(fn: string, ...columns: readonly ColumnOrName[]): Column<T, string, R> {
  return new Column(callExpr(fn, columns.map(columnExpr), true));
}

/** Bigint for integers (past 64 bits an error), decimal for decimals, else double. */
export function sum<const C extends ColumnOrName>(column: C): Column<SumOf<ValueOf<C>>, CallName<'sum', C>, NamesIn<C>> {
  return call('sum', columnExpr(column));
}

/** Double; decimal for decimals. */
export const avg = unary<number, 'avg'>('avg');
export const mean = avg;

/** As sum(), but null where it overflows. */
export function trySum<const C extends ColumnOrName>(column: C): Column<SumOf<ValueOf<C>> | null, string, NamesIn<C>> {
  return call('try_sum', columnExpr(column));
}

/** As avg(), but null where it overflows. */
export const tryAvg = unary<number | null>('try_avg');

const sameType =
  <const F extends string>(fn: F) =>
  <const C extends ColumnOrName>(column: C): Column<ValueOf<C>, CallName<F, C>, NamesIn<C>> =>
    call(fn, columnExpr(column));

const listOf =
  <const F extends string>(fn: F) =>
  <const C extends ColumnOrName>(column: C): Column<ListOf<ValueOf<C>>, CallName<F, C>, NamesIn<C>> =>
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
  <const C extends ColumnOrName, const D extends ColumnOrName>(column: C, by: D): Column<ValueOf<C>, string, NamesIn<C | D>>;
  <const C extends ColumnOrName, const D extends ColumnOrName>(
    column: C,
    by: D,
    most: number,
  ): Column<ListOf<ValueOf<C>>, string, NamesIn<C | D>>;
}

/** The value of the first column where the second is smallest or largest; with `most` those of so many rows, in that order. */
function keyed(fn: string): Keyed {
  return <const C extends ColumnOrName, const D extends ColumnOrName>(
    column: C,
    by: D,
    most?: number,
  ): Column<never, string, NamesIn<C | D>> =>
    call(fn, columnExpr(column), columnExpr(by), ...(most === undefined ? [] : [literalOf(most)]));
}

/** The numbers of a group (0 to 32,767: bitmapBitPosition()) as a bitmap of 4,096 bytes. */
export const bitmapConstructAgg = unary<Uint8Array>('bitmap_construct_agg');
export const bitmapOrAgg = unary<Uint8Array>('bitmap_or_agg');
export const bitmapAndAgg = unary<Uint8Array>('bitmap_and_agg');

/** Of whichever row comes first: the same only where the order is. */
export const first = oneOf('first');
export const last = oneOf('last');

function oneOf<const F extends string>(fn: F) {
  return <const C extends ColumnOrName>(column: C, ignoreNulls = false): Column<ValueOf<C>, CallName<F, C>, NamesIn<C>> =>
    ignoreNulls ? call(fn, columnExpr(column), literalOf(true)) : call(fn, columnExpr(column));
}

export const collectList = listOf('collect_list');
export const collectSet = listOf('collect_set');

/** Rows where the condition holds. */
export function countIf<C extends Column>(condition: C): Column<bigint, string, NamesIn<C>> {
  return call('count_if', condition.expr);
}

export const boolAnd = unary<boolean>('bool_and');
export const boolOr = unary<boolean>('bool_or');
export const stddev = unary<number, 'stddev'>('stddev');
export const stddevPop = unary<number, 'stddev_pop'>('stddev_pop');
export const stddevSamp = unary<number, 'stddev_samp'>('stddev_samp');
export const variance = unary<number, 'variance'>('variance');
export const varPop = unary<number, 'var_pop'>('var_pop');
export const varSamp = unary<number, 'var_samp'>('var_samp');
export const skewness = unary<number, 'skewness'>('skewness');
export const kurtosis = unary<number, 'kurtosis'>('kurtosis');
export const corr = binary<number>('corr');
export const covarPop = binary<number>('covar_pop');
export const covarSamp = binary<number>('covar_samp');

/** About how many different values, within a relative standard deviation of 5 % unless told. */
export function approxCountDistinct<const C extends ColumnOrName>(column: C, deviation?: number): Column<bigint, string, NamesIn<C>> {
  return deviation === undefined
    ? call('approx_count_distinct', columnExpr(column))
    : call('approx_count_distinct', columnExpr(column), literalOf(deviation));
}

/** Under rollup(), cube() and groupingSets(): 1 where the row is not grouped by the column, else 0. */
export const grouping = unary<number>('grouping');

/** The bits of grouping() of all grouping columns, the first one highest. */
export function groupingId<const C extends readonly ColumnOrName[]>(...columns: C): Column<bigint, string, NamesIn<C[number]>> {
  return call('grouping_id', ...columns.map(columnExpr));
}
