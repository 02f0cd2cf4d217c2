/**
 * Owns: functions of the encoded elements of functional datasets (data/element.ts), which the API puts into plans where elements become
 * pairs, text or typed columns, and back. They are not for users: Spark has none of them.
 */
import { userError } from '../../core/errors.js';
import { decodeElement, encodeElement, encodeKey, encodePair } from '../../data/element.js';
import { parseType } from '../../data/schema-text.js';
import { BINARY, type DataType, INT32, STRING } from '../../data/types.js';
import { type EngineValue, fromApiValue, toApiValue } from '../../data/value.js';
import type { Call, Evaluator, ScalarFunction } from './definition.js';
import { checkCount } from './signature.js';

const ofElements = (name: string, args: readonly DataType[], result: DataType, evaluator: Evaluator): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (given) => {
    checkCount(name, given.length, args.length);
    return { args, result };
  },
  evaluator: () => evaluator,
});

/** Any value as an element; NULL is the element null. */
const toElement: ScalarFunction = {
  kind: 'scalar',
  name: 'to_element',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('to_element', args.length, 1);
    return { args: [args[0].type], result: BINARY, nullable: false };
  },
  evaluator:
    ({ args: [{ type }] }: Call) =>
    (value) =>
      encodeElement(toApiValue(value, type)),
};

/** An element as a value of the type that the second argument, a constant, names. */
const fromElement: ScalarFunction = {
  kind: 'scalar',
  name: 'from_element',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('from_element', args.length, 2);
    return { args: [BINARY, STRING], result: parseType(args[1].literal as string), nullable: true };
  },
  evaluator: ({ type }: Call) => {
    return (element) => fromApiValue(decodeElement(element as Uint8Array), type, 'An element of the Dataset');
  },
};

/** Item 0 or 1 of an element that is [key, value]. */
function elementItem(element: EngineValue, index: EngineValue): EngineValue {
  const pair = decodeElement(element as Uint8Array);
  if (Array.isArray(pair) && pair.length === 2) return encodeElement(pair[index as number]);
  throw userError('NOT_A_PAIR', 'An element of a Dataset used by key is not an array [key, value].', {
    hint: 'Make pairs by map((x) => [key, x]) or keyBy((x) => key)',
  });
}

/** Strings as they are, other scalars by String(), arrays and objects as JSON, where bigints past 2^53 are strings. */
export function elementText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (!isContainer(value)) return value instanceof Date ? value.toISOString() : String(value);
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
    if (part instanceof Map) return [...part];
    return part instanceof Set ? [...part] : part;
  });
}

function isContainer(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return (
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof Set ||
    ArrayBuffer.isView(value) ||
    prototype === Object.prototype ||
    prototype === null
  );
}

export const ELEMENTS: readonly ScalarFunction[] = [
  toElement,
  fromElement,
  ofElements('element_key', [BINARY], BINARY, (element) => encodeKey(decodeElement(element as Uint8Array))),
  ofElements('element_item', [BINARY, INT32], BINARY, elementItem as Evaluator),
  ofElements('element_pair', [BINARY, BINARY], BINARY, (key, value) => encodePair(key as Uint8Array, value as Uint8Array)),
  ofElements('element_text', [BINARY], STRING, (element) => elementText(decodeElement(element as Uint8Array))),
];
