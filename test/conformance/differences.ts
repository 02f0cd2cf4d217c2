/** Why minispark answers some expressions otherwise than Spark: patterns of expressions with the reason; the first that matches counts. */
export const REASONS: readonly (readonly [RegExp, string])[] = [
  [/\bINTERVAL\b/, 'intervals are not there yet'],
  [/^\((DATE|CAST\(NULL AS DATE\)).* - \((DATE|CAST\(NULL AS DATE\))/, 'intervals are not there yet'],
  [/^(cos|tan|cosh)\(/, "the last digit of V8's mathematics is not that of the JVM's"],
  [/^\(-1\) \/ \(-2147483648\)$/, 'Java before 19 writes this double with more digits than it needs'],
];
