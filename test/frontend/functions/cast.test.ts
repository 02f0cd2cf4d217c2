/** Casts between all types; the answers are Spark's (ANSI). */
import { expect, test } from 'vitest';
import {
  arrayOf,
  BINARY,
  BOOLEAN,
  DATE,
  type DataType,
  decimal,
  FLOAT32,
  FLOAT64,
  INT16,
  INT32,
  INT64,
  STRING,
  TIMESTAMP,
} from '../../../src/data/types.js';
import { answer, call, cast, dec, double, lit, nullOf, type Operand } from './evaluate.js';

const table: readonly (readonly [Operand, DataType, string])[] = [
  [' 12 ', INT32, 'int: 12'],
  ['-3.5', INT32, 'CAST_INVALID_INPUT'],
  ['99999999999', INT32, 'CAST_INVALID_INPUT'],
  ['', INT32, 'CAST_INVALID_INPUT'],
  ['infinity', FLOAT64, 'double: Infinity'],
  ['1e3', FLOAT64, 'double: 1000.0'],
  ['1.005', decimal(10, 2), 'decimal(10,2): 1.01'],
  ['yes', BOOLEAN, 'boolean: true'],
  ['2024-2-9', DATE, 'date: 2024-02-09'],
  ['2024', DATE, 'date: 2024-01-01'],
  ['12', DATE, 'CAST_INVALID_INPUT'],
  ['2024-02-29 23:59:59.5+01:00', TIMESTAMP, 'timestamp: 2024-02-29 22:59:59.5'],
  [double(2.9), INT32, 'int: 2'],
  [double(1e300), INT64, 'CAST_OVERFLOW'],
  [double(Number.NaN), INT32, 'CAST_OVERFLOW'],
  [double(2 ** 63), INT64, 'bigint: 9223372036854775807'],
  [dec('-99.995'), INT16, 'smallint: -99'],
  [dec('-99.995'), decimal(10, 2), 'decimal(10,2): -100.00'],
  [12345678901n, INT32, 'CAST_OVERFLOW'],
  [-2147483648, decimal(10, 2), 'NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION'],
  [double(Number.POSITIVE_INFINITY), decimal(10, 2), 'decimal(10,2): NULL'],
  [2147483647, FLOAT32, 'float: 2.14748365E9'],
  [9007199254740993n, FLOAT32, 'float: 9.0071993E15'],
  [9007199254740993n, FLOAT64, 'double: 9.007199254740992E15'],
  [double(1e300), STRING, 'string: 1.0E300'],
  [double(1e-4), STRING, 'string: 1.0E-4'],
  [double(0.001), STRING, 'string: 0.001'],
  [9007199254740993n, TIMESTAMP, 'timestamp: +294247-01-10 04:00:54.775807'],
  [double(-2.5), TIMESTAMP, 'timestamp: 1969-12-31 23:59:57.5'],
  [lit(-86400000000n, TIMESTAMP), INT64, 'bigint: -86400'],
  [lit(-1n, TIMESTAMP), DATE, 'date: 1969-12-31'],
  [true, decimal(10, 2), 'decimal(10,2): 1.00'],
  [1, DATE, 'DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION'],
  [lit(0, DATE), BOOLEAN, 'DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION'],
  [true, BINARY, 'DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION'],
  [nullOf(DATE), INT32, 'DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION'],
  [call('array', 1, null, 3), STRING, 'string: [1, null, 3]'],
  [call('map', 'a', double(1)), STRING, 'string: {a -> 1.0}'],
  [call('array', '1', '2'), arrayOf(INT32), 'array<int>: [1, 2]'],
];

test.each(table)('cast(%o as %o)', (value, to, expected) => {
  expect(answer(cast(value, to))).toBe(expected);
});

test('try_cast gives null where the value is at fault, and no legacy remedy where the types are', () => {
  expect(answer(cast('x', INT32, true))).toBe('int: NULL');
  expect(answer(cast(12345678901n, INT32, true))).toBe('int: NULL');
  expect(answer(cast(lit(0, DATE), BOOLEAN, true))).toBe('DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION');
});
