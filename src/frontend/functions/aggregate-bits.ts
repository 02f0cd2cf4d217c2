/** Owns: `bit_and`, `bit_or`, `bit_xor` over the integers of a group. */
import { type DataType, isInteger } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { castTypes, WHOLE, wrongArgument } from './signature.js';

type Bits<T> = (a: T, b: T) => T;

const bits = (name: string, narrow: Bits<number>, wide: Bits<bigint>): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => {
    const types = castTypes(name, args, [WHOLE]);
    if (!isInteger(types[0])) throw wrongArgument(name, 0, WHOLE.label, types[0]);
    return { args: types, result: types[0], nullable: true };
  },
  partialTypes: ({ type }) => [type],
  accumulator: ({ type }) => {
    const combine = combined(type, narrow, wide);
    const take = (state: EngineValue | null, [value]: readonly (EngineValue | null)[]): EngineValue | null =>
      value === null ? state : state === null ? value : combine(state, value);
    const accumulator: Accumulator<EngineValue | null> = {
      init: () => null,
      update: take,
      merge: take,
      partial: (s) => [s],
      finish: (s) => s,
    };
    return accumulator as Accumulator;
  },
});

const combined = ({ kind }: DataType, narrow: Bits<number>, wide: Bits<bigint>): Bits<EngineValue> =>
  kind === 'int64' ? (a, b) => wide(a as bigint, b as bigint) : (a, b) => narrow(a as number, b as number);

export const BIT_AGGREGATES: readonly AggregateFunction[] = [
  bits(
    'bit_and',
    (a, b) => a & b,
    (a, b) => a & b,
  ),
  bits(
    'bit_or',
    (a, b) => a | b,
    (a, b) => a | b,
  ),
  bits(
    'bit_xor',
    (a, b) => a ^ b,
    (a, b) => a ^ b,
  ),
];
