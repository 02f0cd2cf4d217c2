/** Owns: `bitmap_construct_agg`, `bitmap_or_agg`, `bitmap_and_agg`: sets of up to 32,768 numbers as bitmaps of 4,096 bytes, lowest bit first. */
import { userError } from '../../core/errors.js';
import { BINARY, type DataType } from '../../data/types.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { type Accept, castTypes, LONG } from './signature.js';

const BYTES = 4096;
const BITMAP: Accept = { label: 'binary', cast: (type: DataType) => (type.kind === 'binary' || type.kind === 'null' ? BINARY : null) };

function setBit(state: Uint8Array, position: bigint): Uint8Array {
  if (position < 0n || position >= BYTES * 8) {
    throw userError('INVALID_BITMAP_POSITION', `A bitmap has the positions 0 to ${BYTES * 8 - 1}, not ${position}.`, {
      hint: 'Take bitmap_bit_position() of the number, and group by its bitmap_bucket_number()',
    });
  }
  state[Number(position >> 3n)] |= 1 << Number(position & 7n);
  return state;
}

function union(state: Uint8Array, other: Uint8Array): Uint8Array {
  for (let i = 0; i < Math.min(BYTES, other.length); i++) state[i] |= other[i];
  return state;
}

/** What a shorter bitmap does not reach is not in it. */
function intersection(state: Uint8Array, other: Uint8Array): Uint8Array {
  for (let i = 0; i < BYTES; i++) state[i] &= other[i] ?? 0;
  return state;
}

const bitmaps = (name: string, accepts: Accept, first: number, add: (state: Uint8Array, value: never) => Uint8Array): AggregateFunction => {
  const merge = name === 'bitmap_and_agg' ? intersection : union;
  return {
    kind: 'aggregate',
    name,
    resolve: (args) => ({ args: castTypes(name, args, [accepts]), result: BINARY, nullable: false }),
    partialTypes: () => [BINARY],
    accumulator: () => {
      const accumulator: Accumulator<Uint8Array> = {
        init: () => new Uint8Array(BYTES).fill(first),
        update: (state, [value]) => (value === null ? state : add(state, value as never)),
        merge: (state, [other]) => merge(state, other as Uint8Array),
        partial: (state) => [state],
        finish: (state) => state,
      };
      return accumulator as Accumulator;
    },
  };
};

export const BITMAPS: readonly AggregateFunction[] = [
  bitmaps('bitmap_construct_agg', LONG, 0, setBit),
  bitmaps('bitmap_or_agg', BITMAP, 0, union),
  bitmaps('bitmap_and_agg', BITMAP, 0xff, intersection),
];
