/** Owns: making and opening nested values: `array named_struct map`, `getfield`, `getitem`, `element_at`, `get`, `size`. */
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import {
  arrayOf,
  type DataType,
  field,
  INT32,
  isInteger,
  isOrderable,
  mapOf,
  STRING,
  sameType,
  structOf,
  typeName,
} from '../../data/types.js';
import { type EngineValue, valuesEqual } from '../../data/value.js';
import type { Argument, Evaluator, ScalarFunction, Signature } from './definition.js';
import { checkCount, differingTypes, unify, wrongArgument } from './signature.js';
import { canCastImplicitly, commonTypeOf } from './type-coercion.js';
import { valueKey } from './value-key.js';

type Entries = readonly (readonly [EngineValue, EngineValue | null])[];

const array: ScalarFunction = {
  kind: 'scalar',
  name: 'array',
  nulls: 'custom',
  resolve: (args) => {
    const { types, common } = unify('array', args, 0);
    return {
      args: types,
      result: arrayOf(
        common,
        args.some((arg) => arg.nullable),
      ),
      nullable: false,
    };
  },
  evaluator:
    () =>
    (...values) =>
      values as EngineValue,
};

/** The rows of stack(): an array of structs, whose fields are of one type each, as they are. Nulls have any. */
const stackRows: ScalarFunction = {
  ...array,
  name: 'stack_rows',
  resolve: (args) => {
    const [first] = args;
    const width = first.type.kind === 'struct' ? first.type.fields.length : 0;
    for (let k = 0; k < width; k++) {
      const types = args.flatMap(({ type }) =>
        type.kind === 'struct' && type.fields[k].type.kind !== 'null' ? [type.fields[k].type] : [],
      );
      const other = types.find((type) => !sameType(type, types[0]));
      if (other === undefined) continue;
      throw userError(
        'DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES',
        `Column ${k + 1} that stack makes would be ${typeName(types[0])} in one row and ${typeName(other)} in another.`,
        { hint: 'Values stand row by row; cast those of one column to one type' },
      );
    }
    return array.resolve(args);
  },
};

/** Names at the even places are constants. The analyzer turns `struct` into this with the columns' names. */
const namedStruct = (name: string): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  resolve: (args) => {
    if (args.length === 0 || args.length % 2 === 1) {
      throw userError(
        'WRONG_NUM_ARGS.WITHOUT_SUGGESTION',
        `${name} takes names and values in turn, but was given ${args.length} arguments.`,
      );
    }
    const fields = [];
    for (let i = 0; i < args.length; i += 2) {
      if (typeof args[i].literal !== 'string')
        throw userError('DATATYPE_MISMATCH.NON_STRING_TYPE', `The name at place ${i + 1} of ${name} must be a constant string.`);
      fields.push(field(args[i].literal as string, args[i + 1].type, args[i + 1].nullable));
    }
    return { args: args.map((arg) => arg.type), result: structOf(fields), nullable: false };
  },
  evaluator:
    () =>
    (...values) =>
      values.filter((_, i) => i % 2 === 1) as EngineValue,
});

const duplicateKey = (key: EngineValue) =>
  userError('DUPLICATED_MAP_KEY', `A map cannot hold the key ${String(key)} twice.`, { hint: 'Drop duplicates before making the map' });

/** Entries with each key once and none null. Throws DUPLICATED_MAP_KEY and NULL_MAP_KEY. */
export function mapOfEntries(entries: Iterable<readonly (EngineValue | null)[]>): EngineValue {
  const seen = new Set<unknown>();
  const made: EngineValue[] = [];
  for (const [key, value] of entries) {
    if (key === null) throw userError('NULL_MAP_KEY', 'A map cannot hold a null key.', { hint: 'Filter null keys out first' });
    const id = valueKey(key);
    if (seen.has(id)) throw duplicateKey(key);
    seen.add(id);
    made.push([key === 0 ? 0 : key, value]);
  }
  return made;
}

/** Throws DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE for a type that is, or holds, a map. */
export function checkKeyType(name: string, type: DataType): void {
  if (isOrderable(type)) return;
  throw userError('DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE', `${name} cannot have keys that are maps: ${typeName(type)}.`, {
    hint: 'Use map_entries() of the key',
  });
}

const map: ScalarFunction = {
  kind: 'scalar',
  name: 'map',
  nulls: 'custom',
  resolve: (args) => {
    if (args.length % 2 === 1)
      throw userError('WRONG_NUM_ARGS.WITHOUT_SUGGESTION', `map takes keys and values in turn, but was given ${args.length} arguments.`);
    const side = (parity: number): readonly Argument[] => args.filter((_, i) => i % 2 === parity);
    const [keys, values] = [commonTypeOf(side(0).map((arg) => arg.type)), commonTypeOf(side(1).map((arg) => arg.type))];
    if (keys === null || values === null) throw differingTypes('map', keys === null ? side(0) : side(1));
    checkKeyType('map', keys);
    return {
      args: args.map((_, i) => (i % 2 === 0 ? keys : values)),
      result: mapOf(
        keys,
        values,
        side(1).some((arg) => arg.nullable),
      ),
      nullable: false,
    };
  },
  evaluator:
    () =>
    (...values) =>
      mapOfEntries(Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]])),
};

/** Of an array of structs: the array of that field. */
const getField: ScalarFunction = {
  kind: 'scalar',
  name: 'getfield',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('getfield', args.length, 2);
    const [parent, name] = args;
    const isList = parent.type.kind === 'array';
    const struct = parent.type.kind === 'array' ? parent.type.element : parent.type;
    if (struct.kind === 'map' && !isList) return itemSignature('getfield', args);
    if (struct.kind !== 'struct' || typeof name.literal !== 'string') {
      throw userError('INVALID_EXTRACT_BASE_FIELD_TYPE', `A ${typeName(parent.type)} has no field '${String(name.literal)}'.`, {
        hint: 'Only structs and maps have fields',
      });
    }
    const index = fieldIndex(struct, name.literal);
    const found = struct.fields[index];
    const result = parent.type.kind === 'array' ? arrayOf(found.type, found.nullable || parent.type.containsNull) : found.type;
    return { args: [parent.type, STRING], result, nullable: !isList && found.nullable };
  },
  evaluator: ({ args }) => {
    const { type } = args[0];
    if (type.kind === 'map') return itemOf('getfield', type);
    const struct = (type.kind === 'array' ? type.element : type) as Extract<DataType, { kind: 'struct' }>;
    const index = fieldIndex(struct, args[1].literal as string);
    const open = (value: EngineValue | null): EngineValue | null => (value === null ? null : (value as readonly EngineValue[])[index]);
    return type.kind === 'array' ? (values) => (values as readonly EngineValue[]).map(open) as EngineValue : (value) => open(value);
  },
};

function fieldIndex(struct: Extract<DataType, { kind: 'struct' }>, name: string): number {
  const lower = name.toLowerCase();
  const index = struct.fields.findIndex((f) => f.name.toLowerCase() === lower);
  if (index >= 0 && struct.fields.findLastIndex((f) => f.name.toLowerCase() === lower) === index) return index;
  if (index >= 0) {
    throw userError('AMBIGUOUS_REFERENCE_TO_FIELDS', `${typeName(struct)} has more than one field '${name}'.`, {
      hint: 'Give its fields different names',
    });
  }
  const names = struct.fields.map((f) => f.name);
  throw userError('FIELD_NOT_FOUND', `There is no field '${name}' in ${typeName(struct)}.`, {
    hint: didYouMean(name, names) || `Fields: ${names.join(', ')}`,
  });
}

function itemSignature(name: string, args: readonly Argument[]): Signature {
  checkCount(name, args.length, 2);
  const [{ type }, key] = args;
  if (type.kind === 'array') {
    if (!isInteger(key.type) && !canCastImplicitly(key.type, INT32)) throw wrongArgument(name, 1, 'a whole number', key.type);
    return { args: [type, INT32], result: type.element, nullable: true };
  }
  // An empty map literal has no key type of its own.
  const isVoid = type.kind === 'map' && type.key.kind === 'null' && name === 'element_at';
  if (type.kind === 'map') return { args: [type, isVoid ? key.type : type.key], result: type.value, nullable: true };
  if (type.kind === 'struct' && name === 'getitem') return getField.resolve(args);
  throw wrongArgument(name, 0, 'an array or a map', type);
}

type Outside = (index: number, length: number) => EngineValue | null;

const failing =
  (condition: string, from: number): Outside =>
  (index, length) => {
    throw userError(condition, `There is no element ${index} in an array of ${length}.`, {
      hint:
        length === 0
          ? 'Use get() or try_element_at() to get null instead'
          : `Elements are ${from} to ${length - 1 + from}; get() and try_element_at() give null outside`,
    });
  };
const giveNull: Outside = () => null;

function itemOf(name: string, type: DataType): Evaluator {
  if (type.kind === 'map') {
    return (entries, key) => (entries as Entries).find(([k]) => valuesEqual(k, key as EngineValue, type.key))?.[1] ?? null;
  }
  const outside = OUTSIDE[name] ?? giveNull;
  const fromOne = name.endsWith('element_at');
  return (values, position) => {
    const [list, index] = [values as readonly EngineValue[], position as number];
    if (fromOne && index === 0)
      throw userError('INVALID_INDEX_OF_ZERO', `${name} counts elements from 1, or from -1 backwards; there is no element 0.`);
    const at = !fromOne ? index : index > 0 ? index - 1 : list.length + index;
    return at < 0 || at >= list.length ? outside(index, list.length) : list[at];
  };
}

const OUTSIDE: Readonly<Record<string, Outside>> = {
  getitem: failing('INVALID_ARRAY_INDEX', 0),
  element_at: failing('INVALID_ARRAY_INDEX_IN_ELEMENT_AT', 1),
};

const item = (name: string): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => itemSignature(name, args),
  evaluator: (call) => (call.args[0].type.kind === 'struct' ? getField.evaluator(call) : itemOf(name, call.args[0].type)),
});

const size = (name: string): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => {
    checkCount(name, args.length, 1);
    const { type } = args[0];
    if (type.kind !== 'array' && (type.kind !== 'map' || name === 'array_size'))
      throw wrongArgument(name, 0, name === 'array_size' ? 'an array' : 'an array or a map', type);
    return { args: [type], result: INT32 };
  },
  evaluator: () => (value) => (value as readonly EngineValue[]).length,
});

export const NESTED_ACCESS: readonly ScalarFunction[] = [
  array,
  stackRows,
  namedStruct('named_struct'),
  namedStruct('struct'),
  map,
  getField,
  item('getitem'),
  item('element_at'),
  item('try_element_at'),
  item('get'),
  size('size'),
  size('array_size'),
];
