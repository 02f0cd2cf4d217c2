/** Why minispark answers some expressions otherwise than Spark: patterns of expressions with the reason; the first that matches counts. */
export const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^\(-1\) \/ \(-2147483648\)$/, 'Java before 19 writes this double with more digits than it needs'],
];
