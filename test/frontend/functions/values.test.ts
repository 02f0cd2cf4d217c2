/** Numbers, dates and nested values; the answers are Spark's. */
import { expect, test } from 'vitest';
import { parseDate } from '../../../src/data/temporal-text.js';
import { DATE, decimal, INT32, STRING, TIMESTAMP } from '../../../src/data/types.js';
import { parseTimestamp } from '../../../src/data/zone.js';
import { answer, call, cast, dec, double, lit, nullOf, type Operand } from './evaluate.js';

const date = (text: string) => lit(parseDate(text), DATE);
const time = (text: string) => lit(parseTimestamp(text), TIMESTAMP);
const list = (...items: readonly Operand[]) => call('array', ...items);

const table: readonly (readonly [string, readonly Operand[], string])[] = [
  ['round', [double(2.5)], 'double: 3.0'],
  ['bround', [double(2.5), 0], 'double: 2.0'],
  ['round', [dec('12345678901234567.89'), -2], 'decimal(18,0): 12345678901234600'],
  ['round', [2147483647, -1], 'ARITHMETIC_OVERFLOW'],
  ['ceil', [dec('1.25')], 'decimal(2,0): 2'],
  ['floor', [dec('-99.995'), 1], 'decimal(4,1): -100.0'],
  ['ceil', [double(1e300)], 'ARITHMETIC_OVERFLOW'],
  ['floor', [double(-1.5)], 'bigint: -2'],
  ['log', [double(0)], 'double: NULL'],
  ['pow', [2, 10], 'double: 1024.0'],
  ['factorial', [21], 'bigint: NULL'],
  ['shiftleft', [2147483647, -1], 'int: -2147483648'],
  ['bit_count', [-1], 'int: 64'],
  ['hash', [1], 'int: -559580957'],
  ['xxhash64', [0n], 'bigint: -5252525462095825812'],
  ['year', [date('1582-10-15')], 'int: 1582'],
  ['weekofyear', [time('2000-01-01 00:00:00')], 'int: 52'],
  ['dayofweek', [date('2024-02-29')], 'int: 5'],
  ['hour', [time('2024-02-29 23:59:59')], 'int: 23'],
  ['date_add', [date('2024-02-29'), 366], 'date: 2025-03-01'],
  ['add_months', [date('2024-01-31'), 1], 'date: 2024-02-29'],
  ['datediff', [date('1970-01-01'), date('2024-02-29')], 'int: -19782'],
  ['date_trunc', ['WEEK', date('1970-01-01')], 'timestamp: 1969-12-29 00:00:00'],
  ['trunc', [date('2024-05-17'), 'QUARTER'], 'date: 2024-04-01'],
  ['date_format', [time('2024-02-29 23:59:59.123456'), 'EEE MMM d h a yy SSS'], 'string: Thu Feb 29 11 PM 24 123'],
  ['to_date', ['29/02/2024', 'dd/MM/yyyy'], 'date: 2024-02-29'],
  ['to_timestamp', ['2024-02-30'], 'CAST_INVALID_INPUT'],
  ['to_timestamp', ['x', 'yyyy'], 'CANNOT_PARSE_TIMESTAMP'],
  ['try_to_timestamp', ['2024-13-01'], 'timestamp: NULL'],
  ['unix_timestamp', ['1970-01-02 00:00:01'], 'bigint: 86401'],
  ['make_date', [2023, 2, 29], 'DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION'],
  ['to_utc_timestamp', [time('2024-07-01 12:00:00'), 'Europe/Paris'], 'timestamp: 2024-07-01 10:00:00'],
  ['date_format', [time('2024-07-01 12:00:00'), 'yyyy-ww'], 'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION'],
  ['size', [list(1, 2, 3)], 'int: 3'],
  ['element_at', [list(3, 1), -1], 'int: 1'],
  ['element_at', [list(3, 1), 3], 'INVALID_ARRAY_INDEX_IN_ELEMENT_AT'],
  ['getitem', [list(3, 1), 2], 'INVALID_ARRAY_INDEX'],
  ['get', [list(3, 1), 2], 'int: NULL'],
  ['array_contains', [list(1, null), 2], 'boolean: NULL'],
  ['sort_array', [list(3, null, 1), false], 'array<int>: [3, 1, null]'],
  ['array_except', [list(3, 1, null, 2), list(2)], 'array<int>: [3, 1, null]'],
  ['slice', [list(1, 2, 3), -2, 2], 'array<int>: [2, 3]'],
  ['sequence', [5, 1, -2], 'array<int>: [5, 3, 1]'],
  ['array', [1, 2n], 'array<bigint>: [1, 2]'],
  ['element_at', [call('map', 'a', 1, 'b', 2), 'b'], 'int: 2'],
  ['map', ['a', 1, 'a', 2], 'DUPLICATED_MAP_KEY'],
  ['getfield', [call('named_struct', 'a', 1, 'b', 'x'), 'B'], 'string: x'],
  ['getfield', [call('named_struct', 'a', 1), 'z'], 'FIELD_NOT_FOUND'],
  ['typeof', [call('named_struct', 'a', cast(1, decimal(5, 1)))], 'string: struct<a:decimal(5,1)>'],
  ['try_divide', [1, 0], 'double: NULL'],
  ['raise_error', ['no'], 'USER_RAISED_EXCEPTION'],
  ['array_repeat', [nullOf(STRING), lit(2, INT32)], 'array<string>: [null, null]'],
];

test.each(table)('%s%o', (fn, args, expected) => {
  expect(answer(call(fn, ...args))).toBe(expected);
});
