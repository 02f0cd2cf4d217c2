/** Owns: aggregates that describe how values lie: percentiles, histograms, regressions; bits and texts of a group. Nulls are left out. */
import { Column, callExpr } from './column.js';
import { binary, call, columnExpr, unary } from './column-function.js';
import type { ColumnOrName, NamesIn } from './column-names.js';
import { literalOf } from './literal.js';
import type { ValueOf } from './row-types.js';
import type { ListOf } from './value-types.js';

type Share = number | readonly number[];

/** An array of shares is a call, as it is in SQL. */
const shareExpr = (share: Share) => (typeof share === 'number' ? literalOf(share) : callExpr('array', share.map(literalOf)));

/** The value below which this share (0 to 1) of the rows lies, between two values where need be; of an array of shares one for each. */
export function percentile<const C extends ColumnOrName, const D extends ColumnOrName = never>(
  column: C,
  share: number,
  frequency?: D,
): Column<number, string, NamesIn<C | D>>;
export function percentile<const C extends ColumnOrName, const D extends ColumnOrName = never>(
  column: C,
  shares: readonly number[],
  frequency?: D,
): Column<number[], string, NamesIn<C | D>>;
export function percentile<const C extends ColumnOrName, const D extends ColumnOrName = never>(
  column: C,
  share: Share,
  frequency?: D,
): Column<never, string, NamesIn<C | D>> {
  return call('percentile', columnExpr(column), shareExpr(share), ...(frequency === undefined ? [] : [columnExpr(frequency)]));
}

/** One of the values, right within 1 / accuracy (ten thousand unless told) of the rows, in bounded memory. */
export function approxPercentile<const C extends ColumnOrName>(
  column: C,
  share: number,
  accuracy?: number,
): Column<ValueOf<C>, string, NamesIn<C>>;
export function approxPercentile<const C extends ColumnOrName>(
  column: C,
  shares: readonly number[],
  accuracy?: number,
): Column<ListOf<ValueOf<C>>, string, NamesIn<C>>;
export function approxPercentile<const C extends ColumnOrName>(
  column: C,
  share: Share,
  accuracy?: number,
): Column<never, string, NamesIn<C>> {
  return call('approx_percentile', columnExpr(column), shareExpr(share), ...(accuracy === undefined ? [] : [literalOf(accuracy)]));
}

export const percentileApprox = approxPercentile;

/** About so many bins of the values: their centres `x` and how many rows each holds, `y`. */
export function histogramNumeric<const C extends ColumnOrName>(
  column: C,
  bins: number,
): Column<{ x: unknown; y: number }[], string, NamesIn<C>> {
  return call('histogram_numeric', columnExpr(column), literalOf(bins));
}

const sameType =
  (fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<ValueOf<C>, string, NamesIn<C>> =>
    call(fn, columnExpr(column));

export const bitAnd = sameType('bit_and');
export const bitOr = sameType('bit_or');
export const bitXor = sameType('bit_xor');

export const every = unary<boolean>('bool_and');
export const some = unary<boolean>('bool_or');
export const std = unary<number>('std');
export const arrayAgg = <const C extends ColumnOrName>(column: C): Column<ListOf<ValueOf<C>>, string, NamesIn<C>> =>
  call('array_agg', columnExpr(column));

/** Texts in the order in which they come, joined by the delimiter. */
export function listagg<const C extends ColumnOrName>(column: C, delimiter?: string): Column<string, string, NamesIn<C>> {
  return call('listagg', columnExpr(column), ...(delimiter === undefined ? [] : [literalOf(delimiter)]));
}

export const stringAgg = listagg;

/** As listagg(), each text once. */
export function listaggDistinct<const C extends ColumnOrName>(column: C, delimiter?: string): Column<string, string, NamesIn<C>> {
  return new Column(callExpr('listagg', [columnExpr(column), ...(delimiter === undefined ? [] : [literalOf(delimiter)])], true));
}

/** Regressions of y on x: the dependent value comes first. */
export const regrCount = binary<bigint>('regr_count');
export const regrAvgx = binary<number>('regr_avgx');
export const regrAvgy = binary<number>('regr_avgy');
export const regrSxx = binary<number>('regr_sxx');
export const regrSyy = binary<number>('regr_syy');
export const regrSxy = binary<number>('regr_sxy');
export const regrSlope = binary<number>('regr_slope');
export const regrIntercept = binary<number>('regr_intercept');
export const regrR2 = binary<number>('regr_r2');
