/** Owns: `listagg`, texts of a group joined into one, in the order in which they come. */
import { userError } from '../../core/errors.js';
import { arrayOf, STRING } from '../../data/types.js';
import type { Accumulator, AggregateFunction } from './definition.js';
import { castTypes, TEXT_OR_BINARY } from './signature.js';

export const LISTAGG: AggregateFunction = {
  kind: 'aggregate',
  name: 'listagg',
  resolve: (args) => {
    const types = castTypes('listagg', args, [TEXT_OR_BINARY, TEXT_OR_BINARY], 1).map((type) => (type.kind === 'null' ? STRING : type));
    if (args.length === 2 && args[1].literal === undefined) {
      throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', 'The delimiter of listagg must be a constant.');
    }
    return { args: types, result: types[0], nullable: true };
  },
  partialTypes: ({ type }) => [arrayOf(type, false)],
  accumulator: ({ args, type }) => {
    type Part = string | Uint8Array;
    const delimiter = (args[1]?.literal ?? null) as Part | null;
    const joined = (parts: readonly Part[]): Part => {
      if (type.kind === 'string') return parts.join((delimiter ?? '') as string);
      const between = delimiter === null ? [] : [delimiter as Uint8Array];
      return new Uint8Array(Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part as Uint8Array] : [...between, part as Uint8Array]))));
    };
    const accumulator: Accumulator<Part[]> = {
      init: () => [],
      update: (state, [value]) => {
        if (value !== null) state.push(value as Part);
        return state;
      },
      merge: (state, [parts]) => {
        for (const part of parts as readonly Part[]) state.push(part);
        return state;
      },
      partial: (state) => [state],
      finish: (state) => (state.length === 0 ? null : joined(state)),
    };
    return accumulator as Accumulator;
  },
};
