/** Owns: `percentile`, `median`, `percentile_cont` and `percentile_disc`: exact, over all values of a group, each with how often it counts. */

import { userError } from '../../core/errors.js';
import { arrayOf, BOOLEAN, FLOAT64, INT64 } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { checkShares, sameShares, shareType } from './shares.js';
import { BOOL, castType, checkCount, DOUBLE, WHOLE } from './signature.js';

/** Values and how often each was seen. */
interface State {
  readonly counts: Map<number, number>;
  shares: EngineValue | null;
}

type Pick = (sorted: readonly (readonly [value: number, count: number])[], total: number, share: number) => number;

const percentile = (name: string, pick: Pick): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => {
    checkCount(name, args.length, name === 'median' ? 1 : 2, name === 'median' ? 1 : 3);
    const value = castType(name, args[0], DOUBLE, 0);
    if (args.length === 1) return { args: [value], result: FLOAT64, nullable: true };
    const shares = shareType(name, args[1]);
    const isCounted = name === 'percentile';
    for (const arg of args.slice(2)) castType(name, arg, isCounted ? WHOLE : BOOL, 2);
    const third = args.slice(2).map(() => (isCounted ? INT64 : BOOLEAN));
    return { args: [value, shares, ...third], result: shares.kind === 'array' ? arrayOf(FLOAT64, false) : FLOAT64, nullable: true };
  },
  partialTypes: ({ args }) => [arrayOf(FLOAT64, false), arrayOf(FLOAT64, false), args[1]?.type ?? FLOAT64],
  accumulator: ({ args }) => {
    const add = ({ counts }: State, value: number, times: number): void => void counts.set(value, (counts.get(value) ?? 0) + times);
    const isCounted = name === 'percentile' && args.length === 3;
    // Of the others the third says whether their order descends.
    const sign = name !== 'percentile' && args[2]?.literal === true ? -1 : 1;
    const accumulator: Accumulator<State> = {
      init: () => ({ counts: new Map(), shares: null }),
      update: (state, [value, shares, frequency]) => {
        state.shares = sameShares(name, state.shares, args.length === 1 ? 0.5 : shares);
        const times = isCounted ? Number(frequency) : 1;
        if (times < 0) throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `A frequency of ${name} cannot be ${times}.`);
        if (value !== null && times > 0) add(state, value as number, times);
        return state;
      },
      merge: (state, [values, counts, shares]) => {
        if (shares !== null) state.shares = sameShares(name, state.shares, shares);
        for (const [i, value] of (values as readonly number[]).entries()) add(state, value, (counts as readonly number[])[i]);
        return state;
      },
      partial: ({ counts, shares }) => [[...counts.keys()], [...counts.values()], shares],
      finish: ({ counts, shares }) => {
        const wanted = checkShares(name, shares);
        if (counts.size === 0) return null;
        // NaN is the largest number.
        const sorted = [...counts].sort(([a], [b]) => sign * (a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))));
        const total = sorted.reduce((sum, [, count]) => sum + count, 0);
        const found = wanted.map((share) => pick(sorted, total, share));
        return Array.isArray(shares) ? found : found[0];
      },
    };
    return accumulator as Accumulator;
  },
});

/** The value at a position counted from 0. */
function valueAt(sorted: Parameters<Pick>[0], position: number): number {
  let passed = 0;
  for (const [value, count] of sorted) {
    passed += count;
    if (position < passed) return value;
  }
  return sorted[sorted.length - 1][0];
}

/** Between the two values around position share × (n - 1). */
const between: Pick = (sorted, total, share) => {
  const position = share * (total - 1);
  const [low, high] = [Math.floor(position), Math.ceil(position)];
  const [a, b] = [valueAt(sorted, low), valueAt(sorted, high)];
  return low === high || a === b ? a : (high - position) * a + (position - low) * b;
};

/** The first value whose share of the rows, with all before, reaches the one wanted. */
const nearest: Pick = (sorted, total, share) => valueAt(sorted, Math.max(0, Math.ceil(share * total) - 1));

export const PERCENTILES: readonly AggregateFunction[] = [
  percentile('percentile', between),
  percentile('median', between),
  percentile('percentile_cont', between),
  percentile('percentile_disc', nearest),
];
