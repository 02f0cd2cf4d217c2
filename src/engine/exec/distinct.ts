/** Owns: DISTINCT inside an aggregate: an accumulator that sees each combination of arguments once. Only for aggregates that run `complete`. */
import { fatalError } from '../../core/errors.js';
import { toJson } from '../../core/json.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator } from '../../frontend/functions/definition.js';

interface DistinctState {
  readonly seen: Set<string>;
  inner: unknown;
}

export function distinctAccumulator(inner: Accumulator): Accumulator<DistinctState> {
  const merged = () => fatalError('INTERNAL_ERROR', 'A DISTINCT aggregate has no partial result.');
  return {
    init: () => ({ seen: new Set(), inner: inner.init() }),
    update(state, args) {
      const key = toJson(args.map(canonical));
      if (!state.seen.has(key)) {
        state.seen.add(key);
        state.inner = inner.update(state.inner, args);
      }
      return state;
    },
    merge() {
      throw merged();
    },
    partial() {
      throw merged();
    },
    finish: (state) => inner.finish(state.inner),
  };
}

const canonical = (value: EngineValue): EngineValue => (value === 0 ? 0 : value);
