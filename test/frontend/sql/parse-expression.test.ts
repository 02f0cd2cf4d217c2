/** SQL text in, the expression's canonical text out. */
import { expect, test } from 'vitest';
import { MinisparkError } from '../../../src/core/errors.js';
import { typeName } from '../../../src/data/types.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import { columnName, expressionText } from '../../../src/frontend/plan/expression-text.js';
import { parseExpression, parseNamedExpression } from '../../../src/frontend/sql/parse-expression.js';

/** Every call as `fn(args)`, so that grouping shows. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case 'literal':
      return `${expr.value instanceof Uint8Array ? Buffer.from(expr.value).toString('hex') : String(expr.value)}:${typeName(expr.type)}`;
    case 'column':
      return expr.name;
    case 'star':
      return expr.qualifier === null ? '*' : `${expr.qualifier}.*`;
    case 'call': {
      const filter = expr.filter === null ? '' : ` where ${shape(expr.filter)}`;
      return `${expr.fn}(${expr.distinct ? 'distinct ' : ''}${expr.args.map(shape).join(', ')})${filter}`;
    }
    case 'cast':
      return `${expr.safe ? 'try_cast' : 'cast'}(${shape(expr.child)} as ${typeName(expr.to)})`;
    case 'alias':
      return `${shape(expr.child)} as ${expr.name}`;
    case 'udf':
      return 'udf';
    case 'lambda':
      return `(${expr.params.join(' ')}) -> ${shape(expr.body)}`;
    case 'variable':
      return `$${expr.name}`;
    case 'window':
      return expressionText(expr);
    default:
      return expr satisfies never;
  }
}

const parsed = (text: string): string => shape(parseExpression(text));

test.each([
  // literals
  ['1', '1:int'],
  ['2147483648', '2147483648:bigint'],
  ['-2147483648', '-2147483648:int'],
  ['9223372036854775808', '9223372036854775808:decimal(19,0)'],
  ['-9223372036854775808L', '-9223372036854775808:bigint'],
  ['1L', '1:bigint'],
  ['7s', '7:smallint'],
  ['-128Y', '-128:tinyint'],
  ['1.50', '150:decimal(3,2)'],
  ['0.10', '10:decimal(2,2)'],
  ['.5', '5:decimal(1,1)'],
  ['5.', '5:decimal(1,0)'],
  ['1e3', '1000:double'],
  ['1.5D', '1.5:double'],
  ['0.1F', '0.10000000149011612:float'],
  ['2BD', '2:decimal(1,0)'],
  ['TRUE', 'true:boolean'],
  ['null', 'null:void'],
  ["'a' 'b'", 'ab:string'],
  ["'it''s'", "it's:string"],
  [`"it's"`, "it's:string"],
  ["'a\\tb\\\\c\\'d'", "a\tb\\c'd:string"],
  ["'100\\%'", '100\\%:string'],
  ["'\\u00e9\\101'", 'éA:string'],
  ["r'\\d'", '\\d:string'],
  ["X'1F'", '1f:binary'],
  ["DATE'1970-01-02'", '1:date'],
  ["timestamp '1970-01-01 00:00:01'", '1000000:timestamp'],
  ["TIMESTAMP_NTZ'1970-01-01T00:00:01Z'", '1000000:timestamp_ntz'],
  // names
  ['a', 'a'],
  ['a.b.c', 'a.b.c'],
  ['`a.b`.`c d`', '`a.b`.c d'],
  ['`a``b`', '`a``b`'],
  ['date', 'date'],
  ['user', 'user'],
  ['end - start', '-(end, start)'],
  ['from', 'from'],
  ['interval > 1', '>(interval, 1:int)'],
  ['`current_date`', 'current_date'],
  ['t.*', 't.*'],
  ['a[0].b', 'getfield(getitem(a, 0:int), b:string)'],
  ['f(a).b', 'getfield(f(a), b:string)'],
  // precedence
  ['a OR b AND NOT c', 'or(a, and(b, not(c)))'],
  ['NOT a = b', 'not(=(a, b))'],
  ['a + b * c - d', '-(+(a, *(b, c)), d)'],
  ['a - b - c', '-(-(a, b), c)'],
  ['a | b ^ c & d << e + f', '|(a, ^(b, &(c, <<(d, +(e, f)))))'],
  ['a < b + 1', '<(a, +(b, 1:int))'],
  ['a <> b', 'not(=(a, b))'],
  ['a !> b', '<=(a, b)'],
  ['a || b || c', 'concat(concat(a, b), c)'],
  ['-a * b', '*(negative(a), b)'],
  ['-7 % 3', '%(-7:int, 3:int)'],
  ['- -1', 'negative(-1:int)'],
  ['~a & +b', '&(~(a), positive(b))'],
  ['5 DIV 2', 'div(5:int, 2:int)'],
  ['(a + b) * c', '*(+(a, b), c)'],
  ['a + b::int', '+(a, cast(b as int))'],
  ['-1::string', 'cast(-1:int as string)'],
  ['a -- a comment\n + /* another */ b', '+(a, b)'],
  // predicates
  ['a IS NOT NULL', 'isnotnull(a)'],
  ['a + 1 IS NULL AND b', 'and(isnull(+(a, 1:int)), b)'],
  ['a IS NOT TRUE', 'not(<=>(a, true:boolean))'],
  ['a IS DISTINCT FROM b', 'not(<=>(a, b))'],
  ['a IS NOT DISTINCT FROM b', '<=>(a, b)'],
  ['a BETWEEN 1 AND 2 AND b', 'and(and(>=(a, 1:int), <=(a, 2:int)), b)'],
  ['a NOT IN (1, 2)', 'not(in(a, 1:int, 2:int))'],
  ["a LIKE 'x%' ESCAPE '!'", 'like(a, x%:string, !:string)'],
  ["a NOT LIKE ANY ('x', 'y')", 'or(not(like(a, x:string)), not(like(a, y:string)))'],
  ["a ILIKE ALL ('x', 'y')", 'and(ilike(a, x:string), ilike(a, y:string))'],
  ["a REGEXP 'x'", 'rlike(a, x:string)'],
  // forms
  ['CASE WHEN a THEN 1 ELSE 2 END', 'case(a, 1:int, 2:int)'],
  ['CASE a WHEN 1 THEN 2 END', 'case(=(a, 1:int), 2:int)'],
  ['CAST(a AS DECIMAL(10, 2))', 'cast(a as decimal(10,2))'],
  ['TRY_CAST(a AS MAP<STRING, ARRAY<ARRAY<INT>>>)', 'try_cast(a as map<string,array<array<int>>>)'],
  ['a::array<int>[0]', 'getitem(cast(a as array<int>), 0:int)'],
  ["int('5')", 'cast(5:string as int)'],
  ['EXTRACT(YEAR FROM d)', 'extract(YEAR:string, d)'],
  ['SUBSTRING(a FROM 2 FOR 3)', 'substring(a, 2:int, 3:int)'],
  ['substr(a, 2)', 'substr(a, 2:int)'],
  ['TRIM(a)', 'trim(a)'],
  ["TRIM(BOTH 'x' FROM a)", 'trim(x:string, a)'],
  ["TRIM('x' FROM a)", 'trim(x:string, a)'],
  ['TRIM(LEADING FROM a)', 'ltrim(a)'],
  ["POSITION('x' IN a)", 'position(x:string, a)'],
  ["position('x', a, 2)", 'position(x:string, a, 2:int)'],
  ["OVERLAY(a PLACING 'x' FROM 2)", 'overlay(a, x:string, 2:int)'],
  ['count(*)', 'count(*)'],
  ['COUNT(DISTINCT a, b) FILTER (WHERE c > 0)', 'count(distinct a, b) where >(c, 0:int)'],
  ['first(a) IGNORE NULLS', 'first(a, true:boolean)'],
  ['current_date', 'current_date()'],
  ['current_timestamp()', 'current_timestamp()'],
  ['struct(a, b AS c)', 'struct(a, b as c)'],
  ['(a, b)', 'struct(a, b)'],
  ['left(a, 1)', 'left(a, 1:int)'],
  ['if(a, b, c)', 'if(a, b, c)'],
])('%s', (text, expected) => {
  expect(parsed(text)).toBe(expected);
});

test.each([
  ['a + 1 AS b', '+(a, 1:int) as b'],
  ['a b', 'a as b'],
  ['a AS `x y`', 'a as x y'],
  ['*', '*'],
  ['a', 'a'],
])('with an alias: %s', (text, expected) => {
  expect(shape(parseNamedExpression(text))).toBe(expected);
});

test.each([
  ['a + 1', '(a + 1)'],
  ['-a', '(- a)'],
  ['+a', '(+ a)'],
  ['~a', '~a'],
  ['a << 1', '(a << 1)'],
  ['a <> b', '(NOT (a = b))'],
  ["a || 'x'", 'concat(a, x)'],
  ['t.a', 'a'],
  ['a.b', 'b'],
  ['a[0]', 'a[0]'],
  ['a IS NOT NULL', '(a IS NOT NULL)'],
  ["a NOT IN ('x', 'y')", '(NOT (a IN (x, y)))'],
  // A column keeps its name under a cast.
  ['CAST(a AS int)', 'a'],
  ['a::decimal(10,2)', 'a'],
  ['CAST(CAST(t.a AS int) AS string)', 'a'],
  ['CAST(a + 1 AS int)', 'CAST((a + 1) AS INT)'],
  ['first(a, true)', 'first(a)'],
  ['CASE WHEN a THEN 1 ELSE 2 END', 'CASE WHEN a THEN 1 ELSE 2 END'],
  ['SUM(DISTINCT a)', 'sum(DISTINCT a)'],
  ['count(*)', 'count(1)'],
  ['EXTRACT(YEAR FROM a)', 'extract(YEAR FROM a)'],
  ['a + 1 AS b', 'b'],
  ['transform(a, x -> x + 1)', 'transform(a, lambdafunction((namedlambdavariable() + 1), namedlambdavariable()))'],
])('%s becomes the column %s', (text, name) => {
  expect(columnName(parseNamedExpression(text))).toBe(name);
});

function failure(text: string): MinisparkError {
  try {
    parseExpression(text);
  } catch (error) {
    if (error instanceof MinisparkError) return error;
    throw error;
  }
  throw new Error(`${text} was read.`);
}

test('a mistake is shown with its place', () => {
  const error = failure('a +\n  * FROM b');
  expect(error.condition).toBe('PARSE_SYNTAX_ERROR');
  expect(error.message).toBe("The SQL is wrong at line 2, character 5: expected the end, found 'FROM'.\n    * FROM b\n      ^");
});

test.each([
  ['', 'PARSE_SYNTAX_ERROR', 'expected an expression, found the end'],
  ['a +', 'PARSE_SYNTAX_ERROR', 'expected an expression, found the end'],
  ['a b', 'PARSE_SYNTAX_ERROR', "expected the end, found 'b'"],
  ['(a', 'PARSE_SYNTAX_ERROR', "expected ')', found the end"],
  ["'a", 'PARSE_SYNTAX_ERROR', 'this string has no end'],
  ['a # b', 'PARSE_SYNTAX_ERROR', "'#' means nothing here"],
  ['CASE WHEN a THEN b', 'PARSE_SYNTAX_ERROR', 'expected END'],
  ['a IS b', 'PARSE_SYNTAX_ERROR', 'expected NULL'],
  ['a AND then', 'PARSE_SYNTAX_ERROR', "expected an expression, found 'then'"],
  ['f(a,)', 'PARSE_SYNTAX_ERROR', "expected an expression, found ')'"],
  ['128Y', 'INVALID_NUMERIC_LITERAL_RANGE', '128Y does not fit 8 bits'],
  ['1e999', 'INVALID_NUMERIC_LITERAL_RANGE', 'does not fit a double'],
  ['123456789012345678901234567890123456789', 'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION', 'more than 38 digits'],
  ["DATE 'x'", 'INVALID_TYPED_LITERAL', "'x' is no DATE"],
  ["X'1G'", 'INVALID_TYPED_LITERAL', "'1G' is no X"],
  ["foo 'x'", 'UNSUPPORTED_TYPED_LITERAL', "a type 'foo'"],
  ['CAST(a AS strin)', 'UNSUPPORTED_DATATYPE', 'strin is no type'],
  ["a LIKE 'x' ESCAPE 'ab'", 'INVALID_ESCAPE_CHAR', 'not one character'],
  ["INTERVAL '1 2' DAY", 'INVALID_INTERVAL_FORMAT.INVALID_VALUE', "'1 2' is no number of DAY"],
  ['INTERVAL 1.5 DAY', 'INVALID_INTERVAL_FORMAT.INVALID_FRACTION', 'only seconds have a fraction'],
  ['INTERVAL 1 MONTH 1 DAY', 'INVALID_INTERVAL_FORMAT.INVALID_UNIT', 'years or months beside days'],
  ["INTERVAL '1 25' DAY TO HOUR", 'INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING', 'no interval from DAY to HOUR'],
  ["INTERVAL '1' HOUR TO DAY", 'INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION', 'no intervals from HOUR to DAY'],
  ["INTERVAL '1 fortnight'", 'INVALID_TYPED_LITERAL', 'is no INTERVAL'],
  ['INTERVAL 178956971 YEARS', 'INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION', 'too long'],
  ['CAST(a AS INTERVAL)', 'UNSUPPORTED_DATATYPE', 'INTERVAL is no type'],
  ['CAST(a AS INTERVAL SECOND TO DAY)', 'UNSUPPORTED_DATATYPE', 'is no type'],
  ['transform(a, x ->)', 'PARSE_SYNTAX_ERROR', 'expected an expression'],
  ['transform(a, (x, 1) -> x)', 'PARSE_SYNTAX_ERROR', "found '->'"],
  ['a IN (SELECT b)', 'UNSUPPORTED_FEATURE', 'queries inside expressions'],
  ['sum(a) OVER w', 'UNSUPPORTED_FEATURE', 'named windows'],
  ['sum(a) OVER (ROWS 1)', 'PARSE_SYNTAX_ERROR', 'PRECEDING'],
  ['sum(a) OVER (ORDER b)', 'PARSE_SYNTAX_ERROR', 'BY'],
  ['a = ?', 'UNSUPPORTED_FEATURE', 'parameters'],
])('refused: %s', (text, condition, message) => {
  const error = failure(text);
  expect({ condition: error.condition, kind: error.kind }).toEqual({ condition, kind: 'user' });
  expect(error.message).toContain(message);
});

test.each([
  ["INTERVAL '1' DAY", "INTERVAL '1' DAY", 'interval day'],
  ["INTERVAL '-3' DAY", "INTERVAL '-3' DAY", 'interval day'],
  ["INTERVAL -'-3' DAY", "INTERVAL '3' DAY", 'interval day'],
  ['INTERVAL 3 HOURS', "INTERVAL '03' HOUR", 'interval hour'],
  ['interval - 3 hours 20 minutes', "INTERVAL '-02:40' HOUR TO MINUTE", 'interval hour to minute'],
  ['INTERVAL 1 WEEK 1.5 SECONDS', "INTERVAL '7 00:00:01.5' DAY TO SECOND", 'interval day to second'],
  ["INTERVAL '2' MILLISECONDS", "INTERVAL '00.002' SECOND", 'interval second'],
  ["INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '1-2' YEAR TO MONTH", 'interval year to month'],
  ["INTERVAL -'1-2' year to month", "INTERVAL '-1-2' YEAR TO MONTH", 'interval year to month'],
  ["INTERVAL '1 02:03:04.5' DAY TO SECOND", "INTERVAL '1 02:03:04.5' DAY TO SECOND", 'interval day to second'],
  ["INTERVAL '90:30' MINUTE TO SECOND", "INTERVAL '90:30' MINUTE TO SECOND", 'interval minute to second'],
  ['INTERVAL 14 MONTHS', "INTERVAL '14' MONTH", 'interval month'],
  ["INTERVAL '1 year -2 months'", "INTERVAL '0-10' YEAR TO MONTH", 'interval year to month'],
  ["INTERVAL 'interval 2 days'", "INTERVAL '2' DAY", 'interval day'],
  ["INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND", "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND", 'interval day to second'],
])('%s', (text, shown, type) => {
  const expr = parseExpression(text);
  expect(columnName(expr)).toBe(shown);
  expect(expr.kind === 'literal' && typeName(expr.type)).toBe(type);
});

test.each([
  ['interval', 'interval'],
  ['interval - 1', '-(interval, 1:int)'],
  ['CAST(a AS INTERVAL DAY TO SECOND)', 'cast(a as interval day to second)'],
  ['a::interval year + 1', '+(cast(a as interval year), 1:int)'],
  ['CAST(a AS array<interval month>)', 'cast(a as array<interval month>)'],
])('%s', (text, expected) => {
  expect(parsed(text)).toBe(expected);
});

test.each([
  ['f(a, x -> x + y)', 'f(a, (x) -> +($x, y))'],
  ['f(a, (X, `y y`) -> x + `y y`.b)', 'f(a, (X y y) -> +($x, getfield($y y, b:string)))'],
  ['f(a, x -> g(x, x -> x.y))', 'f(a, (x) -> g($x, (x) -> getfield($x, y:string)))'],
  ['f(a, x -> x) + x', '+(f(a, (x) -> $x), x)'],
  ['f(a, `x` -> x AND b OR x)', 'f(a, (x) -> or(and($x, b), $x))'],
])('lambdas: %s', (text, expected) => {
  expect(parsed(text)).toBe(expected);
});

test('deep nesting is an error of the text, not of the stack', () => {
  expect(parsed(`${'('.repeat(400)}a${')'.repeat(400)}`)).toBe('a');
  expect(failure(`${'('.repeat(100_000)}a`).message).toContain('nests deeper');
  expect(failure(`${'- '.repeat(100_000)}a`).message).toContain('nests deeper');
});
