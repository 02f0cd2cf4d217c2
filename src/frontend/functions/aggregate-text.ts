/** Owns: `listagg`, texts of a group joined into one, in the order in which they come or, with directions and keys after the delimiter, in theirs. */
import { userError } from '../../core/errors.js';
import { arrayOf, type DataType, field, isOrderable, STRING, structOf } from '../../data/types.js';
import { compareValues, type EngineValue } from '../../data/value.js';
import type { Accumulator, AggregateFunction, Argument, Call } from './definition.js';
import { directionsOf } from './directions.js';
import { castTypes, checkCount, TEXT_OR_BINARY, wrongArgument } from './signature.js';

type Part = string | Uint8Array;
/** What is joined, then the keys that it is sorted by. */
type Row = readonly (EngineValue | null)[];

/** Where the keys start: after value, delimiter and directions. */
const FIRST_KEY = 3;

export const LISTAGG: AggregateFunction = {
  kind: 'aggregate',
  name: 'listagg',
  resolve: (args) => {
    checkCount('listagg', args.length, 1, Math.max(2, args.length));
    const types = castTypes('listagg', args.slice(0, 2), [TEXT_OR_BINARY, TEXT_OR_BINARY], 1).map((type) =>
      type.kind === 'null' ? STRING : type,
    );
    if (args.length >= 2 && args[1].literal === undefined) {
      throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', 'The delimiter of listagg must be a constant.');
    }
    return { args: [...types, ...orderTypes(args)], result: types[0], nullable: true };
  },
  partialTypes: ({ args, type }) => [arrayOf(args.length > FIRST_KEY ? rowType(args) : type, false)],
  accumulator: (call) => (call.args.length > FIRST_KEY ? ordered(call) : unordered(call)) as Accumulator,
};

function orderTypes(args: readonly Argument[]): DataType[] {
  if (args.length <= 2) return [];
  const [directions, ...keys] = args.slice(2);
  // Only WITHIN GROUP makes such arguments: who writes them means something else.
  if (typeof directions.literal !== 'string' || directionsOf(directions.literal).length !== keys.length)
    checkCount('listagg', args.length, 1, 2);
  for (const [i, { type }] of keys.entries()) {
    if (!isOrderable(type)) throw wrongArgument('listagg', FIRST_KEY + i, 'of a type that has an order', type);
  }
  return [STRING, ...keys.map(({ type }) => type)];
}

const rowType = (args: readonly Argument[]): DataType =>
  structOf([args[0], ...args.slice(FIRST_KEY)].map((arg, i) => field(`c${i}`, arg.type, true)));

function joining({ args, type }: Call): (parts: readonly Part[]) => Part | null {
  const delimiter = (args[1]?.literal ?? null) as Part | null;
  return (parts) => {
    if (parts.length === 0) return null;
    if (type.kind === 'string') return parts.join((delimiter ?? '') as string);
    const between = delimiter === null ? [] : [delimiter as Uint8Array];
    return new Uint8Array(Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part as Uint8Array] : [...between, part as Uint8Array]))));
  };
}

function unordered(call: Call): Accumulator<Part[]> {
  const join = joining(call);
  return {
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
    finish: (state) => join(state),
  };
}

function ordered(call: Call): Accumulator<Row[]> {
  const join = joining(call);
  const directions = directionsOf(call.args[2].literal as string);
  const types = call.args.slice(FIRST_KEY).map(({ type }) => type);
  const compare = (a: Row, b: Row): number => {
    for (const [k, { ascending, nullsFirst }] of directions.entries()) {
      const [x, y] = [a[k + 1], b[k + 1]];
      const order =
        x === null || y === null
          ? (Number(y === null) - Number(x === null)) * (nullsFirst ? 1 : -1)
          : compareValues(x, y, types[k]) * (ascending ? 1 : -1);
      if (order !== 0) return order;
    }
    return 0;
  };
  return {
    init: () => [],
    update: (state, [value, , , ...keys]) => {
      if (value !== null) state.push([value, ...keys]);
      return state;
    },
    merge: (state, [rows]) => {
      for (const row of rows as readonly Row[]) state.push(row);
      return state;
    },
    partial: (state) => [state as EngineValue],
    finish: (state) => join([...state].sort(compare).map(([value]) => value as Part)),
  };
}
