/** Why minispark answers some expressions otherwise than Spark: patterns of expressions with the reason; the first that matches counts. */
export const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(cos|tan|cosh)\(/, "the last digit of V8's mathematics is not that of the JVM's"],
  [/^\(-1\) \/ \(-2147483648\)$/, 'Java before 19 writes this double with more digits than it needs'],
];
