/**
 * Owns: `to_json from_json get_json_object json_array_length`: nested values ↔ JSON text. What is no JSON of the wanted type is null, as in Spark's
 * permissive mode. Numbers of more digits than a double holds stay exact.
 */
import { MinisparkError, userError } from '../../core/errors.js';
import { parseDecimal } from '../../data/decimal.js';
import { parseInterval } from '../../data/interval.js';
import { parseSchema, parseType } from '../../data/schema-text.js';
import { parseDate } from '../../data/temporal-text.js';
import { arrayOf, type DataType, INT32, STRING, structOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { parseTimestamp, parseTimestampNtz, type Zone, zoneOf } from '../../data/zone.js';
import { fitDecimal, toInteger } from './cast-numbers.js';
import { textOf } from './cast-values.js';
import { formatPattern } from './datetime-pattern.js';
import type { ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { castType, checkCount, holdsInstant, ONLY_TEXT, TEXT, wrongArgument } from './signature.js';

export type Json = null | boolean | number | string | BigNumber | readonly Json[] | { readonly [name: string]: Json };

/** A number by its text, where a double would lose digits. */
export class BigNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const MARK = '\u0000';
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.]{15,}(?:[eE][+-]?\d+)?/g;

const QUOTED = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

/** Names and texts in single quotes are not JSON, but Spark reads them. */
const inDoubleQuotes = (text: string): string =>
  text.replace(QUOTED, (token) => (token[0] === '"' ? token : `"${token.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"`));

const WORDS = /"(?:[^"\\]|\\.)*"|[+-]?Infinity|NaN/g;

/** Numbers that JSON has no words for, in quotes. */
const withNumbersQuoted = (text: string): string => text.replace(WORDS, (token) => (token[0] === '"' ? token : `"${token}"`));

/** JSON with long numbers as BigNumber; undefined for what is no JSON. */
export function parseJson(text: string, lenient = false): Json | undefined {
  const marked = text.replace(TOKENS, (token) => (token[0] === '"' ? token : `"\\u0000${token}"`));
  try {
    return JSON.parse(marked, (_, value) =>
      typeof value === 'string' && value.startsWith(MARK) ? new BigNumber(value.slice(1)) : value,
    ) as Json;
  } catch {
    return lenient ? undefined : parseJson(inDoubleQuotes(text), true);
  }
}

export const isObject = (json: Json): json is { readonly [name: string]: Json } =>
  json !== null && typeof json === 'object' && !Array.isArray(json) && !(json instanceof BigNumber);

/** The engine value of `type` that JSON holds, null where it holds another kind of thing. */
function fromJson(json: Json | undefined, type: DataType, zone: Zone | null): EngineValue | null {
  if (json === null || json === undefined) return null;
  switch (type.kind) {
    case 'string':
      return typeof json === 'string' ? json : writeJson(json);
    case 'boolean':
      return typeof json === 'boolean' ? json : null;
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'decimal':
      return exactNumber(json, type);
    case 'float32':
    case 'float64':
      if (json instanceof BigNumber) return Number(json.text);
      return typeof json === 'number' ? json : typeof json === 'string' && /^(NaN|[+-]?Infinity)$/.test(json) ? Number(json) : null;
    case 'date':
      return typeof json === 'string' ? parseDate(json) : null;
    case 'timestamp':
      return typeof json === 'string' ? parseTimestamp(json, zone) : null;
    case 'timestamp_ntz':
      return typeof json === 'string' ? parseTimestampNtz(json) : null;
    case 'day_time_interval':
    case 'year_month_interval': {
      const amount = typeof json === 'string' ? parseInterval(json, type.from, type.to) : null;
      return amount === null || type.kind === 'day_time_interval' ? amount : Number(amount);
    }
    case 'binary':
      return typeof json === 'string' ? new Uint8Array(Buffer.from(json, 'base64')) : null;
    case 'array':
      return Array.isArray(json) ? (json as readonly Json[]).map((item) => fromJson(item, type.element, zone)) : null;
    case 'map':
      return isObject(json)
        ? Object.entries(json).map(([name, value]) => [fromJson(name, type.key, zone), fromJson(value, type.value, zone)])
        : null;
    case 'struct':
      return isObject(json) ? type.fields.map((field) => fromJson(json[field.name], field.type, zone)) : null;
    case 'null':
      return null;
    default:
      return type satisfies never;
  }
}

function exactNumber(json: Json, type: DataType): EngineValue | null {
  const isText = typeof json === 'string' && type.kind === 'decimal';
  if (typeof json !== 'number' && !(json instanceof BigNumber) && !isText) return null;
  const parsed = parseDecimal(json instanceof BigNumber ? json.text : String(json));
  if (parsed === null) return null;
  try {
    if (type.kind === 'decimal') return fitDecimal(parsed.unscaled, parsed.scale, type);
    return parsed.scale === 0 ? toInteger(parsed.unscaled, type, () => String(json)) : null;
  } catch (error) {
    if (error instanceof MinisparkError && error.kind === 'user') return null;
    throw error;
  }
}

export function writeJson(json: Json): string {
  if (json instanceof BigNumber) return json.text;
  if (Array.isArray(json)) return `[${(json as readonly Json[]).map(writeJson).join(',')}]`;
  if (!isObject(json)) return JSON.stringify(json);
  return `{${Object.entries(json)
    .map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`)
    .join(',')}}`;
}

/** Keys are as Spark holds them, not as it shows them: dates are days, timestamps microseconds, intervals months or microseconds. */
function keyText(type: DataType): (key: EngineValue) => string {
  switch (type.kind) {
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'day_time_interval':
    case 'year_month_interval':
      return String;
    case 'array':
    case 'struct': {
      const parts = type.kind === 'array' ? [keyText(type.element)] : type.fields.map((field) => keyText(field.type));
      return (key) =>
        `[${(key as readonly (EngineValue | null)[]).map((part, i) => (part === null ? 'null' : parts[i % parts.length](part))).join(',')}]`;
    }
    default:
      return textOf(type) as (key: EngineValue) => string;
  }
}

/** Struct fields that are null are left out, elements and map values are not. */
function toJson(value: EngineValue | null, type: DataType, zone: Zone | null): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'struct': {
      const values = value as readonly (EngineValue | null)[];
      const fields = type.fields.flatMap((field, i) =>
        values[i] === null ? [] : [`${JSON.stringify(field.name)}:${toJson(values[i], field.type, zone)}`],
      );
      return `{${fields.join(',')}}`;
    }
    case 'array':
      return `[${(value as readonly EngineValue[]).map((item) => toJson(item, type.element, zone)).join(',')}]`;
    case 'map': {
      const key = keyText(type.key);
      return `{${(value as readonly (readonly EngineValue[])[]).map(([k, v]) => `${JSON.stringify(key(k))}:${toJson(v, type.value, zone)}`).join(',')}}`;
    }
    case 'timestamp':
      return JSON.stringify(formatPattern(value as bigint, "yyyy-MM-dd'T'HH:mm:ss.SSSXXXXX", zone));
    case 'timestamp_ntz':
      return JSON.stringify(formatPattern(value as bigint, "yyyy-MM-dd'T'HH:mm:ss.SSS"));
    case 'binary':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
    case 'float32':
    case 'float64':
      return Number.isFinite(value) ? (textOf(type) as (v: EngineValue) => string)(value) : JSON.stringify(String(value));
    case 'string':
    case 'date':
    case 'day_time_interval':
    case 'year_month_interval':
      return JSON.stringify((textOf(type) as (v: EngineValue) => string)(value));
    default:
      return (textOf(type) as (v: EngineValue) => string)(value);
  }
}

const toJsonFunction: ScalarFunction = {
  kind: 'scalar',
  name: 'to_json',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('to_json', args.length, 1);
    const { type } = args[0];
    if (!['struct', 'array', 'map'].includes(type.kind)) throw wrongArgument('to_json', 0, 'a struct, an array or a map', type);
    return { args: [type], result: STRING };
  },
  zoned: ([type]) => holdsInstant(type),
  evaluator: ({ args: [{ type }], zone: named }) => {
    const zone = named === undefined ? null : zoneOf(named);
    return ((value: EngineValue) => toJson(value, type, zone)) as never;
  },
};

/** A type by name, or the fields of a struct: `a int, b array<string>`. */
function schemaType(text: string): DataType {
  return /^\s*(struct|array|map)\s*</i.test(text) ? parseType(text) : structOf(parseSchema(text).fields);
}

const fromJsonFunction: ScalarFunction = {
  kind: 'scalar',
  name: 'from_json',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('from_json', args.length, 2);
    const schema = args[1].literal;
    if (typeof schema !== 'string')
      throw userError('INVALID_SCHEMA.NON_STRING_LITERAL', 'The schema of from_json must be a constant string.', {
        hint: "Such as 'a int, b array<string>'",
      });
    return { args: [castType('from_json', args[0], TEXT, 0), STRING], result: schemaType(schema), nullable: true };
  },
  zoned: (_, type) => holdsInstant(type),
  evaluator: ({ type, zone: named }) => {
    const zone = named === undefined ? null : zoneOf(named);
    // Text that is no JSON at all still gives a struct, of nulls.
    const broken = type.kind === 'struct' ? type.fields.map(() => null) : null;
    return ((text: string) => {
      if (text.trim() === '') return null;
      const json = parseJson(text) ?? parseJson(withNumbersQuoted(text));
      // One object counts as a list of one.
      const isLoneObject = type.kind === 'array' && type.element.kind === 'struct' && json !== undefined && isObject(json);
      return fromJson(isLoneObject ? [json] : json, type, zone) ?? broken;
    }) as never;
  },
};

/** `$.a.b[0]`, `$['a']`: names and indexes; null for another path. */
function pathSteps(path: string): (string | number)[] | null {
  if (!path.startsWith('$')) return null;
  const steps: (string | number)[] = [];
  const step = /\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]/y;
  for (step.lastIndex = 1; step.lastIndex < path.length; ) {
    const match = step.exec(path);
    if (match === null) return null;
    steps.push(match[2] === undefined ? (match[1] ?? match[3]) : Number(match[2]));
  }
  return steps;
}

function getJsonObject(text: string, path: string): string | null {
  const steps = pathSteps(path);
  let json = parseJson(text);
  if (steps === null) return null;
  for (const step of steps) {
    if (typeof step === 'number') json = Array.isArray(json) ? (json as readonly Json[])[step] : undefined;
    else json = json !== undefined && isObject(json) && Object.hasOwn(json, step) ? json[step] : undefined;
  }
  return json === undefined || json === null ? null : typeof json === 'string' ? json : writeJson(json);
}

function arrayLength(text: string): number | null {
  const json = parseJson(text);
  return Array.isArray(json) ? json.length : null;
}

function objectKeys(text: string): string[] | null {
  const json = parseJson(text);
  return json !== undefined && isObject(json) ? Object.keys(json) : null;
}

export const JSON_FUNCTIONS: readonly ScalarFunction[] = [
  toJsonFunction,
  fromJsonFunction,
  scalar('get_json_object', [ONLY_TEXT, ONLY_TEXT], STRING, getJsonObject, { nullable: true }),
  scalar('json_array_length', [ONLY_TEXT], INT32, arrayLength, { nullable: true }),
  scalar('json_object_keys', [ONLY_TEXT], arrayOf(STRING), objectKeys, { nullable: true }),
];
