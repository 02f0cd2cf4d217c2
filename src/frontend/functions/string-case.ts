/**
 * Owns: `lower`, `upper`, `initcap`, `reverse`: text whose letters change. Generated code converts ASCII byte by byte into a scratch buffer
 * that lives as long as the function; other text goes through JavaScript strings.
 */
import { STRING } from '../../data/types.js';
import { decodeUtf8 } from '../../data/utf8.js';
import type { EngineValue } from '../../data/value.js';
import type { ScalarFunction } from './definition.js';
import { bytesValue } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { scalar } from './scalar.js';
import { ARRAY, TEXT, TEXT_OR_BINARY } from './signature.js';

/** Writes data[start, end) with A–Z as a–z to the front of `scratch`; gives the length, or -1 at the first byte beyond ASCII. */
function lowerAscii(data: Uint8Array, start: number, end: number, scratch: Uint8Array): number {
  const length = end - start;
  for (let i = 0; i < length; i++) {
    const byte = data[start + i];
    if (byte > 127) return -1;
    scratch[i] = byte >= 65 && byte <= 90 ? byte | 32 : byte;
  }
  return length;
}

/** The same with a–z as A–Z. */
function upperAscii(data: Uint8Array, start: number, end: number, scratch: Uint8Array): number {
  const length = end - start;
  for (let i = 0; i < length; i++) {
    const byte = data[start + i];
    if (byte > 127) return -1;
    scratch[i] = byte >= 97 && byte <= 122 ? byte & 223 : byte;
  }
  return length;
}

const lowerSlowly = (data: Uint8Array, start: number, end: number): Uint8Array =>
  Buffer.from(decodeUtf8(data, start, end).toLowerCase(), 'utf8');
const upperSlowly = (data: Uint8Array, start: number, end: number): Uint8Array =>
  Buffer.from(decodeUtf8(data, start, end).toUpperCase(), 'utf8');

function caseCode(emit: Emitter, value: Value, fast: typeof lowerAscii, slow: typeof lowerSlowly): Value {
  const bytes = emit.toBytes(value);
  const scratch = emit.state('scratch', 'new Uint8Array(256)');
  const [start, end] = [emit.let('from', bytes.start), emit.let('to', bytes.end)];
  emit.line(`if (${scratch}.length < ${end} - ${start}) ${scratch} = new Uint8Array((${end} - ${start}) * 2);`);
  const text = emit.fresh('text');
  const length = emit.fresh('len');
  const whole = `${bytes.data}, ${start}, ${end}`;
  emit.line(`let ${text} = ${scratch}, ${length} = ${emit.constant('ascii', fast)}(${whole}, ${scratch});`);
  emit.line(`if (${length} < 0) { ${text} = ${emit.constant('slow', slow)}(${whole}); ${length} = ${text}.length; }`);
  return bytesValue(STRING, text, '0', length);
}

/** Java's title case: the first letter after a blank; Spark lowers the rest. */
function initcap(text: string): string {
  return text.toLowerCase().replace(/(^| )(\S)/gu, (_, space: string, letter: string) => space + letter.toUpperCase());
}

const reverse: ScalarFunction = {
  kind: 'scalar',
  name: 'reverse',
  nulls: 'propagate',
  resolve: ([arg, ...rest]) => {
    const isList = arg?.type.kind === 'array';
    return scalar('reverse', [isList ? ARRAY : TEXT_OR_BINARY], ([type]) => type, reverseOf).resolve(arg ? [arg, ...rest] : []);
  },
  evaluator: () => reverseOf as never,
};

function reverseOf(value: string | Uint8Array | readonly EngineValue[]): EngineValue {
  if (value instanceof Uint8Array) return value.slice().reverse();
  return typeof value === 'string' ? [...value].reverse().join('') : [...value].reverse();
}

export const STRING_CASE: readonly ScalarFunction[] = [
  scalar('lower', [TEXT], STRING, (text: string) => text.toLowerCase(), {
    generate: (emit, [arg]) => caseCode(emit, arg(), lowerAscii, lowerSlowly),
  }),
  scalar('upper', [TEXT], STRING, (text: string) => text.toUpperCase(), {
    generate: (emit, [arg]) => caseCode(emit, arg(), upperAscii, upperSlowly),
  }),
  scalar('initcap', [TEXT], STRING, initcap),
  reverse,
];
