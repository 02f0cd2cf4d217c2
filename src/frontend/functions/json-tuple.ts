/** Owns: `json_tuple`: top-level fields of JSON text as columns, one row of them for each row. Runs as inline() over what `json_tuple_rows` gives. */
import { userError } from '../../core/errors.js';
import { arrayOf, field, STRING, structOf, typeName } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Argument, GeneratorFunction, ScalarFunction, Signature } from './definition.js';
import { isObject, type Json, parseJson, writeJson } from './json.js';
import { checkCount } from './signature.js';

function signatureOf(args: readonly Argument[]): Signature & { readonly names: readonly string[] } {
  checkCount('json_tuple', args.length, 2, Number.POSITIVE_INFINITY);
  const wrong = args.findIndex(({ type }) => type.kind !== 'string' && type.kind !== 'null');
  if (wrong >= 0) {
    throw userError(
      'DATATYPE_MISMATCH.NON_STRING_TYPE',
      `json_tuple takes texts alone, but argument ${wrong + 1} is ${typeName(args[wrong].type)}.`,
      { hint: 'Cast it, or make JSON of it with to_json()' },
    );
  }
  const names = args.slice(1).map((_, i) => `c${i}`);
  const row = structOf(names.map((name) => field(name, STRING, true)));
  return { args: args.map(() => STRING), result: arrayOf(row, false), nullable: false, names };
}

const rows: ScalarFunction = {
  kind: 'scalar',
  name: 'json_tuple_rows',
  nulls: 'custom',
  resolve: signatureOf,
  evaluator:
    () =>
    (text, ...names) => {
      const json = text === null ? undefined : parseJson(text as string);
      return [names.map((name) => fieldText(json, name as string | null))] as EngineValue;
    },
};

/** Null where there is no such field, no object, or no JSON. */
function fieldText(json: Json | undefined, name: string | null): string | null {
  if (json === undefined || name === null || !isObject(json) || !Object.hasOwn(json, name)) return null;
  const value = json[name];
  return value === null ? null : typeof value === 'string' ? value : writeJson(value);
}

const jsonTuple: GeneratorFunction = {
  kind: 'generator',
  name: 'json_tuple',
  rows: rows.name,
  resolve: (args) => {
    const signature = signatureOf(args);
    return { ...signature, types: signature.names.map(() => STRING), nullables: signature.names.map(() => true) };
  },
};

export const JSON_TUPLE = [jsonTuple, rows];
