/** Owns: aggregates that describe how values lie: percentiles, histograms, regressions; bits and texts of a group. Nulls are left out. */
import { Column, callExpr } from './column.js';
import { binary, call, columnExpr, unary } from './column-function.js';
import { literalOf } from './literal.js';
import type { ColumnOrName, ValueOf } from './row-types.js';
import type { ListOf } from './value-types.js';

type Share = number | readonly number[];

/** An array of shares is a call, as it is in SQL. */
const shareExpr = (share: Share) => (typeof share === 'number' ? literalOf(share) : callExpr('array', share.map(literalOf)));

/** The value below which this share (0 to 1) of the rows lies, between two values where need be; of an array of shares one for each. */
export function percentile(column: ColumnOrName, share: number, frequency?: ColumnOrName): Column<number>;
export function percentile(column: ColumnOrName, shares: readonly number[], frequency?: ColumnOrName): Column<number[]>;
export function percentile(column: ColumnOrName, share: Share, frequency?: ColumnOrName): Column<never> {
  return call('percentile', columnExpr(column), shareExpr(share), ...(frequency === undefined ? [] : [columnExpr(frequency)]));
}

/** One of the values, right within 1 / accuracy (ten thousand unless told) of the rows, in bounded memory. */
export function approxPercentile<const C extends ColumnOrName>(column: C, share: number, accuracy?: number): Column<ValueOf<C>>;
export function approxPercentile<const C extends ColumnOrName>(
  column: C,
  shares: readonly number[],
  accuracy?: number,
): Column<ListOf<ValueOf<C>>>;
export function approxPercentile(column: ColumnOrName, share: Share, accuracy?: number): Column<never> {
  return call('approx_percentile', columnExpr(column), shareExpr(share), ...(accuracy === undefined ? [] : [literalOf(accuracy)]));
}

export const percentileApprox = approxPercentile;

/** About so many bins of the values: their centres `x` and how many rows each holds, `y`. */
export function histogramNumeric(column: ColumnOrName, bins: number): Column<{ x: unknown; y: number }[]> {
  return call('histogram_numeric', columnExpr(column), literalOf(bins));
}

const sameType =
  (fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<ValueOf<C>> =>
    call(fn, columnExpr(column));

export const bitAnd = sameType('bit_and');
export const bitOr = sameType('bit_or');
export const bitXor = sameType('bit_xor');

export const every = unary<boolean>('bool_and');
export const some = unary<boolean>('bool_or');
export const std = unary<number>('std');
export const arrayAgg = <const C extends ColumnOrName>(column: C): Column<ListOf<ValueOf<C>>> => call('array_agg', columnExpr(column));

/** Texts in the order in which they come, joined by the delimiter. */
export function listagg(column: ColumnOrName, delimiter?: string): Column<string> {
  return call('listagg', columnExpr(column), ...(delimiter === undefined ? [] : [literalOf(delimiter)]));
}

export const stringAgg = listagg;

/** As listagg(), each text once. */
export function listaggDistinct(column: ColumnOrName, delimiter?: string): Column<string> {
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
