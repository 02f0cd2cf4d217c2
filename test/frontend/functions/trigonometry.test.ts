/** Cosine and tangent against exact arithmetic: the nearest double, but for very few angles. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cos, cosh, tan } from '../../../src/frontend/functions/trigonometry.js';

/** Fixed point with so many bits after it. */
const BITS = 240n;
const ONE = 1n << BITS;
/** π/2 to 70 digits. */
const HALF_PI = (15707963267948966192313216916397514420985846996875529104874722961539082n * ONE) / 10n ** 70n;

/** The exact value of a double. */
function fixed(x: number): bigint {
  let [value, scale] = [x, 0n];
  for (; !Number.isInteger(value); scale++) value *= 2;
  return (BigInt(value) << BITS) >> scale;
}

/** The double nearest to a fraction: three candidates around its quotient. */
function nearest(above: bigint, below: bigint): number {
  const rough = Number((above << 128n) / below) / 2 ** 128;
  const step = 2 ** (Math.floor(Math.log2(Math.abs(rough))) - 52);
  const distance = (x: number): bigint => {
    const d = fixed(x) * below - above * ONE;
    return d < 0n ? -d : d;
  };
  return [rough, rough - step, rough + step].reduce((best, x) => (distance(x) < distance(best) ? x : best));
}

function exact(x: number): { readonly sin: bigint; readonly cos: bigint } {
  const angle = fixed(x);
  const series = (first: bigint, start: bigint): bigint => {
    let [term, total] = [first, first];
    for (let k = start; term !== 0n; k += 2n) {
      term = -((((term * angle) / ONE) * angle) / ONE) / (k * (k + 1n));
      total += term;
    }
    return total;
  };
  return { sin: series(angle, 2n), cos: series(ONE, 1n) };
}

test('they are the nearest doubles', () => {
  let [tried, missed] = [0, 0];
  fc.assert(
    fc.property(
      fc.double({ min: -25, max: 25, noNaN: true }).filter((x) => Math.abs(x) > 1e-6),
      (x) => {
        const wanted = exact(x);
        for (const [ours, above, below] of [
          [cos(x), wanted.cos, ONE],
          [tan(x), wanted.sin, wanted.cos],
        ] as const) {
          tried++;
          const right = nearest(above, below);
          if (ours !== right) missed++;
          // Never further than the neighbour.
          expect(Math.abs(ours - right)).toBeLessThanOrEqual(Math.abs(right) * 2 ** -51);
        }
      },
    ),
    { numRuns: 1500 },
  );
  expect(missed).toBeLessThan(tried / 500);
});

test.each([
  [cos, 0.1, 0.9950041652780258],
  [tan, 7, 0.8714479827243188],
  [cosh, -1, 1.543080634815244],
  [cos, Math.PI / 2, 6.123233995736766e-17],
  [tan, Math.PI / 2, 16331239353195370],
  [tan, 0, 0],
  [tan, -0, -0],
  [cos, 0, 1],
  [tan, 1e-300, 1e-300],
  [cos, 1e22, 0.523214785395139],
  [cos, Number.POSITIVE_INFINITY, Number.NaN],
  [tan, Number.NaN, Number.NaN],
])('%o of %d', (fn, x, expected) => {
  expect(fn(x)).toBe(expected);
});

test('a quarter turn is where it is', () => {
  // What a double is off π/2 is its cosine.
  expect(cos(Math.PI / 2)).toBe(Number(HALF_PI - fixed(Math.PI / 2)) / Number(ONE));
});
