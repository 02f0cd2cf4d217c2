/** Owns: `approx_count_distinct`, a HyperLogLog of 2^12 registers with an error of about 1.6 %; and the list of it and the percentiles. */
import { hashBytes, hashInt } from '../../data/hash.js';
import { BINARY, INT64, isNumeric } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { APPROX_PERCENTILE } from './aggregate-approx-percentile.js';
import { PERCENTILES } from './aggregate-percentile.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { checkCount, wrongArgument } from './signature.js';
import { valueKey } from './value-key.js';

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

export const QUANTILES: readonly AggregateFunction[] = [...PERCENTILES, APPROX_PERCENTILE, approxCountDistinct];
