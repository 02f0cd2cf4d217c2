/** Arithmetic, comparison and logic of literals; the answers are Spark's. */
import { expect, test } from 'vitest';
import { BOOLEAN, DATE, decimal, FLOAT64, INT32 } from '../../../src/data/types.js';
import { answer, call, cast, dec, double, lit, nullOf, type Operand } from './evaluate.js';

const table: readonly (readonly [string, Operand, Operand, string])[] = [
  ['+', 2147483647, 7, 'ARITHMETIC_OVERFLOW'],
  ['+', 1, '2', 'bigint: 3'],
  ['+', dec('1.25'), 7, 'decimal(4,2): 8.25'],
  ['+', cast(1, decimal(38, 10)), dec('-99.995'), 'decimal(38,9): -98.995000000'],
  ['+', nullOf(INT32), 7, 'int: NULL'],
  ['+', 9223372036854775807n, 1n, 'ARITHMETIC_OVERFLOW'],
  ['-', double(1.5), 9007199254740993n, 'double: -9.00719925474099E15'],
  ['-', lit(19782, DATE), 1, 'date: 2024-02-28'],
  ['*', -1, 0, 'int: 0'],
  ['*', double(-0), 0, 'double: -0.0'],
  ['*', dec('1.25'), dec('12345678901234567.89'), 'decimal(23,4): 15432098626543209.8625'],
  ['*', dec('-99.995'), cast(1, decimal(38, 10)), 'decimal(38,7): -99.9950000'],
  ['/', 7, -1, 'double: -7.0'],
  ['/', dec('1.25'), 9007199254740993n, 'decimal(20,19): 0.0000000000000001388'],
  ['/', 0, 0, 'DIVIDE_BY_ZERO'],
  ['/', double(1), double(-0), 'DIVIDE_BY_ZERO'],
  ['%', -1, 1, 'int: 0'],
  ['%', dec('-99.995'), 7, 'decimal(4,3): -1.995'],
  ['%', double(Number.NaN), double(0), 'REMAINDER_BY_ZERO'],
  ['pmod', -7, 3, 'int: 2'],
  ['div', 5, 2, 'bigint: 2'],
  ['div', double(5), 2, 'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES'],
  ['+', 'a', true, 'DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE'],
  ['=', double(Number.NaN), double(Number.NaN), 'boolean: true'],
  ['<', double(1e300), double(Number.NaN), 'boolean: true'],
  ['=', double(0), double(-0), 'boolean: true'],
  ['<', ' a b ', '😀x', 'boolean: true'],
  ['<', '\uffee', '😀', 'boolean: true'],
  ['=', '3', 3, 'boolean: true'],
  ['=', 'x', 3, 'CAST_INVALID_INPUT'],
  ['<=>', null, null, 'boolean: true'],
  ['<=>', null, 1, 'boolean: false'],
  ['=', null, 1, 'boolean: NULL'],
  ['and', nullOf(BOOLEAN), false, 'boolean: false'],
  ['and', nullOf(BOOLEAN), true, 'boolean: NULL'],
  ['or', nullOf(BOOLEAN), true, 'boolean: true'],
  ['or', nullOf(BOOLEAN), false, 'boolean: NULL'],
];

test.each(table)('%s of %o and %o', (fn, a, b, expected) => {
  expect(answer(call(fn, a, b))).toBe(expected);
});

test('greatest leaves nulls out and takes NaN for largest', () => {
  expect(answer(call('greatest', 1, nullOf(INT32), 3))).toBe('int: 3');
  expect(answer(call('greatest', double(Number.NaN), double(1)))).toBe('double: NaN');
  expect(answer(call('least', nullOf(FLOAT64), nullOf(FLOAT64)))).toBe('double: NULL');
});

test('branches take their common type', () => {
  expect(answer(call('if', true, 1, 2n))).toBe('bigint: 1');
  expect(answer(call('case', false, 1, true, dec('2.50'), 3))).toBe('decimal(12,2): 2.50');
  expect(answer(call('case', false, 1))).toBe('int: NULL');
  expect(answer(call('coalesce', null, dec('1.5'), 2))).toBe('decimal(11,1): 1.5');
  expect(answer(call('in', 3, 1, null))).toBe('boolean: NULL');
  expect(answer(call('in', 3, 1, 3, null))).toBe('boolean: true');
});

test('negation at the edge of a type overflows', () => {
  expect(answer(call('negative', -2147483648))).toBe('ARITHMETIC_OVERFLOW');
  expect(answer(call('abs', -(2n ** 63n)))).toBe('ARITHMETIC_OVERFLOW');
  expect(answer(call('abs', double(-0)))).toBe('double: 0.0');
});
