/** Functions between text and other things, SQL in, answer out. */
import { expect, test } from 'vitest';
import { answersTo } from '../../conformance/answer.js';

test.each([
  ["conv('100', 2, 10)", '4'],
  ["conv('ff', 16, 10)", '255'],
  ["conv('-10', 16, -10)", '-16'],
  ["conv('-1', 10, 16)", 'FFFFFFFFFFFFFFFF'],
  ["conv('12z', 10, 10)", '12'],
  ["conv('', 10, 2)", null],
  ["conv('1', 1, 2)", null],
  ["url_encode('a b/ü~*')", 'a+b%2F%C3%BC%7E*'],
  ["url_decode('a+b%2F%C3%BC')", 'a b/ü'],
  ["try_url_decode('%zz')", null],
  ["parse_url('http://u@spark.apache.org:80/path?query=1&x=2#ref', 'HOST')", 'spark.apache.org'],
  ["parse_url('http://u@spark.apache.org:80/path?query=1&x=2#ref', 'QUERY', 'x')", '2'],
  ["parse_url('http://u@spark.apache.org:80/path?query=1#ref', 'FILE')", '/path?query=1'],
  ["parse_url('http://u@spark.apache.org:80/path?query=1#ref', 'AUTHORITY')", 'u@spark.apache.org:80'],
  ["mask('AbCD123-@$#')", 'XxXXnnn-@$#'],
  ["mask('AbCD123-@$#', 'Q', 'q', 'd', 'o')", 'QqQQdddoooo'],
  ["mask('AbCD123-@$#', NULL, 'q')", 'AqCDnnn-@$#'],
  ["CAST(luhn_check('8112189876') AS STRING)", 'true'],
  ["CAST(luhn_check('79927398714') AS STRING)", 'false'],
  ["CAST(to_number('454', '999') AS STRING)", '454'],
  ["CAST(to_number('$78.12', '$99.99') AS STRING)", '78.12'],
  ["CAST(to_number('12,454.8-', '99,999.9S') AS STRING)", '-12454.8'],
  ["CAST(to_number('<1,234>', '9,999PR') AS STRING)", '-1234'],
  ["CAST(try_to_number('x', '9') AS STRING)", null],
  ["typeof(to_number('1', '999.99'))", 'decimal(5,2)'],
  ["to_json(from_csv('1,\"a,b\",x', 'a INT, b STRING, c INT'))", '{"a":1,"b":"a,b"}'],
  ["to_csv(named_struct('a', 1, 'b', 'x,y', 'c', CAST(NULL AS INT), 'd', 'z'))", '1,"x,y",,z'],
  [
    'schema_of_json(\'[{"b": 1, "a": [1, 2.5]}, {"c d": null, "b": 12345678901234567890}]\')',
    'ARRAY<STRUCT<a: ARRAY<DOUBLE>, b: DECIMAL(20,0), `c d`: STRING>>',
  ],
  ["dayname(DATE'2024-02-29')", 'Thu'],
  ["monthname(TIMESTAMP'2024-02-29 01:00:00')", 'Feb'],
  ['CAST(bit_get(11, 0) + bit_get(11, 2) AS STRING)', '1'],
  ['CAST(nullifzero(0) AS STRING)', null],
  ['CAST(zeroifnull(CAST(NULL AS BIGINT)) AS STRING)', '0'],
  ["CAST(extract(SECOND FROM TIMESTAMP'2024-02-29 23:59:59.123456') AS STRING)", '59.123456'],
  ["CAST(date_part('dow', DATE'2024-02-29') AS STRING)", '5'],
  ["CAST(date_part('YEAROFWEEK', DATE'2021-01-02') AS STRING)", '2020'],
])('%s', (sql, value) => {
  const { constant, columns } = answersTo(sql);
  expect(constant).toEqual({ type: 'string', value });
  if (columns !== null) expect(columns).toEqual(constant);
});

test.each([
  ["conv('18446744073709551616', 10, 10)", 'ARITHMETIC_OVERFLOW'],
  ["url_decode('%')", 'CANNOT_DECODE_URL'],
  ["parse_url('a b', 'HOST')", 'INVALID_URL'],
  ["to_number('x', '9')", 'INVALID_FORMAT.MISMATCH_INPUT'],
  ["to_number('1', 'q')", 'INVALID_FORMAT.WRONG_NUM_DIGIT'],
  ["to_number('1')", 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION'],
  ['bit_get(1, 32)', 'INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE'],
  ["extract(epoch FROM DATE'2024-02-29')", 'INVALID_EXTRACT_FIELD'],
])('%s fails', (sql, condition) => {
  expect(answersTo(sql).constant).toEqual({ error: condition });
});
