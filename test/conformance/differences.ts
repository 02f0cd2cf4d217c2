/** Why minispark answers some expressions otherwise than Spark: patterns of expressions with the reason; the first that matches counts. */
export const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^\(-1\) \/ \(-2147483648\)$/, 'Java before 19 writes this double with more digits than it needs'],
];

/** What a comparison of 12,000 further expressions (odd values, types and patterns) found and is left as it is: what differs, and why. */
export const LEFT: readonly (readonly [string, string])[] = [
  [
    'An options map as the last argument of `from_json to_json from_csv to_csv schema_of_json schema_of_csv`',
    'not supported: WRONG_NUM_ARGS',
  ],
  [
    '`make_interval`, `CAST(… AS INTERVAL)`, `TIME`, `VARIANT` (`parse_json`, …), `xpath`, `sentences`, `collation`',
    'there are no such types and functions here',
  ],
  [
    'Possessive quantifiers, atomic groups, classes in classes (`[a&&[^b]]`), `\\X \\G \\N`, flags inside a regular expression',
    'JavaScript has none of them: refused as UNSUPPORTED_REGEX, never matched in another way',
  ],
  ['`format_number` with `$`, `%` or an exponent; `%g %a %h %t` in `format_string`', 'refused, not supported'],
  ["Casts of 'now', 'today', 'yesterday', 'tomorrow' to dates and timestamps", 'refused: use current_date() and current_timestamp()'],
  [
    '`array_append array_position array_union …` of two element types, `element_at` of a map with a key of another type',
    'cast to the common type, where Spark refuses',
  ],
  ['`CASE WHEN` with a text or NULL as condition, `DATE + text`', 'cast, where Spark refuses'],
  ['JSON followed by other text, or `1e2` for a whole number', 'null, or the number; Spark reads the first value, and null'],
  ['`to_char` of a number that does not fit its format, and formats with odd signs', 'the marks stand in other places'],
  [
    'What Spark refuses with an error of Java that has no condition (`format_string`, `split`, `repeat` of 2^31)',
    'an error with a condition',
  ],
  [
    'Which condition a call with wrong types has, where both refuse it before it runs',
    'UNEXPECTED_INPUT_TYPE for several of its finer ones',
  ],
];
