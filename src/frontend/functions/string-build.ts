/** Owns: text made of other text: `concat` (also arrays and binary), `concat_ws`, `elt`, `char`, `hex`, `unhex`, `base64`, `unbase64`, `encode`, `decode`, `bin`. */
import { userError } from '../../core/errors.js';
import { arrayOf, BINARY, isNumeric, STRING } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Evaluator, ScalarFunction } from './definition.js';
import { bytesValue } from './emit.js';
import type { Emitter, Value } from './generator.js';
import { scalar } from './scalar.js';
import { type Accept, castType, checkCount, INT, LONG, TEXT, TEXT_OR_BINARY, unify } from './signature.js';

const concat: ScalarFunction = {
  kind: 'scalar',
  name: 'concat',
  nulls: 'propagate',
  resolve: (args) => {
    if (args.length === 0) return { args: [], result: STRING };
    if (args.every((arg) => arg.type.kind === 'array')) {
      const { types, common } = unify('concat', args, 1);
      return { args: types, result: common };
    }
    const type = args.every((arg) => arg.type.kind === 'binary') ? BINARY : STRING;
    return { args: args.map((arg, i) => (type === BINARY ? BINARY : castType('concat', arg, TEXT, i))), result: type };
  },
  evaluator: ({ type }) => {
    if (type.kind === 'array') return ((...lists: EngineValue[][]) => lists.flat(1)) as never;
    if (type.kind === 'binary') return ((...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))) as Evaluator;
    return ((...parts: string[]) => parts.join('')) as Evaluator;
  },
  generate: (emit, args, { type }) => (type.kind === 'string' && args.length > 1 ? concatCode(emit, args) : null),
};

/** Copies the parts into a scratch buffer that lives as long as the function. */
function concatCode(emit: Emitter, args: readonly (() => Value)[]): Value {
  const parts = args.map((arg) => emit.toBytes(arg()));
  const scratch = emit.state('joined', 'new Uint8Array(256)');
  const length = emit.let('len', parts.map((part) => `(${part.end} - ${part.start})`).join(' + '));
  emit.line(`if (${scratch}.length < ${length}) ${scratch} = new Uint8Array(${length} * 2);`);
  const at = emit.fresh('at');
  emit.line(`let ${at} = 0;`);
  for (const { data, start, end } of parts) {
    const i = emit.fresh('i');
    emit.line(`for (let ${i} = ${start}; ${i} < ${end}; ${i}++) ${scratch}[${at}++] = ${data}[${i}];`);
  }
  return bytesValue(STRING, scratch, '0', length);
}

const TEXT_OR_TEXTS: Accept = {
  label: 'string or array<string>',
  cast: (type) => (type.kind === 'array' ? arrayOf(STRING, type.containsNull) : TEXT.cast(type)),
};

const concatWs: ScalarFunction = {
  kind: 'scalar',
  name: 'concat_ws',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('concat_ws', args.length, 1, Number.POSITIVE_INFINITY);
    const types = args.map((arg, i) => castType('concat_ws', arg, i === 0 ? TEXT : TEXT_OR_TEXTS, i));
    return { args: types, result: STRING, nullable: args[0].nullable };
  },
  evaluator:
    () =>
    (separator, ...parts) =>
      separator === null
        ? null
        : parts
            .flat(1)
            .filter((part) => part !== null)
            .join(separator as string),
};

const elt: ScalarFunction = {
  kind: 'scalar',
  name: 'elt',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('elt', args.length, 2, Number.POSITIVE_INFINITY);
    const type = args.slice(1).every((arg) => arg.type.kind === 'binary') ? BINARY : STRING;
    return {
      args: args.map((arg, i) => (i === 0 ? castType('elt', arg, INT, 0) : type === BINARY ? BINARY : castType('elt', arg, TEXT, i))),
      result: type,
      nullable: true,
    };
  },
  evaluator:
    () =>
    (index, ...values) => {
      if (index === null) return null;
      const i = index as number;
      if (i >= 1 && i <= values.length) return values[i - 1];
      throw userError('INVALID_ARRAY_INDEX', `elt was asked for value ${i} of ${values.length}.`, {
        hint: `Ask for 1 to ${values.length}`,
      });
    },
};

const HEXABLE: Accept = {
  label: 'bigint, string or binary',
  cast: (type) => (isNumeric(type) ? LONG.cast(type) : TEXT_OR_BINARY.cast(type)),
};

function hex(value: bigint | string | Uint8Array): string {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value).toString(16).toUpperCase();
  return Buffer.from(value as Uint8Array)
    .toString('hex')
    .toUpperCase();
}

function unhex(text: string): Uint8Array | null {
  if (!/^[0-9a-fA-F]*$/.test(text)) return null;
  return new Uint8Array(Buffer.from(text.length % 2 === 1 ? `0${text}` : text, 'hex'));
}

const CHARSETS: Readonly<Record<string, BufferEncoding | 'utf16be' | 'utf16' | 'utf32'>> = {
  'utf-8': 'utf8',
  'us-ascii': 'ascii',
  'iso-8859-1': 'latin1',
  'utf-16le': 'utf16le',
  'utf-16be': 'utf16be',
  'utf-16': 'utf16',
  'utf-32': 'utf32',
};

function charset(name: string) {
  const lower = name.toLowerCase();
  if (Object.hasOwn(CHARSETS, lower)) return CHARSETS[lower];
  throw userError('INVALID_PARAMETER_VALUE.CHARSET', `There is no character set '${name}'.`, {
    hint: `Use one of ${Object.keys(CHARSETS).join(', ')}`,
  });
}

function utf32(text: string): Uint8Array {
  const points = Array.from(text, (point) => point.codePointAt(0) as number);
  const view = new DataView(new ArrayBuffer(points.length * 4));
  for (const [i, point] of points.entries()) view.setUint32(i * 4, point);
  return new Uint8Array(view.buffer);
}

function encode(text: string, name: string): Uint8Array {
  const set = charset(name);
  if (set === 'utf16be') return new Uint8Array(Buffer.from(text, 'utf16le').swap16());
  if (set === 'utf16' && text === '') return new Uint8Array(0);
  if (set === 'utf32') return utf32(text);
  if (set === 'utf16') return new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le').swap16());
  if (set !== 'ascii' && set !== 'latin1') return new Uint8Array(Buffer.from(text, set));
  const limit = set === 'ascii' ? 0x7f : 0xff;
  for (const point of text) {
    if (point.codePointAt(0)! > limit) {
      throw userError('MALFORMED_CHARACTER_CODING', `encode cannot write '${point}' in ${name}.`, { hint: 'Use utf-8' });
    }
  }
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

function decodeStrictly(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw userError('MALFORMED_CHARACTER_CODING', `decode was given bytes that are no ${name}.`, { cause });
  }
}

function decode(bytes: Uint8Array, name: string): string {
  const set = charset(name);
  if (set === 'utf32') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return String.fromCodePoint(...Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(i * 4)));
  }
  if (set === 'utf8') return decodeStrictly(bytes, name);
  const isLittle = set === 'utf16le' || (set === 'utf16' && bytes[0] === 0xff && bytes[1] === 0xfe);
  if (set !== 'utf16' && set !== 'utf16be' && set !== 'utf16le') return Buffer.from(bytes).toString(set);
  const units = isLittle ? Buffer.from(bytes) : Buffer.from(bytes).swap16();
  return units.toString('utf16le').replace(set === 'utf16' ? /^\uFEFF/ : /^$/, '');
}

const BYTES: Accept = {
  label: 'binary',
  cast: (type) => (type.kind === 'string' || type.kind === 'binary' || type.kind === 'null' ? BINARY : null),
};

export const STRING_BUILD: readonly ScalarFunction[] = [
  concat,
  concatWs,
  elt,
  scalar('char', [LONG], STRING, (code: bigint) => (code < 0n ? '' : String.fromCharCode(Number(code % 256n)))),
  scalar('hex', [HEXABLE], STRING, hex),
  scalar('unhex', [TEXT], BINARY, unhex, { nullable: true }),
  scalar('base64', [BYTES], STRING, (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')),
  scalar('unbase64', [TEXT], BINARY, (text: string) => new Uint8Array(Buffer.from(text, 'base64'))),
  scalar('encode', [TEXT, TEXT], BINARY, encode),
  scalar('decode', [BYTES, TEXT], STRING, decode),
  scalar('bin', [LONG], STRING, (value: bigint) => BigInt.asUintN(64, value).toString(2)),
];
