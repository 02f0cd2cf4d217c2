/** Owns: `percentile`, `median` (exact, over all values of a group) and `approx_count_distinct` (a HyperLogLog of 2^12 registers, error about 1.6 %). */
import { userError } from '../../core/errors.js';
import { hashBytes, hashInt } from '../../data/hash.js';
import { arrayOf, BINARY, FLOAT64, INT64, isNumeric } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { castTypes, checkCount, DOUBLE, wrongArgument } from './signature.js';
import { valueKey } from './value-key.js';

const quantile = (name: 'percentile' | 'median'): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => {
    const types = castTypes(name, args, name === 'median' ? [DOUBLE] : [DOUBLE, DOUBLE]);
    if (args.length === 2) {
      const share = args[1].literal;
      if (share === undefined) throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', 'The share of percentile must be a constant.');
    }
    return { args: types, result: FLOAT64, nullable: true };
  },
  partialTypes: () => [arrayOf(FLOAT64, false), FLOAT64],
  accumulator: () => {
    interface State {
      readonly values: number[];
      share: number;
    }
    const accumulator: Accumulator<State> = {
      init: () => ({ values: [], share: 0.5 }),
      update: (state, [value, share]) => {
        if (value !== null) state.values.push(value as number);
        if (typeof share === 'number') state.share = share;
        return state;
      },
      merge: (state, [values, share]) => {
        for (const value of values as readonly number[]) state.values.push(value);
        if ((values as readonly number[]).length > 0) state.share = share as number;
        return state;
      },
      partial: (state) => [state.values, state.share],
      finish: (state) => interpolated(state.values, state.share),
    };
    return accumulator as Accumulator;
  },
});

/** Between the two values around position share × (n - 1). Throws for a share outside of 0 to 1. */
function interpolated(values: readonly number[], share: number): number | null {
  if (share < 0 || share > 1)
    throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `The share of percentile must lie between 0 and 1, but it is ${share}.`);
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const position = share * (sorted.length - 1);
  const low = Math.floor(position);
  const high = Math.ceil(position);
  return low === high ? sorted[low] : (high - position) * sorted[low] + (position - low) * sorted[high];
}

const REGISTER_BITS = 12;
const REGISTERS = 1 << REGISTER_BITS;

/** Two Murmur hashes: the first picks the register, the second counts leading zeros. */
function note(registers: Uint8Array, value: EngineValue): Uint8Array {
  const text = Buffer.from(String(valueKey(value)), 'utf8');
  const first = hashBytes(text, 0, text.length, 42);
  const second = hashBytes(text, 0, text.length, hashInt(first, 7));
  const register = first >>> (32 - REGISTER_BITS);
  registers[register] = Math.max(registers[register], Math.clz32(second) + 1);
  return registers;
}

function estimate(registers: Uint8Array): bigint {
  let sum = 0;
  let empty = 0;
  for (const register of registers) {
    sum += 2 ** -register;
    if (register === 0) empty++;
  }
  const raw = ((0.7213 / (1 + 1.079 / REGISTERS)) * (REGISTERS * REGISTERS)) / sum;
  return BigInt(Math.round(raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw));
}

const approxCountDistinct: AggregateFunction = {
  kind: 'aggregate',
  name: 'approx_count_distinct',
  resolve: (args) => {
    checkCount('approx_count_distinct', args.length, 1, 2);
    if (args.length === 2 && !isNumeric(args[1].type)) throw wrongArgument('approx_count_distinct', 1, 'a number', args[1].type);
    return { args: args.map((arg) => arg.type), result: INT64, nullable: false };
  },
  partialTypes: () => [BINARY],
  accumulator: () => {
    const accumulator: Accumulator<Uint8Array> = {
      init: () => new Uint8Array(REGISTERS),
      update: (state, [value]) => (value === null ? state : note(state, value)),
      merge: (state, [partial]) => {
        const other = partial as Uint8Array;
        for (let i = 0; i < REGISTERS; i++) if (other[i] > state[i]) state[i] = other[i];
        return state;
      },
      partial: (state) => [state],
      finish: estimate,
    };
    return accumulator as Accumulator;
  },
};

export const QUANTILES: readonly AggregateFunction[] = [quantile('percentile'), quantile('median'), approxCountDistinct];
