/**
 * Owns: functions of maps that take a lambda of key and value: `map_filter transform_keys transform_values map_zip_with`.
 * The result is built entry by entry in a loop of generated code around the lambda's own code.
 */
import { type DataType, mapOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Argument, LambdaParameters, ScalarFunction, Signature } from './definition.js';
import { jsValue } from './emit.js';
import type { Emitter, Lambda, Value } from './generator.js';
import { mapOfEntries } from './nested-access.js';
import { BOOL, castType, checkCount, differingTypes, wrongArgument } from './signature.js';
import { commonType } from './type-coercion.js';
import { valueKey } from './value-key.js';

type MapType = Extract<DataType, { kind: 'map' }>;
type Entry = readonly [EngineValue, EngineValue | null];
type Entries = readonly Entry[];
type Fn = (...values: readonly (EngineValue | null)[]) => EngineValue | null;

function mapType(name: string, arg: Argument, i = 0): MapType {
  if (arg.type.kind === 'map') return arg.type;
  throw wrongArgument(name, i, 'a map', arg.type);
}

interface Shape {
  readonly result: (type: MapType, body: Argument) => DataType;
  /** What becomes of an entry and the lambda's value of it, at its place in the loop: code that adds to `made`, or does not. */
  readonly code: (emit: Emitter, made: string, entry: { readonly key: string; readonly value: string }, body: Value) => void;
  readonly evaluate: (entries: Entries, fn: Fn) => EngineValue;
  readonly isTest?: true;
  /** New keys are looked at: none is null, none there twice. */
  readonly checked?: true;
}

const overEntries = (name: string, { result, code, evaluate, isTest, checked }: Shape): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  lambda: (args, index) => {
    if (index !== 1) return null;
    const { key, value, valueContainsNull } = mapType(name, args[0]);
    return {
      types: [
        { type: key, nullable: false },
        { type: value, nullable: valueContainsNull },
      ],
      least: 2,
    };
  },
  resolve: (args) => {
    checkCount(name, args.length, 2);
    const type = mapType(name, args[0]);
    return { args: [type, isTest ? castType(name, args[1], BOOL, 1) : args[1].type], result: result(type, args[1]) };
  },
  evaluator: () => evaluate as never,
  generate: (emit, [map], call, [fn]) => {
    const { key, value } = call.args[0].type as MapType;
    const source = emit.toJs(map()).code;
    const made = emit.let('made', '[]');
    const [k, v] = [emit.fresh('key'), emit.fresh('value')];
    emit.loop(`for (const [${k}, ${v}] of ${source})`, () =>
      code(emit, made, { key: k, value: v }, fn.body([emit.fromJs(k, key), emit.fromJs(v, value)])),
    );
    if (!checked) return jsValue(call.type, made);
    return jsValue(call.type, emit.let('map', `${emit.constant('mapOfEntries', emit.located(mapOfEntries))}(${made})`));
  },
});

/** The engine value as an expression, null where it is null. */
function nullable(emit: Emitter, value: Value): string {
  if (value.isNull === 'true') return 'null';
  const { code } = emit.toJs(value);
  return value.isNull === 'false' ? code : `(${value.isNull}) ? null : ${code}`;
}

const mapFilter = overEntries('map_filter', {
  isTest: true,
  result: (type) => type,
  evaluate: (entries, fn) => entries.filter(([key, value]) => fn(key, value) === true),
  code: (emit, made, { key, value }, test) =>
    emit.branch(`${nullable(emit, test)} === true`, () => emit.line(`${made}.push([${key}, ${value}]);`)),
});

const transformKeys = overEntries('transform_keys', {
  checked: true,
  result: (type, body) => mapOf(body.type, type.value, type.valueContainsNull),
  evaluate: (entries, fn) => mapOfEntries(entries.map(([key, value]) => [fn(key, value), value])),
  code: (emit, made, { value }, key) => emit.line(`${made}.push([${nullable(emit, key)}, ${value}]);`),
});

const transformValues = overEntries('transform_values', {
  result: (type, body) => mapOf(type.key, body.type, body.nullable),
  evaluate: (entries, fn) => entries.map(([key, value]) => [key, fn(key, value)]),
  code: (emit, made, { key }, value) => emit.line(`${made}.push([${key}, ${nullable(emit, value)}]);`),
});

/** [key, left value, right value] of every key of either map, those of the left first. */
function zipped(left: Entries, right: Entries): readonly (readonly (EngineValue | null)[])[] {
  const others = new Map(right.map(([key, value]) => [valueKey(key), value]));
  const known = new Set(left.map(([key]) => valueKey(key)));
  return [
    ...left.map(([key, value]) => [key, value, others.get(valueKey(key)) ?? null]),
    ...right.filter(([key]) => !known.has(valueKey(key))).map(([key, value]) => [key, null, value]),
  ];
}

function zipTypes(args: readonly Argument[]): { readonly left: MapType; readonly right: MapType; readonly key: DataType } {
  const [left, right] = [mapType('map_zip_with', args[0]), mapType('map_zip_with', args[1], 1)];
  const key = commonType(left.key, right.key);
  if (key === null) throw differingTypes('map_zip_with', args.slice(0, 2));
  return { left, right, key };
}

const mapZipWith: ScalarFunction = {
  kind: 'scalar',
  name: 'map_zip_with',
  nulls: 'propagate',
  lambda: (args, index): LambdaParameters | null => {
    if (index !== 2) return null;
    const { left, right, key } = zipTypes(args);
    return {
      types: [
        { type: key, nullable: false },
        { type: left.value, nullable: true },
        { type: right.value, nullable: true },
      ],
      least: 3,
    };
  },
  resolve: (args): Signature => {
    checkCount('map_zip_with', args.length, 3);
    const { left, right, key } = zipTypes(args);
    const sides = [left, right].map(({ value, valueContainsNull }) => mapOf(key, value, valueContainsNull));
    return { args: [...sides, args[2].type], result: mapOf(key, args[2].type, args[2].nullable) };
  },
  evaluator: () => ((left: Entries, right: Entries, fn: Fn) => zipped(left, right).map(([k, a, b]) => [k, fn(k, a, b)])) as never,
  generate: (emit, [left, right], call, [fn]) => zipCode(emit, [left(), right()], call.type as MapType, fn),
};

function zipCode(emit: Emitter, [left, right]: readonly Value[], type: MapType, fn: Lambda): Value {
  const source = `${emit.constant('zipped', zipped)}(${emit.toJs(left).code}, ${emit.toJs(right).code})`;
  const made = emit.let('made', '[]');
  const names = [emit.fresh('key'), emit.fresh('left'), emit.fresh('right')];
  const types = [type.key, (left.type as MapType).value, (right.type as MapType).value];
  emit.loop(`for (const [${names.join(', ')}] of ${source})`, () => {
    const value = fn.body(names.map((name, i) => emit.fromJs(name, types[i])));
    emit.line(`${made}.push([${names[0]}, ${nullable(emit, value)}]);`);
  });
  return jsValue(type, made);
}

export const HIGHER_ORDER_MAPS: readonly ScalarFunction[] = [mapFilter, transformKeys, transformValues, mapZipWith];
