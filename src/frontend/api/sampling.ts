/** Owns: what sample() and randomSplit() draw. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Derivation } from '../plan/derivation.js';

export interface Sampling {
  readonly seed?: number | bigint;
  /** Draws with replacement: a row may come several times, and a fraction above 1 has a meaning. */
  readonly withReplacement?: boolean;
}

/** Throws a user error INVALID_ARGUMENT for a fraction that is none. */
export function sampled(fraction: number, sampling: Sampling | number = {}): Derivation {
  const { seed, withReplacement = false } = typeof sampling === 'number' ? { seed: sampling } : sampling;
  const most = withReplacement ? Number.MAX_VALUE : 1;
  if (!(fraction >= 0 && fraction <= most))
    throw refused(`sample() takes a fraction of at least 0${withReplacement ? '' : ' and at most 1'}, not ${fraction}.`);
  return withReplacement
    ? { op: 'resample', mean: fraction, seed: seedOf(seed) }
    : { op: 'sample', from: 0, to: fraction, seed: seedOf(seed), ordered: false };
}

/** One after the other from 0 to 1, by the share of each weight. Throws a user error INVALID_ARGUMENT. */
export function splits(weights: readonly number[], seed?: number | bigint): Derivation[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length === 0 || weights.some((weight) => !(weight >= 0)) || !(sum > 0 && sum < Number.POSITIVE_INFINITY)) {
    throw refused(`randomSplit() takes weights of at least 0 that sum up to more than 0, not [${weights.join(', ')}].`);
  }
  const drawn = seedOf(seed);
  let end = 0;
  return weights.map((weight, i) => {
    const from = end;
    // Sums of doubles may end just below 1, and the last part must hold what is left.
    end = i === weights.length - 1 ? 1 : from + weight / sum;
    return { op: 'sample', from, to: end, seed: drawn, ordered: true };
  });
}

/** A seed of 64 bits; one that is not given is drawn now, so that every part and every attempt of a task draws the same. */
export function seedOf(seed: number | bigint | undefined): bigint {
  if (seed === undefined) return BigInt(Math.floor(Math.random() * 2 ** 48));
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) throw refused(`A seed is a whole number, not ${seed}.`);
  return BigInt.asIntN(64, BigInt(seed));
}

const refused = (message: string) => userError('INVALID_ARGUMENT', message, { site: callSite() ?? undefined });
