/** Owns: DISTINCT inside an aggregate: a group's state is each combination of arguments once; the aggregate itself runs over them at the end. */
import { arrayOf, type DataType, field, structOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, Call } from '../../frontend/functions/definition.js';
import { valueKey } from '../../frontend/functions/value-key.js';

/** Combinations by a key that is equal where they are. */
type Seen = Map<unknown, readonly EngineValue[]>;

/** Its partial result, as `distinctTypes` has it, is the list of combinations: it can spill, and be merged. */
export function distinctAccumulator(inner: Accumulator): Accumulator<Seen> {
  const add = (seen: Seen, args: readonly EngineValue[]): Seen => {
    const key = valueKey(args.length === 1 ? args[0] : args);
    return seen.has(key) ? seen : seen.set(key, args);
  };
  return {
    init: () => new Map(),
    update: add,
    merge: (seen, [combinations]) => (combinations as readonly (readonly EngineValue[])[]).reduce(add, seen),
    partial: (seen) => [[...seen.values()]],
    finish: (seen) => {
      let state = inner.init();
      for (const args of seen.values()) state = inner.update(state, args);
      return inner.finish(state);
    },
  };
}

export const distinctTypes = ({ args }: Call): readonly DataType[] => [
  arrayOf(structOf(args.map((arg, i) => field(`a${i}`, arg.type))), false),
];
