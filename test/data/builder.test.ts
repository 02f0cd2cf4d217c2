import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextCapacity } from '../../src/data/alloc.js';
import type { ColumnOf } from '../../src/data/batch.js';
import { columnOf, createBuilder } from '../../src/data/builder.js';
import type { BitsBuilder } from '../../src/data/builder-bits.js';
import type { BytesBuilder } from '../../src/data/builder-bytes.js';
import type { FixedBuilder, Int64Builder } from '../../src/data/builder-fixed.js';
import type { ListBuilder, StructBuilder } from '../../src/data/builder-nested.js';
import { columnBytes } from '../../src/data/size.js';
import * as types from '../../src/data/types.js';
import { readRows } from '../../src/data/value.js';
import { anyType, filledColumn } from './arbitraries.js';

test('what is appended is what is read, also when the builder is used again', () => {
  const twoColumns = fc
    .tuple(anyType(), fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.nat({ max: 50 }))
    .chain(([type, a, b, capacity]) => fc.tuple(filledColumn(type, a), filledColumn(type, b), fc.constant(capacity)));
  fc.assert(
    fc.property(twoColumns, ([first, second, capacity]) => {
      const builder = createBuilder(first.type, capacity);
      const finished = [first, second].map(({ values, column }) => {
        values.forEach((value, row) => {
          if (row % 2 === 0) builder.append(value);
          else builder.appendFrom(column, row);
        });
        expect(builder.length).toBe(values.length);
        const bytes = builder.byteSize();
        const done = builder.finish();
        expect(builder.length).toBe(0);
        expect(bytes).toBe(columnBytes(done));
        return done;
      });
      expect(finished.map((column) => readRows(column, first.type))).toEqual([first.values, second.values]);
    }),
    { numRuns: 300 },
  );
});

test('validity exists only where a null does', () => {
  expect((columnOf(types.INT32, [1, 2]) as ColumnOf<'fixed'>).validity).toBe(null);
  expect((columnOf(types.INT32, [1, null, 3]) as ColumnOf<'fixed'>).validity).toEqual(Uint8Array.of(0b101));
});

test('null rows and unused bits are zero, so that equal columns are equal bytes', () => {
  const builder = createBuilder(types.INT32, 100);
  for (let i = 0; i < 10; i++) builder.append(-1);
  builder.finish();
  builder.appendNull();
  builder.append(5);
  expect(builder.finish()).toEqual({ layout: 'fixed', length: 2, validity: Uint8Array.of(2), values: Int32Array.of(0, 5) });
});

describe('hot methods', () => {
  test('doubles are stored as exact 64-bit integers', () => {
    const edge = [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32), 2 ** 32 - 1, -(2 ** 32) - 1, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, -0];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...edge), fc.maxSafeInteger()), (n) => {
        const builder = createBuilder(types.INT64, 1) as FixedBuilder;
        builder.appendDouble(n);
        expect(readRows(builder.finish(), types.INT64)).toEqual([BigInt(n)]);
      }),
    );
  });

  test('lanes are low and high halves', () => {
    const builder = createBuilder(types.TIMESTAMP, 1) as Int64Builder;
    builder.appendLanes(-1, 0);
    builder.appendLanes(0, -1);
    expect(readRows(builder.finish(), types.TIMESTAMP)).toEqual([4294967295n, -4294967296n]);
  });

  test('numbers grow past the first capacity', () => {
    const builder = createBuilder(types.FLOAT64, 1) as FixedBuilder;
    const values = Array.from({ length: 1000 }, (_, i) => i / 2);
    for (const value of values) builder.appendNumber(value);
    expect(readRows(builder.finish(), types.FLOAT64)).toEqual(values);
  });

  test('booleans, slices and texts', () => {
    const bits = createBuilder(types.BOOLEAN, 4) as BitsBuilder;
    bits.appendBool(1);
    bits.appendBool(false);
    bits.appendBool(true);
    expect(readRows(bits.finish(), types.BOOLEAN)).toEqual([true, false, true]);
    const bytes = createBuilder(types.STRING, 4) as BytesBuilder;
    bytes.appendSlice(Buffer.from('one two'), 4, 7);
    bytes.appendString('ünï\ud800');
    bytes.appendString(`${'a'.repeat(60)}😀`);
    expect(bytes.dataBytes()).toBe(3 + 8 + 64);
    expect(readRows(bytes.finish(), types.STRING)).toEqual(['two', 'ünï\ufffd', `${'a'.repeat(60)}😀`]);
  });

  test('nested rows can be built child by child', () => {
    const lists = createBuilder(types.arrayOf(types.INT32), 2) as ListBuilder;
    (lists.child as FixedBuilder).appendNumber(1);
    (lists.child as FixedBuilder).appendNumber(2);
    lists.endRow();
    lists.endRow();
    expect(readRows(lists.finish(), types.arrayOf(types.INT32))).toEqual([[1, 2], []]);
    const pair = types.structOf([types.field('a', types.INT32), types.field('b', types.STRING)]);
    const structs = createBuilder(pair, 2) as StructBuilder;
    structs.children[0].append(1);
    structs.children[1].appendNull();
    structs.endRow();
    structs.appendNull();
    expect(readRows(structs.finish(), pair)).toEqual([[1, null], null]);
  });
});

test('a mostly empty builder keeps its buffer and hands a copy over', () => {
  const builder = createBuilder(types.INT32, 1000) as FixedBuilder;
  builder.appendNumber(1);
  const first = builder.finish() as ColumnOf<'fixed'>;
  builder.appendNumber(2);
  expect(first.values).toEqual(Int32Array.of(1));
  expect(first.values.buffer.byteLength).toBe(4);
  expect(readRows(builder.finish(), types.INT32)).toEqual([2]);
});

test('no column passes 2 GiB', () => {
  expect(() => nextCapacity(2 ** 30, 2 ** 31, 1)).toThrow(/2 GiB/);
  expect(nextCapacity(2 ** 30, 2 ** 30 + 1, 1)).toBe(2 ** 31 - 1);
});
