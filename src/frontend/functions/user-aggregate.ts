/** Owns: `udaf`, the aggregate whose functions are the user's: its state is any value that can be copied, and travels as bytes (data/element.ts). */
import { fatalError, userError } from '../../core/errors.js';
import { decodeElement, encodeElement } from '../../data/element.js';
import { BINARY } from '../../data/types.js';
import { fromApiValue, toApiValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction, Call } from './definition.js';

/** The analyzer takes the type from the call itself; SQL text cannot name one. */
const userAggregate: AggregateFunction = {
  kind: 'aggregate',
  name: 'udaf',
  resolve: () => {
    throw userError('UNRESOLVED_ROUTINE', "There is no function 'udaf' in SQL text.", { hint: 'Use what udaf({ … }, type) gives' });
  },
  partialTypes: () => [BINARY],
  accumulator,
};

function accumulator({ user, args, type }: Call): Accumulator {
  const result = 'the result of finish';
  if (user === undefined) return NONE;
  return {
    init: () => user.init(),
    update: (state, values) =>
      user.update(
        state,
        values.map((value, i) => toApiValue(value, args[i].type)),
      ),
    merge: (state, [partial]) => user.merge(state, decodeElement(partial as Uint8Array)),
    partial: (state) => [encodeElement(state)],
    finish: (state) => fromApiValue(user.finish(state), type, result),
  };
}

const refuse = (): never => {
  throw fatalError('INTERNAL_ERROR', 'udaf runs without its functions.');
};
/** Where only the shape of the call is asked for. */
const NONE: Accumulator = { init: refuse, update: refuse, merge: refuse, partial: refuse, finish: refuse };

export const USER_AGGREGATES: readonly AggregateFunction[] = [userAggregate];
