import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf } from '../../../src/data/builder.js';
import { BOOLEAN, DATE, type DataType, decimal, FLOAT32, FLOAT64, INT8, INT32, INT64, STRING } from '../../../src/data/types.js';
import { compareValues, type EngineValue, readValue } from '../../../src/data/value.js';
import { sortedRows } from '../../../src/engine/exec/sort-keys.js';

const odd = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5, -1.5, 5e-324, -5e-324, 1e308, -1e308];
const VALUES: [DataType, fc.Arbitrary<EngineValue>][] = [
  [INT8, fc.integer({ min: -128, max: 127 })],
  [INT32, fc.integer()],
  [DATE, fc.integer({ min: -1000, max: 1000 })],
  [INT64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [INT64, fc.bigInt({ min: -3n, max: 3n })],
  [decimal(18, 2), fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n })],
  [decimal(38, 2), fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })],
  [FLOAT64, fc.oneof(fc.constantFrom(...odd), fc.double())],
  [FLOAT32, fc.oneof(fc.constantFrom(...odd.slice(0, 7)), fc.float())],
  [STRING, fc.string({ unit: 'grapheme', maxLength: 12 })],
  [STRING, fc.constantFrom('', 'a', 'a\0', 'prefix-1', 'prefix-12', 'prefix-2', '\u{1f986}')],
  [BOOLEAN, fc.boolean()],
];

const direction = fc.record({ ascending: fc.boolean(), nullsFirst: fc.boolean() });

test.each(VALUES)('rows in order of %o, ties in order of the second key, then of the rows', (type, value) => {
  const rows = fc.array(fc.tuple(fc.option(value, { freq: 6 }), fc.option(fc.integer({ min: 0, max: 3 }))), {
    minLength: 0,
    maxLength: 700,
    size: 'max',
  });
  fc.assert(
    fc.property(rows, direction, direction, fc.boolean(), (drawn, first, second, hasSecond) => {
      const types = hasSecond ? [type, INT32] : [type];
      const columns = types.map((t, k) =>
        columnOf(
          t,
          drawn.map((row) => row[k]),
        ),
      );
      const keys = [first, second]
        .slice(0, types.length)
        .map((d, index) => ({ ...d, expr: { kind: 'input' as const, index, type: types[index], nullable: true } }));
      const expected = drawn
        .map((_, i) => i)
        .sort((a, b) => {
          for (const [k, { ascending, nullsFirst }] of keys.entries()) {
            const [x, y] = [a, b].map((row) => readValue(columns[k], types[k], row));
            if (x === null && y === null) continue;
            if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1;
            const order = compareValues(x, y, types[k]);
            if (order !== 0) return ascending ? order : -order;
          }
          return a - b;
        });
      expect([...sortedRows(columns, keys, drawn.length)]).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});
