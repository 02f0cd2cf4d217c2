/** Owns: `try_sum` and `try_avg`: sums and means that are null where they overflow. A part that overflowed says so on its way through the shuffle. */
import { MinisparkError } from '../../core/errors.js';
import { BOOLEAN } from '../../data/types.js';
import { AVG } from './aggregate-count.js';
import { SUM } from './aggregate-sum.js';
import type { Accumulator, AggregateFunction, Call } from './definition.js';

interface State {
  inner: unknown;
  failed: boolean;
}

const OVERFLOWS = ['ARITHMETIC_OVERFLOW', 'NUMERIC_VALUE_OUT_OF_RANGE', 'INTERVAL_ARITHMETIC_OVERFLOW'];

/** What `compute` gives; null where it overflows. */
function attempt<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch (error) {
    if (error instanceof MinisparkError && OVERFLOWS.includes(error.condition.split('.')[0])) return null;
    throw error;
  }
}

/** Doubles do not overflow, so theirs is the plain aggregate. */
const isSafe = ({ type }: Call): boolean => type.kind === 'float64';

const trying = (name: string, plain: AggregateFunction): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => plain.resolve(args),
  partialTypes: (call) => (isSafe(call) ? plain.partialTypes(call) : [...plain.partialTypes(call), BOOLEAN]),
  accumulator: (call) => (isSafe(call) ? plain.accumulator(call) : (failing(plain, call) as Accumulator)),
  generate: (call) => (isSafe(call) ? (plain.generate?.(call) ?? null) : null),
});

function failing(plain: AggregateFunction, call: Call): Accumulator<State> {
  const inner = plain.accumulator(call);
  const none = plain.partialTypes(call).map(() => null);
  return {
    init: () => ({ inner: inner.init(), failed: false }),
    update: (state, args) => {
      state.inner = inner.update(state.inner, args);
      return state;
    },
    merge: (state, partial) => {
      if (partial[none.length] === true) state.failed = true;
      else state.inner = inner.merge(state.inner, partial.slice(0, none.length));
      return state;
    },
    partial: (state) => {
      const partial = state.failed ? null : attempt(() => inner.partial(state.inner));
      return partial === null ? [...none, true] : [...partial, false];
    },
    finish: (state) => (state.failed ? null : attempt(() => inner.finish(state.inner))),
  };
}

export const TRY_AGGREGATES: readonly AggregateFunction[] = [trying('try_sum', SUM), trying('try_avg', AVG)];
