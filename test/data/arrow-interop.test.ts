import * as arrow from 'apache-arrow';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromArrowTable, toArrowTable } from '../../src/data/arrow-interop.js';
import type { Batch, ColumnOf } from '../../src/data/batch.js';
import { columnOf } from '../../src/data/builder.js';
import type { DataType } from '../../src/data/types.js';
import * as types from '../../src/data/types.js';
import { readRows } from '../../src/data/value.js';
import { encoded, filledBatches } from './arbitraries.js';

/** All rows of one column, over all batches. */
function rowsOf(batches: readonly Batch[], column: number, type: DataType) {
  return batches.flatMap((batch) => readRows(batch.columns[column], type));
}

test('slices of tables keep their rows', async () => {
  await fc.assert(
    fc.asyncProperty(filledBatches, fc.nat(), fc.nat(), async ({ schema, batches, values }, a, b) => {
      if (schema.fields.length === 0 || batches.length === 0) return;
      const table = await toArrowTable(schema, batches);
      const [from, to] = [a % (table.numRows + 1), b % (table.numRows + 1)].sort((x, y) => x - y);
      const sliced = fromArrowTable(table.slice(from, to));
      schema.fields.forEach((f, i) => {
        expect(sliced.schema.fields[i].type).toEqual(f.type);
        expect(rowsOf(sliced.batches, i, f.type)).toEqual(values.flatMap((columns) => [...columns[i]]).slice(from, to));
      });
    }),
    { numRuns: 100 },
  );
});

test('decimals leave as Decimal128 and dictionaries as dictionaries', async () => {
  const schema = types.schemaOf(types.field('d', types.decimal(10, 2)), types.field('s', types.STRING));
  const table = await toArrowTable(schema, [
    { length: 1, columns: [columnOf(types.decimal(10, 2), [-150n]), encoded(types.STRING, ['a'])] },
  ]);
  expect(table.schema.fields[0].type.bitWidth).toBe(128);
  expect(arrow.DataType.isDictionary(table.schema.fields[1].type)).toBe(true);
  const back = fromArrowTable(table);
  expect(readRows(back.batches[0].columns[0], types.decimal(10, 2))).toEqual([-150n]);
  expect(back.batches[0].columns[1].layout).toBe('dictionary');
});

test('columns of one layout share the memory', () => {
  const values = Int32Array.of(1, 2, 3);
  const { batches } = fromArrowTable(arrow.tableFromArrays({ n: values }));
  expect((batches[0].columns[0] as ColumnOf<'fixed'>).values.buffer).toBe(values.buffer);
});

describe('types that minispark has not', () => {
  const fixedList = new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Int8(), true));
  const largeOffsets = BigInt64Array.of(0n, 2n, 2n, 3n);
  const ab = Buffer.from('abc');
  const bitmap = Uint8Array.of(0b101);
  test.each<[string, arrow.Data, DataType, readonly unknown[]]>([
    ['uint8', arrow.makeData({ type: new arrow.Uint8(), data: Uint8Array.of(255, 1) }), types.INT16, [255, 1]],
    ['uint16', arrow.makeData({ type: new arrow.Uint16(), data: Uint16Array.of(65535) }), types.INT32, [65535]],
    ['uint32', arrow.makeData({ type: new arrow.Uint32(), data: Uint32Array.of(4294967295) }), types.INT64, [4294967295n]],
    [
      'uint64',
      arrow.makeData({ type: new arrow.Uint64(), data: BigUint64Array.of(2n ** 64n - 1n) }),
      types.decimal(20, 0),
      [2n ** 64n - 1n],
    ],
    [
      'large utf8',
      arrow.makeData({ type: new arrow.LargeUtf8(), valueOffsets: largeOffsets, data: ab, nullBitmap: bitmap, nullCount: 1 }),
      types.STRING,
      ['ab', null, 'c'],
    ],
    [
      'large binary',
      arrow.makeData({ type: new arrow.LargeBinary(), valueOffsets: largeOffsets, data: ab }),
      types.BINARY,
      [Uint8Array.of(97, 98), Uint8Array.of(), Uint8Array.of(99)],
    ],
    [
      'fixed-size binary',
      arrow.makeData({ type: new arrow.FixedSizeBinary(2), data: Uint8Array.of(1, 2, 3, 4), length: 2 }),
      types.BINARY,
      [Uint8Array.of(1, 2), Uint8Array.of(3, 4)],
    ],
    [
      'fixed-size list',
      arrow.makeData({ type: fixedList, length: 2, child: arrow.makeData({ type: new arrow.Int8(), data: Int8Array.of(1, 2, 3, 4) }) }),
      types.arrayOf(types.INT8),
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'date in milliseconds',
      arrow.makeData({ type: new arrow.DateMillisecond(), data: BigInt64Array.of(86_400_000n, -86_400_000n) }),
      types.DATE,
      [1, -1],
    ],
    [
      'timestamp in seconds',
      arrow.makeData({ type: new arrow.TimestampSecond('UTC'), data: BigInt64Array.of(2n) }),
      types.TIMESTAMP,
      [2_000_000n],
    ],
    [
      'timestamp in milliseconds',
      arrow.makeData({ type: new arrow.TimestampMillisecond(), data: BigInt64Array.of(2n) }),
      types.TIMESTAMP_NTZ,
      [2_000n],
    ],
    [
      'timestamp in nanoseconds',
      arrow.makeData({ type: new arrow.TimestampNanosecond(), data: BigInt64Array.of(1999n, -1n, -1000n) }),
      types.TIMESTAMP_NTZ,
      [1n, -1n, -1n],
    ],
    [
      'decimal of 32 bits',
      arrow.makeData({ type: new arrow.Decimal(1, 5, 32), data: Uint32Array.of(4294967295, 7) }),
      types.decimal(5, 1),
      [-1n, 7n],
    ],
  ])('%s', (_, data, type, values) => {
    const { schema, batches } = fromArrowTable(new arrow.Table({ c: new arrow.Vector([data]) }));
    expect(schema.fields[0].type).toEqual(type);
    expect(readRows(batches[0].columns[0], type)).toEqual(values);
  });

  test('codes of any width', () => {
    const words = arrow.vectorFromArray(['a', 'b'], new arrow.Utf8());
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Uint8());
    const data = arrow.makeData({ type, data: Uint8Array.of(1, 0, 1), dictionary: words });
    const { batches } = fromArrowTable(new arrow.Table({ c: new arrow.Vector([data]) }));
    expect(batches[0].columns[0].layout).toBe('dictionary');
    expect(readRows(batches[0].columns[0], types.STRING)).toEqual(['b', 'a', 'b']);
  });

  test('and cannot take are refused by name', () => {
    const time = arrow.makeData({ type: new arrow.TimeSecond(), data: Int32Array.of(1) });
    const struct = arrow.makeData({ type: new arrow.Struct([new arrow.Field('t', time.type, true)]), children: [time] });
    expect(() => fromArrowTable(new arrow.Table({ c: new arrow.Vector([struct]) }))).toThrow(
      expect.objectContaining({
        kind: 'user',
        condition: 'UNSUPPORTED_ARROW_TYPE',
        message: 'Column c.t has the Arrow type Time32<SECOND>, which minispark has no type for.',
      }),
    );
  });
});
