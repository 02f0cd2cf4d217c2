import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnOf } from '../../src/data/builder.js';
import { hashColumns, partitionOf } from '../../src/data/hash.js';
import { daysFromCivil } from '../../src/data/temporal.js';
import type { DataType } from '../../src/data/types.js';
import * as types from '../../src/data/types.js';
import type { EngineValue } from '../../src/data/value.js';
import { anyType, encoded, filledColumn } from './arbitraries.js';

function hashOne(type: DataType, value: EngineValue): number {
  return hashColumns([columnOf(type, [value])], [type], 1)[0];
}

describe('hashes of a real Spark', () => {
  test.each<[string, DataType, EngineValue, number]>([
    ['null', types.INT64, null, 42],
    ['false', types.BOOLEAN, false, 933211791],
    ['true', types.BOOLEAN, true, -559580957],
    ['int 7', types.INT32, 7, 1079293707],
    ['tinyint 1', types.INT8, 1, -559580957],
    ['smallint 1', types.INT16, 1, -559580957],
    ['the largest bigint', types.INT64, 2n ** 63n - 1n, -1604625029],
    ['double 1.5', types.FLOAT64, 1.5, 1290763749],
    ['double 1e300', types.FLOAT64, 1e300, -359479591],
    ['double NaN', types.FLOAT64, Number.NaN, -1281358385],
    ['double Infinity', types.FLOAT64, Number.POSITIVE_INFINITY, 833680482],
    ['-99.995', types.decimal(5, 3), -99995n, 341646805],
    ['a decimal of 19 digits', types.decimal(19, 2), 1234567890123456789n, -285683440],
    ['1 as decimal(38,10)', types.decimal(38, 10), 10_000_000_000n, -913492360],
    ['no text', types.STRING, '', 142593372],
    ['text of one word and more', types.STRING, '-3.5', -742312118],
    ['text shorter than a word', types.STRING, '12', -155192030],
    ['text with a tail', types.STRING, ' a b ', -35061034],
    ['0001-01-01', types.DATE, daysFromCivil(1, 1, 1), -1147107224],
    ['1582-10-15', types.DATE, daysFromCivil(1582, 10, 15), -917758866],
    ['1969-12-31 00:00:00', types.TIMESTAMP, -86_400_000_000n, 1797929337],
    ['an empty array', types.arrayOf(types.INT32), [], 42],
    ['an array with a null', types.arrayOf(types.INT32), [3, 1, null, 2], 361794139],
  ])('%s', (_, type, value, expected) => {
    expect(hashOne(type, value)).toBe(expected);
    expect(hashOne(types.structOf([types.field('x', type)]), [value])).toBe(expected);
  });
});

/** MurmurHash3 with Spark's tail, over bigints, written down from its definition: slow and plain. */
function slowHash(bytes: readonly number[]): number {
  const word = (n: bigint) => BigInt.asUintN(32, n);
  const rotate = (n: bigint, by: bigint) => word(n << by) | (n >> (32n - by));
  let hash = 42n;
  const mix = (k: number) => {
    const key = word(rotate(word(word(BigInt(k)) * 0xcc9e2d51n), 15n) * 0x1b873593n);
    hash = word(rotate(hash ^ key, 13n) * 5n + 0xe6546b64n);
  };
  const words = bytes.length >> 2;
  for (let i = 0; i < words; i++) mix(Buffer.from(bytes).readInt32LE(4 * i));
  for (const byte of bytes.slice(4 * words)) mix(byte > 127 ? byte - 256 : byte);
  hash ^= BigInt(bytes.length);
  hash = word((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  hash = word((hash ^ (hash >> 13n)) * 0xc2b2ae35n);
  return Number(BigInt.asIntN(32, hash ^ (hash >> 16n)));
}

test('bytes of any value and length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      expect(hashOne(types.BINARY, bytes)).toBe(slowHash([...bytes]));
    }),
  );
});

test('wide decimals hash the shortest big-endian bytes that keep the sign', () => {
  const javaBytes = (value: bigint) => {
    let length = 1;
    while (BigInt.asIntN(8 * length, value) !== value) length++;
    return Array.from({ length }, (_, i) => Number(BigInt.asUintN(8, value >> BigInt(8 * (length - 1 - i)))));
  };
  expect([127n, 128n, -128n, -129n, 255n].map(javaBytes)).toEqual([[127], [0, 128], [128], [255, 127], [0, 255]]);
  const bound = 10n ** 38n - 1n;
  fc.assert(
    fc.property(fc.oneof(fc.bigInt({ min: -bound, max: bound }), fc.bigInt({ min: -70000n, max: 70000n })), (value) => {
      expect(hashOne(types.decimal(38, 0), value)).toBe(slowHash(javaBytes(value)));
    }),
    { numRuns: 500 },
  );
});

test('all NaNs hash alike, and both zeros', () => {
  const odd = new Float64Array(3);
  new Int32Array(odd.buffer).set([1, -1, 1, 0x7ff00000, 0, 0x7ff00001]);
  const column = { layout: 'fixed', length: 3, validity: null, values: odd } as const;
  expect(new Set(hashColumns([column], [types.FLOAT64], 3))).toEqual(new Set([hashOne(types.FLOAT64, Number.NaN)]));
  const oddFloat = new Float32Array(new Int32Array([-1, 0x7f800001]).buffer);
  const floats = { layout: 'fixed', length: 2, validity: null, values: oddFloat } as const;
  expect(new Set(hashColumns([floats], [types.FLOAT32], 2))).toEqual(new Set([hashOne(types.FLOAT32, Number.NaN)]));
  expect(hashOne(types.FLOAT64, -0)).toBe(hashOne(types.FLOAT64, 0));
  expect(hashOne(types.FLOAT32, -0)).toBe(hashOne(types.INT32, 0));
});

test('keys chain from left to right, and null leaves the hash of the others', () => {
  const n = columnOf(types.INT32, [3, null]);
  const s = columnOf(types.STRING, [null, 'ab']);
  expect([...hashColumns([n, s], [types.INT32, types.STRING], 2)]).toEqual([hashOne(types.INT32, 3), hashOne(types.STRING, 'ab')]);
  const chained = hashOne(types.arrayOf(types.INT32), [3, 1]);
  expect(hashColumns([columnOf(types.INT32, [3]), columnOf(types.INT32, [1])], [types.INT32, types.INT32], 1)[0]).toBe(chained);
});

test('how a column is laid out does not matter, nor whether it is hashed whole or as part of a struct', () => {
  const filled = fc.tuple(anyType(), anyType()).chain(([a, b]) => fc.tuple(filledColumn(a, 9), filledColumn(b, 9)));
  fc.assert(
    fc.property(filled, (columns) => {
      const columnTypes = columns.map((c) => c.type);
      const plain = columns.map((c) => columnOf(c.type, c.values));
      const expected = hashColumns(plain, columnTypes, 9);
      expect(
        hashColumns(
          columns.map((c) => c.column),
          columnTypes,
          9,
        ),
      ).toEqual(expected);
      const struct = types.structOf(columnTypes.map((type, i) => types.field(`f${i}`, type)));
      const rows = columns[0].values.map((_, row) => columns.map((c) => c.values[row]));
      expect(hashColumns([columnOf(struct, rows)], [struct], 9)).toEqual(expected);
    }),
  );
});

test('a dictionary larger than the column hashes its rows only', () => {
  const whole = encoded(types.STRING, ['a', 'b', 'c']);
  const cut = { ...whole, length: 2 } as typeof whole;
  expect([...hashColumns([cut], [types.STRING], 2)]).toEqual([hashOne(types.STRING, 'a'), hashOne(types.STRING, 'b')]);
});

test('partitions are pmod', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 5000 }), (hashes, n) => {
      expect([...partitionOf(Int32Array.from(hashes), n)]).toEqual(hashes.map((hash) => ((hash % n) + n) % n));
    }),
  );
  expect([...partitionOf(Int32Array.of(-559580957, 42), 16)]).toEqual([3, 10]);
});

test('null keys of any type share the partition of the seed', () => {
  fc.assert(
    fc.property(
      anyType().filter((type) => type.kind !== 'null'),
      (type) => hashOne(type, null) === 42,
    ),
  );
});
