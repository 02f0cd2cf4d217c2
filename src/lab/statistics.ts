/** Owns: what a few numbers amount to. */

export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1); 0 of one number. */
  readonly deviation: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Null of no numbers. */
export function summarizeNumbers(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const middle = count >> 1;
  return {
    count,
    mean,
    deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0,
    min: sorted[0],
    median: count % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    max: sorted[count - 1],
  };
}
