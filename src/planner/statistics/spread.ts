/**
 * Owns: how sums and counts of groups lie around their mean, from the range of what is summed and the rows a group has: so that what HAVING
 * leaves can be told.
 */
import type { Aggregated, ResolvedExpr } from '../../frontend/plan/resolved.js';
import type { ColumnEstimate } from './estimate.js';

export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Of one aggregate over groups of `size` rows; null where nothing is known. Values are taken to lie evenly in their range, and numbers of rows
 * to vary as those of independent arrivals do (Poisson): the variance of a sum is then the size by the mean of the squares.
 */
export function spreadOf(
  { fn, args, distinct, filter }: Aggregated<ResolvedExpr>,
  columns: ReadonlyMap<number, ColumnEstimate>,
  size: number,
): Spread | null {
  if (distinct || filter) return null;
  if (fn === 'count') return { mean: size, deviation: Math.sqrt(size) };
  const [arg] = args;
  const range = fn === 'sum' && arg?.kind === 'attribute' ? columns.get(arg.id)?.range : null;
  if (range?.min === undefined || range.max === undefined) return null;
  const { min, max } = range;
  const squares = (min * min + min * max + max * max) / 3;
  return { mean: (size * (min + max)) / 2, deviation: Math.sqrt(size * squares) };
}

/** The share of values above a bound: half of what Cantelli's inequality allows at most, whatever the distribution is. */
export function shareAbove({ mean, deviation }: Spread, bound: number): number {
  const distance = (bound - mean) / Math.max(deviation, Number.MIN_VALUE);
  const far = 0.5 / (1 + Math.min(distance * distance, 1e12));
  return distance >= 0 ? far : 1 - far;
}
