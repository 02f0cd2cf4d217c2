import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/data/decimal.js';
import { LocalDate, LocalDateTime, Timestamp } from '../../../src/data/temporal.js';
import type { Column, Operand } from '../../../src/frontend/api/column.js';
import { count, countDistinct, first, sum } from '../../../src/frontend/api/functions-aggregate.js';
import { coalesce, col, lit, when } from '../../../src/frontend/api/functions-core.js';
import { pow } from '../../../src/frontend/api/functions-math.js';
import { concatWs, ltrim, split, trim } from '../../../src/frontend/api/functions-string.js';
import { unixTimestamp } from '../../../src/frontend/api/functions-time.js';
import { literalOf } from '../../../src/frontend/api/literal.js';
import type { Expr } from '../../../src/frontend/plan/expression.js';
import { expressionText } from '../../../src/frontend/plan/expression-text.js';

/** An expression as short text: `(+ a 1:int32)`. */
function show(expr: Expr): string {
  switch (expr.kind) {
    case 'literal':
      return `${typeof expr.value === 'string' ? `'${expr.value}'` : expr.value}:${expr.type.kind}`;
    case 'column':
      return expr.name;
    case 'star':
      return expr.qualifier === null ? '*' : `${expr.qualifier}.*`;
    case 'call':
      return `(${[expr.fn + (expr.distinct ? '!' : ''), ...expr.args.map(show)].join(' ')})`;
    case 'cast':
      return `${expr.safe ? 'try_cast' : 'cast'}(${show(expr.child)} ${JSON.stringify(expr.to)})`;
    case 'alias':
      return `${show(expr.child)} AS ${expr.name}`;
    case 'udf':
      return `${expr.udf.name}(${expr.args.map(show).join(' ')})`;
    case 'lambda':
      return `(${expr.params.join(' ')}) -> ${show(expr.body)}`;
    case 'variable':
      return `$${expr.name}`;
    case 'window':
      return expressionText(expr);
    default:
      return expr satisfies never;
  }
}

const a = col('a');

describe('operators', () => {
  test.each<[Column, string]>([
    [a, 'a'],
    [col('*'), '*'],
    [col('t.*'), 't.*'],
    [a.as('b'), 'a AS b'],
    [a.eq(1), '(= a 1:int32)'],
    [a.ne('x'), "(not (= a 'x':string))"],
    [a.eqNullSafe(null), '(<=> a null:null)'],
    [a.lt(1).and(a.le(2)), '(and (< a 1:int32) (<= a 2:int32))'],
    [a.gt(1).or(a.ge(2)).not(), '(not (or (> a 1:int32) (>= a 2:int32)))'],
    [a.between(1, col('b')), '(and (>= a 1:int32) (<= a b))'],
    [a.plus(1).minus(2).times(3).divide(4).mod(5), '(% (/ (* (- (+ a 1:int32) 2:int32) 3:int32) 4:int32) 5:int32)'],
    [a.neg(), '(negative a)'],
    [a.isNull(), '(isnull a)'],
    [a.isNotNull(), '(isnotnull a)'],
    [a.isin(1, 2), '(in a 1:int32 2:int32)'],
    [a.isin([1, 2]), '(in a 1:int32 2:int32)'],
    [a.isin(), 'false:boolean'],
    [a.like('x%'), "(like a 'x%':string)"],
    [a.ilike('x%'), "(ilike a 'x%':string)"],
    [a.rlike('x+'), "(rlike a 'x+':string)"],
    [a.startsWith('x'), "(startswith a 'x':string)"],
    [a.endsWith(col('b')), '(endswith a b)'],
    [a.contains('x'), "(contains a 'x':string)"],
    [a.substr(1, 2), '(substring a 1:int32 2:int32)'],
    [a.cast('int'), 'cast(a {"kind":"int32"})'],
    [a.tryCast('decimal(10,2)'), 'try_cast(a {"kind":"decimal","precision":10,"scale":2})'],
    [a.getItem(0), '(getitem a 0:int32)'],
    [a.getField('x'), "(getfield a 'x':string)"],
    [when(a.eq(1), 'one').when(a.eq(2), 'two').otherwise(col('b')), "(case (= a 1:int32) 'one':string (= a 2:int32) 'two':string b)"],
    [when(a, 1), '(case a 1:int32)'],
  ])('%#: %o', (column, text) => {
    expect(show(column.expr)).toBe(text);
  });

  test('sort orders', () => {
    const [asc, desc] = [
      { expr: a.expr, ascending: true, nullsFirst: true },
      { expr: a.expr, ascending: false, nullsFirst: false },
    ];
    expect(
      [a.asc(), a.ascNullsFirst(), a.ascNullsLast(), a.desc(), a.descNullsLast(), a.descNullsFirst()].map((order) => order.key),
    ).toEqual([asc, asc, { ...asc, nullsFirst: false }, desc, desc, { ...desc, nullsFirst: true }]);
  });

  test('everything is frozen', () => {
    const expr = when(a.eq(1), 2).otherwise(3).expr;
    expect(Object.isFrozen(expr) && expr.kind === 'call' && Object.isFrozen(expr.args) && Object.isFrozen(expr.args[0])).toBe(true);
  });

  test('JavaScript operators on columns are refused', () => {
    expect(() => `${a}`).toThrow(expect.objectContaining({ condition: 'UNSUPPORTED_OPERATION', kind: 'user' }));
    expect(() => (a as unknown as number) + 1).toThrow(/JavaScript operators/);
  });
});

describe('literals', () => {
  test.each<[Operand, unknown, unknown]>([
    ['x', 'x', { kind: 'string' }],
    [true, true, { kind: 'boolean' }],
    [5, 5, { kind: 'int32' }],
    [-(2 ** 31), -(2 ** 31), { kind: 'int32' }],
    [2 ** 31, 2n ** 31n, { kind: 'int64' }],
    [2 ** 53, 2 ** 53, { kind: 'float64' }],
    [0.5, 0.5, { kind: 'float64' }],
    [-0, -0, { kind: 'float64' }],
    [Number.NaN, Number.NaN, { kind: 'float64' }],
    [5n, 5n, { kind: 'int64' }],
    [2n ** 63n, 2n ** 63n, { kind: 'decimal', precision: 38, scale: 0 }],
    [null, null, { kind: 'null' }],
    [new Date(1.5e12), 1_500_000_000_000_000n, { kind: 'timestamp' }],
    [new Timestamp(7n), 7n, { kind: 'timestamp' }],
    [new LocalDateTime(7n), 7n, { kind: 'timestamp_ntz' }],
    [LocalDate.of(1970, 1, 11), 10, { kind: 'date' }],
    [Decimal.parse('-1.50'), -150n, { kind: 'decimal', precision: 3, scale: 2 }],
    [Decimal.parse('0.05'), 5n, { kind: 'decimal', precision: 2, scale: 2 }],
    [Uint8Array.of(1), Uint8Array.of(1), { kind: 'binary' }],
  ])('%o', (value, engineValue, type) => {
    expect(literalOf(value)).toEqual({ kind: 'literal', value: engineValue, type });
  });

  test.each([[undefined], [{}], [[1]], [() => 1], [Symbol.iterator], [10n ** 38n], [new Date(Number.NaN)]])('not %o', (value) => {
    expect(() => literalOf(value)).toThrow(expect.objectContaining({ condition: 'UNSUPPORTED_LITERAL', kind: 'user' }));
  });
});

describe('functions', () => {
  test.each<[Column, string]>([
    [count(), '(count 1:int32)'],
    [count('*'), '(count 1:int32)'],
    [count('a'), '(count a)'],
    [countDistinct('a', col('b')), '(count! a b)'],
    [sum(col('a').times(2)), '(sum (* a 2:int32))'],
    [first('a'), '(first a)'],
    [first('a', true), '(first a true:boolean)'],
    [split('a', ','), "(split a ',':string -1:int32)"],
    [concatWs('-', 'a', lit('b')), "(concat_ws '-':string a 'b':string)"],
    [coalesce('a', lit(0)), '(coalesce a 0:int32)'],
    [trim('a'), '(trim a)'],
    [trim('a', 'xy'), "(btrim a 'xy':string)"],
    [ltrim('a', 'xy'), "(ltrim 'xy':string a)"],
    [pow('a', 2), '(power a 2:int32)'],
    [unixTimestamp(), '(unix_timestamp)'],
    [unixTimestamp('a', 'yyyy'), "(unix_timestamp a 'yyyy':string)"],
  ])('%#: %o', (column, text) => {
    expect(show(column.expr)).toBe(text);
  });

  test('an argument that is neither column nor name is refused', () => {
    const refused = (given: unknown, hint: string) =>
      expect(() => sum(given as string)).toThrow(expect.objectContaining({ condition: 'INVALID_COLUMN', hint }));
    refused(5, 'A value becomes a column by lit(value)');
    refused(undefined, "A column is 'name' or col('name'); a DataFrame has no property for it");
    refused(count, 'Call it: count(…)');
    refused({ price: 'sum' }, "An aggregate is a column: sum('price')");
    refused(['a', 'b'], 'Write the columns one after the other: f(a, b), or f(...columns)');
  });
});
