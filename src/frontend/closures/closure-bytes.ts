/**
 * Owns: the form in which a function and all that it closes over travels, shared by capture.ts (writes) and decode.ts (reads).
 */
import { types } from 'node:util';
import type { CallSite } from '../../core/errors.js';
import type { InlineFunction } from '../../core/pure-expression.js';
import type { ParameterTypes } from './parameter-types.js';

/** JSON-plain; what the plan calls a Closure. */
export interface EncodedClosure {
  /** Names the function inside its bundle, or `opaque:N` for one that only this thread has. */
  readonly id: string;
  /** What the user called it; may be empty. */
  readonly name: string;
  readonly site: CallSite | null;
  /** Base64 of `v8.serialize` of a ClosureTable; empty when opaque. */
  readonly captures: string;
  /** Ids of the broadcast values that it captures, itself or through others. */
  readonly shared: readonly string[];
  /** Set where the function is one pure expression and all that it captures is primitive. */
  readonly inline: InlineFunction | null;
  readonly parameterTypes?: ParameterTypes;
}

export interface ClosureTable {
  /** Hash of the bundle that holds the functions. */
  readonly bundle: string;
  readonly root: Token | BuiltinToken;
  readonly functions: readonly { readonly id: string; readonly captures: Record<string, unknown> }[];
}

/** Stands for a function wherever a value may: its place in the table, the name of a builtin, or a packed object. */
export type Token = { readonly [REF]: number };
export type BuiltinToken = { readonly [REF]: string };
export const REF = '\u0000minispark.function';
export const PACKED = '\u0000minispark.packed';

export const OPAQUE_PREFIX = 'opaque:';

/** What `v8.serialize` carries as it is, with nothing in it that needs a look. */
export function isLeaf(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isArrayBuffer(value) ||
    ArrayBuffer.isView(value) ||
    types.isBoxedPrimitive(value) ||
    types.isNativeError(value)
  );
}

const GLOBAL_FUNCTIONS = [
  'Number',
  'String',
  'Boolean',
  'BigInt',
  'parseInt',
  'parseFloat',
  'isNaN',
  'isFinite',
  'encodeURIComponent',
  'decodeURIComponent',
];
const NAMESPACES = ['Math', 'JSON', 'Object', 'Number', 'String', 'Array'];
let builtins: ReadonlyMap<unknown, string> | null = null;

/** `Math.abs` for the function of that name: builtins are everywhere and travel by name. */
export function builtinName(fn: unknown): string | null {
  builtins ??= findBuiltins();
  return builtins.get(fn) ?? null;
}

function findBuiltins(): Map<unknown, string> {
  const names = new Map<unknown, string>();
  for (const name of GLOBAL_FUNCTIONS) names.set(builtinOf(name), name);
  for (const namespace of NAMESPACES) {
    const holder = builtinOf(namespace) as object;
    for (const key of Object.getOwnPropertyNames(holder)) {
      const value = Reflect.get(holder, key) as unknown;
      if (typeof value === 'function' && !names.has(value)) names.set(value, `${namespace}.${key}`);
    }
  }
  return names;
}

export function builtinOf(name: string): unknown {
  return name.split('.').reduce<unknown>((holder, key) => Reflect.get(holder as object, key), globalThis);
}
