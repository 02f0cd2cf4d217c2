/** Runs of equal and of packed integers, whole and in pieces, against a plain reading bit by bit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HybridReader, isOneRun, readHybrid } from '../../../src/engine/sources/parquet/hybrid.js';

interface Run {
  readonly packed: boolean;
  readonly values: readonly number[];
}

function encode(runs: readonly Run[], width: number): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: number): void => {
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  };
  for (const { packed, values } of runs) {
    if (packed) {
      const groups = Math.ceil(values.length / 8);
      varint((groups << 1) | 1);
      const packedBytes = new Uint8Array(groups * width);
      values.forEach((value, i) => {
        for (let bit = 0; bit < width; bit++) {
          const at = i * width + bit;
          if ((value >>> bit) & 1) packedBytes[at >> 3] |= 1 << (at & 7);
        }
      });
      bytes.push(...packedBytes);
    } else {
      varint(values.length << 1);
      for (let shift = 0; shift < width; shift += 8) bytes.push((values[0] >>> shift) & 255);
    }
  }
  return Uint8Array.from(bytes);
}

const arbitrary = fc.integer({ min: 1, max: 32 }).chain((width) => {
  const value = fc.integer({ min: 0, max: 2 ** width - 1 });
  // Packed runs are whole groups of eight, but for the last of a page.
  const packed = fc.integer({ min: 1, max: 6 }).chain((groups) => fc.array(value, { minLength: 8 * groups, maxLength: 8 * groups }));
  const run = fc.oneof(
    packed.map((values) => ({ packed: true, values })),
    fc.tuple(value, fc.integer({ min: 1, max: 40 })).map(([v, n]) => ({ packed: false, values: new Array<number>(n).fill(v) })),
  );
  return fc.record({
    width: fc.constant(width),
    runs: fc.array(run, { minLength: 1, maxLength: 5 }),
    pieces: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
  });
});

test('any runs, read in any pieces', () => {
  fc.assert(
    fc.property(arbitrary, ({ width, runs, pieces }) => {
      const data = encode(runs, width);
      const expected = runs.flatMap((run) => run.values.map((v) => v | 0));
      const reader = new HybridReader(data, 0, data.length, width);
      const out = new Int32Array(expected.length);
      for (let at = 0, k = 0; at < out.length; k++) {
        const n = Math.min(out.length - at, pieces[k % pieces.length]);
        reader.read(out, at, n);
        at += n;
      }
      expect([...out]).toEqual(expected);
    }),
  );
});

test('what is cut short is told', () => {
  const data = encode([{ packed: true, values: [1, 2, 3, 4, 5, 6, 7, 0] }], 3);
  expect(() => readHybrid(data, 0, data.length - 1, 3, new Int32Array(8), 8)).toThrow('cut short');
  expect(() => readHybrid(data, 0, data.length, 3, new Int32Array(9), 9)).toThrow('cut short');
  expect(() => readHybrid(data, 0, data.length, 33, new Int32Array(8), 8)).toThrow('33 bits');
});

test('levels without nulls are one run', () => {
  const ones = encode([{ packed: false, values: new Array<number>(300).fill(1) }], 1);
  expect(isOneRun(ones, 0, ones.length, 1, 300)).toBe(true);
  expect(isOneRun(ones, 0, ones.length, 1, 301)).toBe(false);
  expect(isOneRun(ones, 0, ones.length, 0, 300)).toBe(false);
  expect(isOneRun(ones, 0, 1, 1, 300)).toBe(false);
});
