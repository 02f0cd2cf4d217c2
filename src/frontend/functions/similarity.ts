/** Owns: how near two things are: `jaro_winkler_similarity` of texts, and lengths, angles and distances of vectors (arrays of floats). */
import { userError } from '../../core/errors.js';
import { arrayOf, FLOAT32, FLOAT64 } from '../../data/types.js';
import type { ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { type Accept, accept, TEXT } from './signature.js';

/** M. A. Jaro (1989), with W. E. Winkler's bonus of a tenth for each of up to four equal characters in front (1990). */
function jaroWinkler(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  if (a.length === 0 && b.length === 0) return 1;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken: boolean[] = [];
  const matches = a.filter((character, i) => {
    for (let j = Math.max(0, i - reach); j < Math.min(b.length, i + reach + 1); j++) {
      if (taken[j] || b[j] !== character) continue;
      taken[j] = true;
      return true;
    }
    return false;
  });
  if (matches.length === 0) return 0;
  const swapped = b.filter((_, j) => taken[j]).filter((character, i) => character !== matches[i]).length / 2;
  const m = matches.length;
  const jaro = (m / a.length + m / b.length + (m - swapped) / m) / 3;
  let prefix = 0;
  while (prefix < Math.min(4, a.length, b.length) && a[prefix] === b[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}

type Vector = readonly (number | null)[];

const VECTOR: Accept = {
  label: 'an array of floats',
  cast: (type) => (type.kind === 'array' && type.element.kind === 'float32' ? type : type.kind === 'null' ? arrayOf(FLOAT32) : null),
};

/** Null where an element is. Throws VECTOR_DIMENSION_MISMATCH. */
const paired =
  (name: string, measure: (a: readonly number[], b: readonly number[]) => number | null) =>
  (a: Vector, b: Vector): number | null => {
    if (a.length !== b.length) {
      throw userError('VECTOR_DIMENSION_MISMATCH', `${name} was given vectors of ${a.length} and ${b.length} elements.`);
    }
    if (a.includes(null) || b.includes(null)) return null;
    const result = measure(a as readonly number[], b as readonly number[]);
    return result === null ? null : Math.fround(result);
  };

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

function cosine(a: readonly number[], b: readonly number[]): number | null {
  const size = Math.sqrt(dot(a, a) * dot(b, b));
  return size === 0 ? null : dot(a, b) / size;
}

const distance = (a: readonly number[], b: readonly number[]): number => Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0));

/** Degree 1, 2 or infinity. */
function norm(vector: Vector, degree = 2): number | null {
  if (vector.includes(null)) return null;
  const sizes = (vector as readonly number[]).map(Math.abs);
  if (degree === 1) return sizes.reduce((sum, size) => sum + size, 0);
  if (degree === 2) return Math.sqrt(sizes.reduce((sum, size) => sum + size * size, 0));
  if (degree === Number.POSITIVE_INFINITY) return sizes.reduce((most, size) => Math.max(most, size), 0);
  throw userError('INVALID_VECTOR_NORM_DEGREE', `A vector has no norm of degree ${degree} here.`, { hint: 'There are 1, 2 and infinity' });
}

function normalize(vector: Vector, degree = 2): Vector | null {
  const size = norm(vector, degree);
  return size === null || size === 0 ? null : (vector as readonly number[]).map((x) => Math.fround(x / size));
}

const DEGREE = accept(FLOAT32);
const rounded = (value: number | null): number | null => (value === null ? null : Math.fround(value));

export const SIMILARITIES: readonly ScalarFunction[] = [
  scalar('jaro_winkler_similarity', [TEXT, TEXT], FLOAT64, jaroWinkler),
  scalar('vector_inner_product', [VECTOR, VECTOR], FLOAT32, paired('vector_inner_product', dot), { nullable: true }),
  scalar('vector_cosine_similarity', [VECTOR, VECTOR], FLOAT32, paired('vector_cosine_similarity', cosine), { nullable: true }),
  scalar('vector_l2_distance', [VECTOR, VECTOR], FLOAT32, paired('vector_l2_distance', distance), { nullable: true }),
  scalar('vector_norm', [VECTOR, DEGREE], FLOAT32, (vector: Vector, degree?: number) => rounded(norm(vector, degree)), {
    required: 1,
    nullable: true,
  }),
  scalar('vector_normalize', [VECTOR, DEGREE], arrayOf(FLOAT32), normalize as never, { required: 1, nullable: true }),
];
