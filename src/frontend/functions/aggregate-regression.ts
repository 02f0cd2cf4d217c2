/** Owns: linear regression over pairs, `regr_slope(y, x)` and its like: the dependent value comes first, pairs with a null are left out. */
import { INT64 } from '../../data/types.js';
import { type Pairs, paired } from './aggregate-moments.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { ANY, castTypes } from './signature.js';

/** Rows in which neither is null. */
const regrCount: AggregateFunction = {
  kind: 'aggregate',
  name: 'regr_count',
  resolve: (args) => ({ args: castTypes('regr_count', args, [ANY, ANY]), result: INT64, nullable: false }),
  partialTypes: () => [INT64],
  accumulator: () => {
    const accumulator: Accumulator<bigint> = {
      init: () => 0n,
      update: (state, [y, x]) => (y === null || x === null ? state : state + 1n),
      merge: (state, [count]) => state + (count as bigint),
      partial: (state) => [state],
      finish: (state) => state,
    };
    return accumulator as Accumulator;
  },
};

/** `Pairs` calls the first argument x and the second y: here they are the other way round. */
const regression = (
  name: string,
  finish: (sums: { y: number; x: number; xy: number; xx: number; yy: number }) => number | null,
): AggregateFunction => paired(name, ({ x, y, xy, xx, yy }: Pairs) => finish({ y: x, x: y, xy, xx: yy, yy: xx }));

export const REGRESSIONS: readonly AggregateFunction[] = [
  regrCount,
  regression('regr_avgx', ({ x }) => x),
  regression('regr_avgy', ({ y }) => y),
  regression('regr_sxx', ({ xx }) => xx),
  regression('regr_syy', ({ yy }) => yy),
  regression('regr_sxy', ({ xy }) => xy),
  regression('regr_slope', ({ xx, xy }) => (xx === 0 ? null : xy / xx)),
  regression('regr_intercept', ({ x, y, xx, xy }) => (xx === 0 ? null : y - (xy / xx) * x)),
  regression('regr_r2', ({ xx, yy, xy }) => (xx === 0 ? null : yy === 0 ? 1 : (xy * xy) / (xx * yy))),
];
