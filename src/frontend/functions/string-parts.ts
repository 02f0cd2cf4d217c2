/**
 * Owns: parts of text: `length substring left right trim ltrim rtrim btrim lpad rpad repeat space split_part substring_index overlay`.
 * Positions count code points from 1. Generated code cuts ASCII text without copying.
 */

import { userError } from '../../core/errors.js';
import { BINARY, type DataType, INT32, STRING } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { ScalarFunction } from './definition.js';
import { bytesValue, intValue, span } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { scalar } from './scalar.js';
import { INT, TEXT, TEXT_OR_BINARY } from './signature.js';

const PLAIN = /^[\0-\uD7FF\uE000-\uFFFF]*$/;
/** Code points; a string without surrogates is its own list of them. */
const points = (text: string): string | string[] => (PLAIN.test(text) ? text : [...text]);
const join = (part: string | readonly string[]): string => (typeof part === 'string' ? part : part.join(''));

/** Start (0-based, may lie before the text) and length by Spark's rule: 0 counts as 1, negative from the end. */
function sliceBounds(length: number, position: number, count: number): readonly [number, number] {
  const start = position > 0 ? position - 1 : position < 0 ? length + position : 0;
  return [Math.max(0, Math.min(start, length)), Math.max(0, Math.min(start + count, length))];
}

function substring(value: string | Uint8Array, position: number, count = 2 ** 31): EngineValue {
  if (typeof value !== 'string') {
    const [from, to] = sliceBounds(value.length, position, count);
    return from < to ? value.slice(from, to) : new Uint8Array(0);
  }
  const all = points(value);
  const [from, to] = sliceBounds(all.length, position, count);
  return from < to ? join(all.slice(from, to)) : '';
}

/** Number of UTF-8 characters in data[start, end). */
function countPoints(data: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if ((data[i] & 0xc0) !== 0x80) count++;
  return count;
}

/** Byte offset of the character `skip` characters after `from`, at most `end`. */
export function advance(data: Uint8Array, from: number, end: number, skip: number): number {
  let at = from;
  for (let left = skip; left > 0 && at < end; left--) {
    at++;
    while (at < end && (data[at] & 0xc0) === 0x80) at++;
  }
  return at;
}

function substringCode(emit: Emitter, args: readonly (() => Value)[], textType: DataType): Value | null {
  if (textType.kind !== 'string' || args.length !== 3) return null;
  const text = emit.toBytes(args[0]());
  const [position, count] = [args[1](), args[2]()];
  if (position.rep !== 'int' || count.rep !== 'int') return null;
  const skip = emit.constant('advance', advance);
  const size = emit.constant('countPoints', countPoints);
  // A start before the text eats into the count, as in Spark.
  const offset = emit.let(
    'at',
    `${position.code} > 0 ? ${position.code} - 1 : ${position.code} < 0 ? ${size}(${span(text)}) + ${position.code} : 0`,
  );
  const from = emit.let('from', `${skip}(${span(text)}, ${offset})`);
  const to = emit.let('to', `${skip}(${text.data}, ${from}, ${text.end}, ${offset} < 0 ? ${offset} + ${count.code} : ${count.code})`);
  return bytesValue(STRING, text.data, from, to);
}

const lengthCode = (emit: Emitter, value: Value): Value => {
  const bytes = emit.toBytes(value);
  const code =
    value.type.kind === 'binary' ? `${bytes.end} - ${bytes.start}` : `${emit.constant('countPoints', countPoints)}(${span(bytes)})`;
  return intValue(INT32, emit.let('n', code), 31);
};

type Ends = 'both' | 'start' | 'end';

const trimmer =
  (ends: Ends) =>
  (text: string, set: string): string => {
    const all = points(text);
    let from = 0;
    let to = all.length;
    if (ends !== 'end') while (from < to && set.includes(all[from])) from++;
    if (ends !== 'start') while (to > from && set.includes(all[to - 1])) to--;
    return join(all.slice(from, to));
  };

/** Without a set of its own a trim drops blanks, which are single bytes. */
function trimCode(emit: Emitter, args: readonly (() => Value)[], ends: Ends): Value | null {
  if (args.length > 1) return null;
  const text = emit.toBytes(args[0]());
  const [from, to] = [emit.fresh('from'), emit.fresh('to')];
  emit.line(`let ${from} = ${text.start}, ${to} = ${text.end};`);
  if (ends !== 'end') emit.line(`while (${from} < ${to} && ${text.data}[${from}] === 32) ${from}++;`);
  if (ends !== 'start') emit.line(`while (${to} > ${from} && ${text.data}[${to} - 1] === 32) ${to}--;`);
  return bytesValue(STRING, text.data, from, to);
}

/** Spark's `trim`, `ltrim` and `rtrim` take the characters first, `btrim` last. */
function trim(name: string, ends: Ends): ScalarFunction {
  const cut = trimmer(ends);
  const evaluate = (a: string, b?: string): string => (b === undefined ? cut(a, ' ') : name === 'btrim' ? cut(a, b) : cut(b, a));
  return scalar(name, [TEXT, TEXT], STRING, evaluate, { required: 1, generate: (emit, args) => trimCode(emit, args, ends) });
}

/** Most characters that one call may make of a short text: more is taken for a mistake before it takes the memory. */
const MAX_MADE = 2 ** 26;

function checkMade(name: string, length: number): void {
  if (length <= MAX_MADE) return;
  throw userError('COLLECTION_SIZE_LIMIT_EXCEEDED', `${name} would make a text of ${length} characters; ${MAX_MADE} is the most.`, {
    hint: 'Ask for a shorter text',
  });
}

function repeated(name: string, text: string, count: number): string {
  const times = Math.max(0, count);
  checkMade(name, times * text.length);
  return text.repeat(times);
}

function padding(text: string, length: number, pad: string): readonly [string | string[], string] {
  const all = points(text);
  const missing = length - all.length;
  if (missing <= 0) return [all.slice(0, Math.max(0, length)), ''];
  const unit = points(pad);
  if (unit.length === 0) return [all, ''];
  checkMade('lpad or rpad', length);
  return [
    all,
    join(
      typeof unit === 'string'
        ? unit.repeat(Math.ceil(missing / unit.length)).slice(0, missing)
        : Array.from({ length: missing }, (_, i) => unit[i % unit.length]),
    ),
  ];
}

const pad = (name: 'lpad' | 'rpad'): ScalarFunction =>
  scalar(
    name,
    [TEXT, INT, TEXT],
    STRING,
    (text: string, length: number, unit = ' ') => {
      const [kept, added] = padding(text, length, unit);
      return name === 'lpad' ? added + join(kept) : join(kept) + added;
    },
    { required: 2 },
  );

function splitPart(text: string, delimiter: string, index: number): string {
  if (index === 0) throw userError('INVALID_INDEX_OF_ZERO', 'split_part counts parts from 1, or from -1 backwards; there is no part 0.');
  const parts = delimiter === '' ? [text] : text.split(delimiter);
  return parts[index > 0 ? index - 1 : parts.length + index] ?? '';
}

function substringIndex(text: string, delimiter: string, count: number): string {
  if (delimiter === '' || count === 0) return '';
  const parts = text.split(delimiter);
  return (count > 0 ? parts.slice(0, count) : parts.slice(count)).join(delimiter);
}

function overlay(text: string, replacement: string, position: number, length = -1): string {
  const all = [...text];
  const cut = length >= 0 ? length : [...replacement].length;
  return all.slice(0, Math.max(0, position - 1)).join('') + replacement + all.slice(Math.max(0, position - 1 + cut)).join('');
}

export const STRING_PARTS: readonly ScalarFunction[] = [
  scalar('length', [TEXT_OR_BINARY], INT32, (value: string | Uint8Array) => points(value as string).length, {
    generate: (emit, [arg]) => lengthCode(emit, arg()),
  }),
  scalar('octet_length', [TEXT_OR_BINARY], INT32, (value: string | Uint8Array) => byteLength(value)),
  scalar('bit_length', [TEXT_OR_BINARY], INT32, (value: string | Uint8Array) => byteLength(value) * 8),
  scalar('substring', [TEXT_OR_BINARY, INT, INT], ([type]) => (type.kind === 'binary' ? BINARY : STRING), substring, {
    required: 2,
    generate: (emit, args, call) => substringCode(emit, args, call.args[0].type),
  }),
  scalar(
    'left',
    [TEXT_OR_BINARY, INT],
    ([type]) => type,
    (value: string, count: number) => substring(value, 1, Math.max(0, count)),
  ),
  scalar('right', [TEXT, INT], STRING, (value: string, count: number) =>
    substring(value, count <= 0 ? 2 ** 31 - 1 : -count, Math.max(0, count)),
  ),
  trim('trim', 'both'),
  trim('btrim', 'both'),
  trim('ltrim', 'start'),
  trim('rtrim', 'end'),
  pad('lpad'),
  pad('rpad'),
  scalar('repeat', [TEXT, INT], STRING, (text: string, count: number) => repeated('repeat', text, count)),
  scalar('space', [INT], STRING, (count: number) => repeated('space', ' ', count)),
  scalar('split_part', [TEXT, TEXT, INT], STRING, splitPart),
  scalar('substring_index', [TEXT, TEXT, INT], STRING, substringIndex),
  scalar('overlay', [TEXT, TEXT, INT, INT], STRING, overlay, { required: 3 }),
];

const byteLength = (value: string | Uint8Array): number => (typeof value === 'string' ? Buffer.byteLength(value) : value.length);
