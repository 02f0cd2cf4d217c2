/** Owns: functions of whole arrays: search, set operations, sorting, building, joining. Elements compare as Spark's values do. */
import { userError } from '../../core/errors.js';
import { arrayOf, BOOLEAN, type DataType, field, INT32, INT64, STRING, structOf } from '../../data/types.js';
import { compareValues, type EngineValue } from '../../data/value.js';
import type { Argument, Call, Evaluator, ScalarFunction, Signature } from './definition.js';
import { checkLength } from './sequence.js';
import { castType, checkCount, INT, ONLY_TEXT, only, unify, wrongArgument } from './signature.js';
import { commonType } from './type-coercion.js';
import { valueKey } from './value-key.js';

type ArrayType = Extract<DataType, { kind: 'array' }>;
type List = readonly (EngineValue | null)[];

function arrayType(name: string, arg: Argument, i = 0): ArrayType {
  if (arg.type.kind === 'array') return arg.type;
  if (arg.type.kind === 'null') return arrayOf({ kind: 'null' }) as ArrayType;
  throw wrongArgument(name, i, 'an array', arg.type);
}

interface Shape {
  readonly nulls?: 'propagate' | 'custom';
  resolve(name: string, args: readonly Argument[]): Signature;
}

/** One array in; `result` from its type. */
const one = (result: (type: ArrayType) => DataType, nullable?: boolean): Shape => ({
  resolve: (name, args) => {
    checkCount(name, args.length, 1);
    const type = arrayType(name, args[0]);
    return { args: [type], result: result(type), nullable };
  },
});

/** Two arrays of a common element type. */
const two = (result: (type: ArrayType) => DataType): Shape => ({
  resolve: (name, args) => {
    checkCount(name, args.length, 2);
    for (const [i, arg] of args.entries()) arrayType(name, arg, i);
    const { types, common } = unify(name, args, 2);
    return { args: types, result: result(common as ArrayType) };
  },
});

/** An array and a value of its element type, then whole numbers. */
const withValue = (result: (type: ArrayType) => DataType, nulls: 'propagate' | 'custom' = 'propagate'): Shape => ({
  nulls,
  resolve: (name, args) => {
    checkCount(name, args.length, 2);
    const { element, containsNull } = arrayType(name, args[0]);
    const common = commonType(element, args[1].type);
    if (common === null) throw wrongArgument(name, 1, 'of the type of the elements', args[1].type);
    const type = arrayOf(common, containsNull || (nulls === 'custom' && args[1].nullable)) as ArrayType;
    return { args: [type, common], result: result(type) };
  },
});

const define = (name: string, shape: Shape, evaluator: (call: Call) => (...args: never[]) => EngineValue | null): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: shape.nulls ?? 'propagate',
  resolve: (args) => shape.resolve(name, args),
  evaluator: (call) => evaluator(call) as Evaluator,
});

const elementOf = ({ args }: Call): DataType => (args[0].type as ArrayType).element;
const keysOf = (list: List): Set<unknown> => new Set(list.map(valueKey));

function distinct(list: List): EngineValue {
  const seen = new Set<unknown>();
  const kept = list.filter((value) => {
    const key = valueKey(value);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  // Spark's sets hold 0 for -0.
  return kept.map((value) => (value === 0 ? 0 : value)) as EngineValue;
}

/** Sorted copy; nulls first or last as told. */
function sorted(list: List, type: DataType, ascending: boolean, nullsFirst: boolean): EngineValue {
  const values = list
    .filter((value): value is EngineValue => value !== null)
    .sort((a, b) => compareValues(a, b, type) * (ascending ? 1 : -1));
  const nulls: List = Array.from({ length: list.length - values.length }, () => null);
  return (nullsFirst ? [...nulls, ...values] : [...values, ...nulls]) as EngineValue;
}

const extreme =
  (sign: 1 | -1) =>
  (call: Call) =>
  (list: List): EngineValue | null =>
    list.reduce(
      (best, value) => (value !== null && (best === null || compareValues(value, best, elementOf(call)) * sign > 0) ? value : best),
      null,
    );

const contains = (list: List, value: EngineValue): boolean | null => {
  const keys = keysOf(list);
  return keys.has(valueKey(value)) ? true : keys.has(null) ? null : false;
};

function overlap(a: List, b: List): boolean | null {
  const keys = keysOf(a);
  if (b.some((value) => value !== null && keys.has(valueKey(value)))) return true;
  return a.length > 0 && b.length > 0 && (a.includes(null) || b.includes(null)) ? null : false;
}

const sortArray: Shape = {
  resolve: (name, args) => {
    checkCount(name, args.length, 1, 2);
    const type = arrayType(name, args[0]);
    return { args: args.length === 1 ? [type] : [type, BOOLEAN], result: type };
  },
};

const slice: Shape = {
  resolve: (name, args) => {
    checkCount(name, args.length, 3);
    const type = arrayType(name, args[0]);
    return { args: [type, castType(name, args[1], INT, 1), castType(name, args[2], INT, 2)], result: type };
  },
};

function sliceOf(list: List, start: number, length: number): EngineValue {
  if (start === 0)
    throw userError('INVALID_PARAMETER_VALUE.START', 'slice counts elements from 1, or from -1 backwards; there is no element 0.');
  if (length < 0)
    throw userError('INVALID_PARAMETER_VALUE.LENGTH', `slice cannot take ${length} elements.`, { hint: 'Give a length of 0 or more' });
  const from = start > 0 ? start - 1 : list.length + start;
  return (from < 0 ? [] : list.slice(from, from + length)) as EngineValue;
}

const arrayJoin: Shape = {
  resolve: (name, args) => {
    checkCount(name, args.length, 2, 3);
    const type = arrayOf(STRING, arrayType(name, args[0]).containsNull);
    return { args: [type, ...args.slice(1).map((arg, i) => castType(name, arg, ONLY_TEXT, i + 1))], result: STRING };
  },
};

const insert: Shape = {
  nulls: 'custom',
  resolve: (name, args) => {
    checkCount(name, args.length, 3);
    const { element } = arrayType(name, args[0]);
    const common = commonType(element, args[2].type);
    if (common === null) throw wrongArgument(name, 2, 'of the type of the elements', args[2].type);
    return { args: [arrayOf(common), castType(name, args[1], INT, 1), common], result: arrayOf(common) };
  },
};

function insertAt(list: List | null, position: number | null, value: EngineValue | null): EngineValue | null {
  if (list === null || position === null) return null;
  if (position === 0)
    throw userError('INVALID_INDEX_OF_ZERO', 'array_insert counts elements from 1, or from -1 backwards; there is no place 0.');
  const at = position > 0 ? position - 1 : list.length + position + 1;
  checkLength('array_insert', Math.abs(at));
  if (at < 0) return [value, ...Array.from({ length: -at }, () => null), ...list] as EngineValue;
  const padded = at > list.length ? [...list, ...Array.from({ length: at - list.length }, () => null)] : list;
  return [...padded.slice(0, at), value, ...padded.slice(at)] as EngineValue;
}

const zip: Shape = {
  resolve: (name, args) => {
    checkCount(name, args.length, 1, Number.POSITIVE_INFINITY);
    const types = args.map((arg, i) => arrayType(name, arg, i));
    return { args: types, result: arrayOf(structOf(types.map((type, i) => field(String(i), type.element, true))), false) };
  },
};

function zipOf(...lists: readonly List[]): EngineValue {
  const length = Math.max(...lists.map((list) => list.length));
  return Array.from({ length }, (_, i) => lists.map((list) => list[i] ?? null)) as EngineValue;
}

const repeat: Shape = {
  nulls: 'custom',
  resolve: (name, args) => {
    checkCount(name, args.length, 2);
    return {
      args: [args[0].type, castType(name, args[1], only(INT32), 1)],
      result: arrayOf(args[0].type, args[0].nullable),
      nullable: args[1].nullable,
    };
  },
};

function repeatOf(value: EngineValue, count: number | null): EngineValue | null {
  if (count === null) return null;
  checkLength('array_repeat', count);
  return Array.from({ length: Math.max(0, count) }, () => value);
}

const same = (type: ArrayType): DataType => type;

export const ARRAYS: readonly ScalarFunction[] = [
  define('array_contains', { ...withValue(() => BOOLEAN), nulls: 'propagate' }, () => contains as never),
  define(
    'array_position',
    withValue(() => INT64),
    () => (list: List, value: EngineValue) => BigInt(list.findIndex((item) => valueKey(item) === valueKey(value)) + 1),
  ),
  define(
    'array_remove',
    withValue(same),
    () => (list: List, value: EngineValue) => list.filter((item) => valueKey(item) !== valueKey(value)) as EngineValue,
  ),
  define(
    'array_append',
    withValue(same, 'custom'),
    () => (list: List | null, value: EngineValue) => list && ([...list, value] as EngineValue),
  ),
  define(
    'array_prepend',
    withValue(same, 'custom'),
    () => (list: List | null, value: EngineValue) => list && ([value, ...list] as EngineValue),
  ),
  define('array_insert', insert, () => insertAt),
  define('array_repeat', repeat, () => repeatOf),
  define('array_distinct', one(same), () => distinct),
  define(
    'array_compact',
    one((type) => arrayOf(type.element, false)),
    () => (list: List) => list.filter((value) => value !== null) as EngineValue,
  ),
  define(
    'array_min',
    one((type) => type.element, true),
    extreme(-1),
  ),
  define(
    'array_max',
    one((type) => type.element, true),
    extreme(1),
  ),
  define(
    'sort_array',
    sortArray,
    (call) =>
      (list: List, ascending = true) =>
        sorted(list, elementOf(call), ascending, ascending),
  ),
  define('array_union', two(same), () => (a: List, b: List) => distinct([...a, ...b])),
  define('array_intersect', two(same), () => (a: List, b: List) => {
    const keys = keysOf(b);
    return distinct(a.filter((value) => keys.has(valueKey(value))));
  }),
  define('array_except', two(same), () => (a: List, b: List) => {
    const keys = keysOf(b);
    return distinct(a.filter((value) => !keys.has(valueKey(value))));
  }),
  define(
    'arrays_overlap',
    two(() => BOOLEAN),
    () => overlap as never,
  ),
  define('arrays_zip', zip, () => zipOf),
  define(
    'array_join',
    arrayJoin,
    () => (list: List, separator: string, nulls?: string) =>
      (nulls === undefined ? list.filter((value) => value !== null) : list.map((value) => value ?? nulls)).join(separator),
  ),
  define(
    'flatten',
    one((type) => {
      if (type.element.kind === 'array') return type.element;
      throw wrongArgument('flatten', 0, 'an array of arrays', type);
    }, true),
    () => (lists: readonly (List | null)[]) => (lists.includes(null) ? null : ((lists as List[]).flat(1) as EngineValue)),
  ),
  define('slice', slice, () => sliceOf),
];
