/** Snappy both ways: data that shrinks, that does not and that hardly does, which take different paths; and what is no Snappy. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snappyCompress, snappyDecompress } from '../../../src/engine/sources/parquet/snappy.js';

/** Noise with copies of itself in it, near and far: some of it shrinks. */
const data = fc
  .tuple(
    fc.uint8Array({ maxLength: 3000 }),
    fc.array(fc.tuple(fc.nat(2999), fc.integer({ min: 4, max: 200 })), { maxLength: 12 }),
    fc.nat(60),
  )
  .map(([noise, copies, times]) => {
    const parts = [Buffer.from(noise), ...copies.map(([at, length]) => Buffer.from(noise.subarray(at, at + length)))];
    for (let i = 0; i < times; i++) parts.push(parts[i % parts.length]);
    return new Uint8Array(Buffer.concat(parts));
  });

test('comes back as it was', () => {
  fc.assert(
    fc.property(data, (bytes) => {
      expect(Buffer.compare(snappyDecompress(snappyCompress(bytes), bytes.length), bytes)).toBe(0);
    }),
  );
});

test('noise longer than a block of Snappy', () => {
  const noise = Uint8Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 2654435761) >>> 23);
  expect(Buffer.compare(snappyDecompress(snappyCompress(noise), noise.length), noise)).toBe(0);
});

test('copies that overlap themselves, and offsets of one, two and four bytes', () => {
  const ab = [0x61, 0x62];
  // 'ab' literally, then four bytes from two before, in each of three forms; then enough literal that little is saved.
  const tail = Array.from({ length: 50 }, (_, i) => i);
  const input = Uint8Array.from([
    64,
    (2 - 1) << 2,
    ...ab,
    1,
    2,
    ((4 - 1) << 2) | 2,
    2,
    0,
    ((4 - 1) << 2) | 3,
    2,
    0,
    0,
    0,
    (50 - 1) << 2,
    ...tail,
  ]);
  expect([...snappyDecompress(input, 64)]).toEqual([...Array.from({ length: 14 }, (_, i) => ab[i % 2]), ...tail]);
});

test.each([
  ['a literal past the end', [10, (10 - 1) << 2, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['more than announced', [8, (9 - 1) << 2, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['less than announced', [10, (9 - 1) << 2, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['a copy from before the start', [10, (2 - 1) << 2, 1, 2, 1, 9, (4 - 1) << 2, 1, 2, 3, 4]],
  ['a copy at the start', [4, 1, 1, 0, 0, 0, 0]],
  ['a copy from nowhere', [10, (2 - 1) << 2, 1, 2, 1, 0, (4 - 1) << 2, 1, 2, 3, 4]],
  ['an end inside a copy', [12, (7 - 1) << 2, 1, 2, 3, 4, 5, 6, 7, ((4 - 1) << 2) | 2, 1]],
  ['nothing', [5]],
])('%s is refused', (_, bytes) => {
  expect(() => snappyDecompress(Uint8Array.from(bytes), bytes[0])).toThrow();
});
