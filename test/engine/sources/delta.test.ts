/** Delta encodings: hand-made bytes, and what is wrong with others. */
import { expect, test } from 'vitest';
import { readDeltaIntegers, readDeltaLengths, readDeltaStrings } from '../../../src/engine/sources/parquet/delta.js';

const from = (...data: (number | string)[]) => ({
  data: Uint8Array.from(data.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : [part]))),
  at: 0,
});
/** A block of 128 in four parts. */
const BLOCK = [0x80, 0x01, 4];

/** `count` integers, the first given, then differences of -2 and the two bits more that `packed` has of each. */
const integers = (count: number, first: number, packed: readonly number[]) => [...BLOCK, count, first << 1, 3, 2, 0, 0, 0, ...packed];
/** All the same. */
const same = (count: number, value: number) => [...BLOCK, count, (value << 1) ^ (value >> 31), 0, 0, 0, 0, 0];

test('integers; the last part may lack what nobody reads', () => {
  const narrow = new Int32Array(4);
  readDeltaIntegers(from(...integers(4, 7, [0b011011])), narrow);
  expect([...narrow]).toEqual([7, 8, 8, 7]);
  const wide = new BigInt64Array(4);
  const bytes = from(...integers(4, 7, [0b011011, 0, 0, 0, 0, 0, 0, 0]), 99);
  readDeltaIntegers(bytes, wide);
  expect([...wide]).toEqual([7n, 8n, 8n, 7n]);
  expect(bytes.data[bytes.at]).toBe(99);
});

test('differences of 32 and 64 bits wrap around', () => {
  const bits = (n: number) => new Array(n).fill(0xff);
  const narrow = new Int32Array(2);
  readDeltaIntegers(from(...BLOCK, 2, 0, 0, 32, 0, 0, 0, ...bits(4)), narrow);
  expect([...narrow]).toEqual([0, -1]);
  const wide = new BigInt64Array(2);
  readDeltaIntegers(from(...BLOCK, 2, 0, 0, 64, 0, 0, 0, ...bits(8)), wide);
  expect([...wide]).toEqual([0n, -1n]);
});

test('strings by length, and by what they share with the one before', () => {
  const texts = ({ offsets, data }: { offsets: Int32Array; data: Uint8Array }) =>
    [...offsets.subarray(1)].map((end, i) => Buffer.from(data.subarray(offsets[i], end)).toString());
  expect(texts(readDeltaLengths(from(...same(3, 2), 'abcdef'), 3))).toEqual(['ab', 'cd', 'ef']);
  // Prefixes of 0, 2 and 2.
  const prefixes = [...BLOCK, 3, 0, 0, 2, 0, 0, 0, 0b0010, 0, 0, 0, 0, 0, 0, 0];
  expect(texts(readDeltaStrings(from(...prefixes, ...same(3, 2), 'abcdef'), 3))).toEqual(['ab', 'abcd', 'abef']);
});

test('what is wrong is said, and nothing is asked for that the bytes do not hold', () => {
  const read = (count: number, ...data: number[]) => readDeltaIntegers(from(...data), new Int32Array(count));
  // Minus one part: it went backwards for ever.
  expect(() => read(3, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f, 3, 0, 0)).toThrow('a count of 4294967295');
  expect(() => read(3, 0x80, 0x01, 0, 3, 0)).toThrow('a block of 128 integers in 0 parts');
  expect(() => read(3, ...same(4, 1))).toThrow('4 integers where 3 should be');
  expect(() => read(3, ...BLOCK, 3, 0, 0, 33, 0, 0, 0)).toThrow('differences of 33 bits');
  expect(() => read(9, ...integers(9, 7, [1]))).toThrow('cut short');
  expect(() => read(3, ...BLOCK, 3, 0x80)).toThrow('an integer is cut short');
  expect(() => readDeltaLengths(from(...same(3, 2), 'abcde'), 3)).toThrow('byte strings are cut short');
  expect(() => readDeltaLengths(from(...same(3, -1)), 3)).toThrow('a byte string of -1 bytes');
  expect(() => readDeltaStrings(from(...same(3, 1), ...same(3, 1), 'abc'), 3)).toThrow('shares 1 bytes with a shorter one');
});
