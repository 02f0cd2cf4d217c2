/** Owns: aggregates that pick values of a group: `min max first last any_value bool_and bool_or min_by max_by collect_list collect_set mode`. */

import { userError } from '../../core/errors.js';
import { arrayOf, BOOLEAN, type DataType, field, INT64, isOrderable, structOf } from '../../data/types.js';
import { compareValues, type EngineValue } from '../../data/value.js';
import { ifPresent } from './aggregate-sum.js';
import { comparisonCode } from './comparison.js';
import type { Accumulator, AggregateFunction, Argument, Call, GeneratedAggregate, SlotKind } from './definition.js';
import { bigValue, bytesValue, commonRep, floatValue, intValue, toCommonRep, typeBits } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { ANY, BOOL, castType, castTypes, checkCount, fixedSignature, INT } from './signature.js';
import { valueKey } from './value-key.js';

type Nullable = EngineValue | null;

function orderedType(name: string, type: DataType): DataType {
  if (isOrderable(type)) return type;
  throw userError('DATATYPE_MISMATCH.INVALID_ORDERING_TYPE', `${name} does not order maps.`, { hint: 'Take a key or a value of it' });
}

const extreme = (name: 'min' | 'max'): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => {
    const types = castTypes(name, args, [ANY]);
    return { args: types, result: orderedType(name, types[0]), nullable: true };
  },
  partialTypes: ({ type }) => [type],
  accumulator: ({ type }) => {
    const sign = name === 'min' ? 1 : -1;
    const better = (state: Nullable, [value]: readonly Nullable[]): Nullable =>
      value !== null && (state === null || compareValues(value, state, type) * sign < 0) ? value : state;
    return picking(better, better) as Accumulator;
  },
  generate: (call) => generatedExtreme(call, name === 'min' ? '<' : '>'),
});

/** An accumulator whose state is one value, null at first. */
const picking = (
  update: (state: Nullable, args: readonly Nullable[]) => Nullable,
  merge: (state: Nullable, partial: readonly Nullable[]) => Nullable,
): Accumulator<Nullable> => ({ init: () => null, update, merge, partial: (state) => [state], finish: (state) => state });

/** Slots: the best so far, and whether there is one. */
function generatedExtreme({ type }: Call, operator: '<' | '>'): GeneratedAggregate | null {
  const slot = slotFor(type);
  if (slot === null) return null;
  const best = (slots: readonly string[], group: string): Value => slotValue(type, `${slots[0]}[${group}]`);
  const take: GeneratedAggregate['update'] = (emit, slots, group, [value]) =>
    ifPresent(emit, value, () => {
      const candidate = toCommonRep(emit, value, type);
      const current = best(slots, group);
      const any = { type, nullable: false, literal: undefined };
      const beats = comparisonCode(emit, operator, candidate, current, [any, any]);
      emit.branch(`${slots[1]}[${group}] === 0 || ${beats}`, () => {
        emit.line(`${slots[0]}[${group}] = ${stored(candidate)};`);
        emit.line(`${slots[1]}[${group}] = 1;`);
      });
    });
  const result = (_: Emitter, slots: readonly string[], group: string): Value => ({
    ...best(slots, group),
    isNull: `(${slots[1]}[${group}] === 0)`,
  });
  return { slots: [slot, 'i32'], update: take, merge: take, partial: (...args) => [result(...args)], finish: result };
}

function slotFor(type: DataType): SlotKind | null {
  const rep = commonRep(type);
  if (rep === 'big') return type.kind === 'decimal' && type.precision > 18 ? null : 'i64';
  return rep === 'int' || rep === 'float' ? 'f64' : rep === 'bytes' ? 'bytes' : null;
}

function slotValue(type: DataType, code: string): Value {
  switch (commonRep(type)) {
    case 'int':
      return intValue(type, code, Math.min(53, typeBits(type)));
    case 'big':
      return bigValue(type, code);
    case 'float':
      return floatValue(type, code);
    default:
      return bytesValue(type, code, '0', `${code}.length`);
  }
}

/** Bytes are copied: the batch that they lie in will go. */
function stored(value: Value): string {
  if (value.rep === 'bytes') return `${value.data}.slice(${value.start}, ${value.end})`;
  return 'code' in value ? value.code : '';
}

/** State: undefined before the first row that counts, else its value, which may be null. */
const positional = (name: string, keepsFirst: boolean): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => {
    const types = castTypes(name, args, [ANY, BOOL], 1);
    return { args: types, result: types[0], nullable: true };
  },
  partialTypes: ({ type }) => [type, BOOLEAN],
  accumulator: ({ args }) => {
    const skipsNulls = args[1]?.literal === true;
    const take = (state: Nullable | undefined, value: Nullable): Nullable | undefined => {
      if (skipsNulls && value === null) return state;
      return keepsFirst && state !== undefined ? state : value;
    };
    const accumulator: Accumulator<Nullable | undefined> = {
      init: () => undefined,
      update: (state, [value]) => take(state, value),
      merge: (state, [value, isSet]) => (isSet === true ? take(state, value) : state),
      partial: (state) => [state ?? null, state !== undefined],
      finish: (state) => state ?? null,
    };
    return accumulator as Accumulator;
  },
});

const connective = (name: 'bool_and' | 'bool_or'): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => ({ ...fixedSignature(name, [BOOL], BOOLEAN)(args), nullable: true }),
  partialTypes: () => [BOOLEAN],
  accumulator: () => {
    const decisive = name === 'bool_or';
    const take = (state: Nullable, [value]: readonly Nullable[]): Nullable => (value === null || state === decisive ? state : value);
    return picking(take, take) as Accumulator;
  },
});

/** The first argument where the second is least or greatest, of equal ones the last, as in Spark; rows whose second is null are left out. */
const keyed = (name: 'min_by' | 'max_by'): AggregateFunction => ({
  kind: 'aggregate',
  name,
  resolve: (args) => {
    const types = castTypes(name, args, [ANY, ANY, INT], 2);
    orderedType(name, types[1]);
    if (args.length === 3) checkMany(args[2]);
    return { args: types, result: args.length === 3 ? arrayOf(types[0]) : types[0], nullable: true };
  },
  partialTypes: ({ args }) =>
    args.length === 3 ? [arrayOf(structOf(args.slice(0, 2).map(({ type }, i) => field(`_${i}`, type))))] : args.map((arg) => arg.type),
  accumulator: ({ args }) => {
    if (args.length === 3) return best(args, name === 'min_by' ? 1 : -1) as Accumulator;
    const sign = name === 'min_by' ? 1 : -1;
    const better = (state: readonly Nullable[], next: readonly Nullable[]): readonly Nullable[] =>
      next[1] !== null && (state[1] === null || compareValues(next[1], state[1], args[1].type) * sign <= 0) ? [next[0], next[1]] : state;
    const accumulator: Accumulator<readonly Nullable[]> = {
      init: () => [null, null],
      update: better,
      merge: better,
      partial: (state) => [...state],
      finish: (state) => state[0],
    };
    return accumulator as Accumulator;
  },
});

const MOST_KEPT = 100_000;

/** How many rows are wanted. Throws DATATYPE_MISMATCH.NON_FOLDABLE_INPUT, DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE. */
function checkMany({ literal }: Argument): void {
  if (literal === undefined) {
    throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', 'How many values are wanted must be a constant.', { hint: 'Write a number' });
  }
  const wanted = literal === null ? Number.NaN : Number(literal);
  if (wanted >= 1 && wanted <= MOST_KEPT) return;
  throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `From 1 to ${MOST_KEPT} values can be wanted, not ${literal}.`);
}

/** The first values of the `k` rows whose second values come first; kept in their order, cut at twice as many. */
function best(args: readonly Argument[], sign: number): Accumulator<(readonly Nullable[])[]> {
  const most = Number(args[2].literal);
  const cut = (rows: (readonly Nullable[])[]): (readonly Nullable[])[] =>
    rows.sort((a, b) => compareValues(a[1] as EngineValue, b[1] as EngineValue, args[1].type) * sign).slice(0, most);
  const add = (rows: (readonly Nullable[])[], row: readonly Nullable[]): (readonly Nullable[])[] => {
    if (row[1] !== null) rows.push([row[0], row[1]]);
    return rows.length >= 2 * most + 16 ? cut(rows) : rows;
  };
  return {
    init: () => [],
    update: add,
    merge: (rows, [more]) => (more as readonly (readonly Nullable[])[]).reduce(add, rows),
    partial: (rows) => [cut(rows) as EngineValue],
    finish: (rows) => (rows.length === 0 ? null : (cut(rows).map(([value]) => value) as EngineValue)),
  };
}

const collectList: AggregateFunction = {
  kind: 'aggregate',
  name: 'collect_list',
  resolve: (args) => {
    const types = castTypes('collect_list', args, [ANY]);
    return { args: types, result: arrayOf(types[0], false), nullable: false };
  },
  partialTypes: ({ type }) => [type],
  accumulator: () => {
    const add = (state: EngineValue[], values: readonly Nullable[]): EngineValue[] => {
      for (const value of values) if (value !== null) state.push(value);
      return state;
    };
    const accumulator: Accumulator<EngineValue[]> = {
      init: () => [],
      update: (state, [value]) => add(state, [value]),
      merge: (state, [list]) => add(state, list as readonly Nullable[]),
      partial: (state) => [state],
      finish: (state) => state,
    };
    return accumulator as Accumulator;
  },
};

const collectSet: AggregateFunction = {
  ...collectList,
  name: 'collect_set',
  resolve: (args) => {
    const types = castTypes('collect_set', args, [ANY]);
    return { args: types, result: arrayOf(orderedType('collect_set', types[0]), false), nullable: false };
  },
  accumulator: () => {
    const add = (state: Map<unknown, EngineValue>, values: readonly Nullable[]): Map<unknown, EngineValue> => {
      for (const value of values) {
        const key = valueKey(value);
        // Of 0 and -0 it is 0, whichever comes first.
        if (value !== null && !state.has(key)) state.set(key, value === 0 ? 0 : value);
      }
      return state;
    };
    const accumulator: Accumulator<Map<unknown, EngineValue>> = {
      init: () => new Map(),
      update: (state, [value]) => add(state, [value]),
      merge: (state, [list]) => add(state, list as readonly Nullable[]),
      partial: (state) => [[...state.values()]],
      finish: (state) => [...state.values()],
    };
    return accumulator as Accumulator;
  },
};

type Tally = Map<unknown, [EngineValue, bigint]>;

const mode: AggregateFunction = {
  kind: 'aggregate',
  name: 'mode',
  resolve: (args) => {
    checkCount('mode', args.length, 1, 2);
    const flag = args.slice(1).map((arg) => castType('mode', arg, BOOL, 1));
    if (flag.length > 0) orderedType('mode', args[0].type);
    return { args: [args[0].type, ...flag], result: args[0].type, nullable: true };
  },
  partialTypes: ({ type }) => [
    arrayOf(
      structOf([
        { name: 'value', type, nullable: false },
        { name: 'count', type: INT64, nullable: false },
      ]),
      false,
    ),
  ],
  accumulator: ({ args, type }) => {
    const add = (state: Tally, value: Nullable, count: bigint): Tally => {
      if (value !== null) state.set(valueKey(value), [value, (state.get(valueKey(value))?.[1] ?? 0n) + count]);
      return state;
    };
    // Of values that are equally frequent the least, or else the greatest, where it is said; else any.
    const sign = args.length === 1 ? 0 : args[1].literal === true ? -1 : 1;
    const beats = ([value, count]: readonly [EngineValue, bigint], [best, most]: readonly [Nullable, bigint]): boolean =>
      count > most || (count === most && sign !== 0 && best !== null && compareValues(value, best, type) * sign > 0);
    const accumulator: Accumulator<Tally> = {
      init: () => new Map(),
      update: (state, [value]) => add(state, value, 1n),
      merge: (state, [pairs]) => {
        for (const [value, count] of pairs as readonly [EngineValue, bigint][]) add(state, value, count);
        return state;
      },
      partial: (state) => [[...state.values()]],
      finish: (state) =>
        [...state.values()].reduce<readonly [Nullable, bigint]>((best, pair) => (beats(pair, best) ? pair : best), [null, 0n])[0],
    };
    return accumulator as Accumulator;
  },
};

export const PICKS: readonly AggregateFunction[] = [
  extreme('min'),
  extreme('max'),
  positional('first', true),
  positional('last', false),
  positional('any_value', true),
  connective('bool_and'),
  connective('bool_or'),
  keyed('min_by'),
  keyed('max_by'),
  collectList,
  collectSet,
  mode,
];
