/** Owns: functions of maps: keys, values, entries, and maps made of arrays, entries, other maps or text. */
import { userError } from '../../core/errors.js';
import { arrayOf, BOOLEAN, type DataType, field, mapOf, STRING, structOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Argument, Evaluator, ScalarFunction, Signature } from './definition.js';
import { mapOfEntries } from './nested-access.js';
import { compileRegex } from './regex.js';
import { castType, checkCount, ONLY_TEXT, unify, wrongArgument } from './signature.js';
import { splitText } from './split.js';
import { valueKey } from './value-key.js';

type MapType = Extract<DataType, { kind: 'map' }>;
type Entries = readonly (readonly [EngineValue, EngineValue | null])[];

function mapType(name: string, arg: Argument, i = 0): MapType {
  if (arg.type.kind === 'map') return arg.type;
  throw wrongArgument(name, i, 'a map', arg.type);
}

const define = (
  name: string,
  resolve: (args: readonly Argument[]) => Signature,
  evaluate: (...args: never[]) => EngineValue | null,
): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve,
  evaluator: () => evaluate as Evaluator,
});

const ofMap = (name: string, result: (type: MapType) => DataType, evaluate: (entries: Entries) => EngineValue): ScalarFunction =>
  define(
    name,
    (args) => {
      checkCount(name, args.length, 1);
      const type = mapType(name, args[0]);
      return { args: [type], result: result(type) };
    },
    evaluate as (...args: never[]) => EngineValue,
  );

const entryType = ({ key, value, valueContainsNull }: MapType): DataType =>
  structOf([field('key', key, false), field('value', value, valueContainsNull)]);

function fromArraysSignature(args: readonly Argument[]): Signature {
  checkCount('map_from_arrays', args.length, 2);
  const [keys, values] = args.map(({ type }, i) => {
    if (type.kind === 'array') return type;
    throw wrongArgument('map_from_arrays', i, 'an array', type);
  });
  return { args: [keys, values], result: mapOf(keys.element, values.element, values.containsNull) };
}

function fromArrays(keys: readonly EngineValue[], values: readonly EngineValue[]): EngineValue {
  if (keys.length !== values.length)
    throw userError('INVALID_PARAMETER_VALUE', `map_from_arrays was given ${keys.length} keys and ${values.length} values.`);
  return mapOfEntries(keys.map((key, i) => [key, values[i]]));
}

function fromEntriesSignature(args: readonly Argument[]): Signature {
  checkCount('map_from_entries', args.length, 1);
  const { type } = args[0];
  if (type.kind !== 'array' || type.element.kind !== 'struct' || type.element.fields.length !== 2)
    throw wrongArgument('map_from_entries', 0, 'an array of structs with two fields', type);
  const [key, value] = type.element.fields;
  return { args: [type], result: mapOf(key.type, value.type, value.nullable) };
}

function concatSignature(args: readonly Argument[]): Signature {
  for (const [i, arg] of args.entries()) mapType('map_concat', arg, i);
  if (args.length === 0) return { args: [], result: mapOf(STRING, STRING) };
  const { types, common } = unify('map_concat', args, 1);
  return { args: types, result: common };
}

function containsKeySignature(args: readonly Argument[]): Signature {
  checkCount('map_contains_key', args.length, 2);
  const type = mapType('map_contains_key', args[0]);
  return { args: [type, type.key], result: BOOLEAN };
}

/** The first key wins a repeated one's place, as an error: Spark's default policy. */
function textToMap(text: string, pairs = ',', sides = ':'): EngineValue {
  return mapOfEntries(
    splitText(text, compileRegex(pairs), -1).map((pair) => {
      const [key, value = null] = splitText(pair, compileRegex(sides), 2);
      return [key, value];
    }),
  );
}

export const MAPS: readonly ScalarFunction[] = [
  ofMap(
    'map_keys',
    (type) => arrayOf(type.key, false),
    (entries) => entries.map(([key]) => key),
  ),
  ofMap(
    'map_values',
    (type) => arrayOf(type.value, type.valueContainsNull),
    (entries) => entries.map(([, value]) => value),
  ),
  ofMap(
    'map_entries',
    (type) => arrayOf(entryType(type), false),
    (entries) => entries as EngineValue,
  ),
  define('map_from_arrays', fromArraysSignature, fromArrays),
  define('map_from_entries', fromEntriesSignature, (entries: Entries) => mapOfEntries(entries)),
  define('map_concat', concatSignature, (...maps: Entries[]) => mapOfEntries(maps.flat(1))),
  define('map_contains_key', containsKeySignature, (entries: Entries, key: EngineValue) =>
    entries.some(([k]) => valueKey(k) === valueKey(key)),
  ),
  define(
    'str_to_map',
    (args) => {
      checkCount('str_to_map', args.length, 1, 3);
      return { args: args.map((arg, i) => castType('str_to_map', arg, ONLY_TEXT, i)), result: mapOf(STRING, STRING) };
    },
    textToMap,
  ),
];
