/**
 * Owns: `approx_count_distinct`, a HyperLogLog of 2^12 registers with an error of about 1.6 %, or of more where less is asked for; and the list of
 * it and the percentiles.
 */
import { userError } from '../../core/errors.js';
import { hashBytes, hashInt } from '../../data/hash.js';
import { BINARY, INT64, isNumeric } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { APPROX_PERCENTILE } from './aggregate-approx-percentile.js';
import { PERCENTILES } from './aggregate-percentile.js';
import type { Accumulator, AggregateFunction, Argument } from './definition.js';
import { checkCount, wrongArgument } from './signature.js';
import { valueKey } from './value-key.js';

const LEAST_BITS = 12;
const MOST_BITS = 24;

/** Registers for a relative standard deviation: 1.106 / sqrt(registers), as Spark counts. Throws for deviations that are none. */
function registerBits(deviation: number): number {
  if (!(deviation > 0 && deviation <= 0.39)) {
    throw userError(
      'DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE',
      `approx_count_distinct takes a deviation above 0 and up to 0.39, not ${deviation}.`,
    );
  }
  const bits = Math.max(LEAST_BITS, Math.ceil(2 * Math.log2(1.106 / deviation)));
  if (bits <= MOST_BITS) return bits;
  throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `A deviation of ${deviation} takes 2^${bits} registers a group: too many.`, {
    hint: 'count(DISTINCT …) is exact',
  });
}

function deviationOf({ literal, type }: Argument): number {
  if (literal === undefined || literal === null) {
    throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', 'The deviation of approx_count_distinct must be a constant.');
  }
  return type.kind === 'decimal' ? Number(literal) / 10 ** type.scale : Number(literal);
}

/** Two Murmur hashes: the first picks the register, the second counts leading zeros. */
function note(registers: Uint8Array, value: EngineValue): Uint8Array {
  const text = Buffer.from(String(valueKey(value)), 'utf8');
  const first = hashBytes(text, 0, text.length, 42);
  const second = hashBytes(text, 0, text.length, hashInt(first, 7));
  const register = first >>> (Math.clz32(registers.length) + 1);
  registers[register] = Math.max(registers[register], Math.clz32(second) + 1);
  return registers;
}

function estimate(registers: Uint8Array): bigint {
  const count = registers.length;
  let sum = 0;
  let empty = 0;
  for (const register of registers) {
    sum += 2 ** -register;
    if (register === 0) empty++;
  }
  const raw = ((0.7213 / (1 + 1.079 / count)) * (count * count)) / sum;
  return BigInt(Math.round(raw <= 2.5 * count && empty > 0 ? count * Math.log(count / empty) : raw));
}

const approxCountDistinct: AggregateFunction = {
  kind: 'aggregate',
  name: 'approx_count_distinct',
  resolve: (args) => {
    checkCount('approx_count_distinct', args.length, 1, 2);
    if (args.length === 2 && !isNumeric(args[1].type)) throw wrongArgument('approx_count_distinct', 1, 'a number', args[1].type);
    if (args.length === 2) registerBits(deviationOf(args[1]));
    return { args: args.map((arg) => arg.type), result: INT64, nullable: false };
  },
  partialTypes: () => [BINARY],
  accumulator: ({ args }) => {
    const registers = 2 ** (args.length === 2 ? registerBits(deviationOf(args[1])) : LEAST_BITS);
    const accumulator: Accumulator<Uint8Array> = {
      init: () => new Uint8Array(registers),
      update: (state, [value]) => (value === null ? state : note(state, value)),
      merge: (state, [partial]) => {
        const other = partial as Uint8Array;
        for (let i = 0; i < registers; i++) if (other[i] > state[i]) state[i] = other[i];
        return state;
      },
      partial: (state) => [state],
      finish: estimate,
    };
    return accumulator as Accumulator;
  },
};

export const QUANTILES: readonly AggregateFunction[] = [...PERCENTILES, APPROX_PERCENTILE, approxCountDistinct];
