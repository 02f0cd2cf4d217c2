/** Owns: `schema_of_json` and `schema_of_csv`: the type that a constant text has, in SQL, as Spark infers it. */
import { userError } from '../../core/errors.js';
import { digitCount, MAX_PRECISION } from '../../data/decimal.js';
import { parseIsoDate, parseIsoMicros } from '../../data/temporal.js';
import {
  arrayOf,
  BOOLEAN,
  type DataType,
  decimal,
  FLOAT64,
  field,
  INT64,
  NULL,
  STRING,
  sameType,
  structOf,
  typeName,
} from '../../data/types.js';
import { fieldsOf } from './csv.js';
import type { Argument, ScalarFunction } from './definition.js';
import { BigNumber, isObject, type Json, parseJson } from './json.js';
import { castTypes, TEXT } from './signature.js';

function typeOf(json: Json): DataType {
  if (json === null) return NULL;
  if (typeof json === 'boolean') return BOOLEAN;
  if (typeof json === 'string') return STRING;
  if (typeof json === 'number') return Number.isInteger(json) ? INT64 : FLOAT64;
  if (json instanceof BigNumber) return numberType(json.text);
  if (isObject(json))
    return structOf(
      Object.keys(json)
        .sort()
        .map((name) => field(name, typeOf(json[name]))),
    );
  return arrayOf(json.map(typeOf).reduce(merged, NULL));
}

function numberType(text: string): DataType {
  if (!/^-?\d+$/.test(text)) return FLOAT64;
  const value = BigInt(text);
  if (BigInt.asIntN(64, value) === value) return INT64;
  return digitCount(value) <= MAX_PRECISION ? decimal(digitCount(value), 0) : FLOAT64;
}

/** The type of an array's elements: a wider number, all fields of structs, else string. */
function merged(a: DataType, b: DataType): DataType {
  if (a.kind === 'null' || sameType(a, b)) return b;
  if (b.kind === 'null') return a;
  const numbers = ['int64', 'float64', 'decimal'];
  if (numbers.includes(a.kind) && numbers.includes(b.kind)) return [a, b].some((t) => t.kind === 'float64') ? FLOAT64 : wholeOf(a, b);
  if (a.kind === 'array' && b.kind === 'array') return arrayOf(merged(a.element, b.element));
  if (a.kind !== 'struct' || b.kind !== 'struct') return STRING;
  const typesOf = new Map(a.fields.map((f) => [f.name, f.type]));
  for (const f of b.fields) typesOf.set(f.name, merged(typesOf.get(f.name) ?? NULL, f.type));
  return structOf([...typesOf.keys()].sort().map((name) => field(name, typesOf.get(name) as DataType)));
}

/** The digits of a bigint are at most 20 as Spark counts them. */
function wholeOf(a: DataType, b: DataType): DataType {
  const digits = [a, b].map((t) => (t.kind === 'decimal' ? t.precision : 20));
  return decimal(Math.max(...digits), 0);
}

/** `STRUCT<a: BIGINT, b: ARRAY<STRING>>`; what is null alone counts as a string. */
function sqlOf(type: DataType): string {
  switch (type.kind) {
    case 'null':
      return 'STRING';
    case 'array':
      return `ARRAY<${sqlOf(type.element)}>`;
    case 'struct':
      return `STRUCT<${type.fields.map((f) => `${nameOf(f.name)}: ${sqlOf(f.type)}`).join(', ')}>`;
    default:
      return typeName(type).toUpperCase();
  }
}

const nameOf = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``);

/** Types of a field of CSV in the order in which they are tried. */
const FIELD_TYPES: readonly (readonly [string, (text: string) => boolean])[] = [
  ['INT', (text) => /^[+-]?\d{1,10}$/.test(text) && Number(text) === (Number(text) | 0)],
  ['BIGINT', (text) => /^[+-]?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)],
  ['DOUBLE', (text) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(NaN|Inf|Infinity)$/.test(text)],
  ['DATE', (text) => parseIsoDate(text) !== null],
  ['TIMESTAMP', (text) => parseIsoMicros(text) !== null],
  ['BOOLEAN', (text) => /^(true|false)$/i.test(text)],
];

function csvSchemaOf({ literal }: Argument): string {
  if (typeof literal !== 'string') throw notConstant('schema_of_csv');
  const fields = fieldsOf(literal).map(
    (text, i) => `_c${i}: ${FIELD_TYPES.find(([, fits]) => text !== null && fits(text))?.[0] ?? 'STRING'}`,
  );
  return `STRUCT<${fields.join(', ')}>`;
}

const notConstant = (name: string) =>
  userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', `The text that ${name} takes must be a constant.`, {
    hint: 'Give it an example of the texts in the column',
  });

function schemaOf({ literal }: Argument): string {
  if (typeof literal !== 'string') throw notConstant('schema_of_json');
  const json = parseJson(literal);
  if (json === undefined) throw userError('MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION', `'${literal}' is no JSON.`);
  return sqlOf(typeOf(json));
}

const schemaFunction = (name: string, of: (text: Argument) => string): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => {
    const types = castTypes(name, args, [TEXT]);
    of(args[0]);
    return { args: types, result: STRING };
  },
  evaluator: ({ args: [text] }) => {
    const schema = of(text);
    return () => schema;
  },
});

export const SCHEMAS_OF_TEXT: readonly ScalarFunction[] = [
  schemaFunction('schema_of_json', schemaOf),
  schemaFunction('schema_of_csv', csvSchemaOf),
];
