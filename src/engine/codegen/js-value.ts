/**
 * Owns: a value of the user's JavaScript inside generated code, by its static kind: what the column of a parameter becomes, and what a result
 * must be checked for. A kind that is not known here is no failure: the function is called instead.
 */
import { BOOLEAN, type DataType, FLOAT64, INT64, STRING } from '../../data/types.js';
import { anyNull, typeBits } from '../../frontend/functions/emit.js';
import type { Value, ValueOf } from '../../frontend/functions/generator.js';
import type { CodeEmitter } from './emitter.js';

/** What a value is where `isNull` holds. */
type Absent = 'null' | 'undefined' | 'either';

export type JsValue = { /** A boolean expression: the value is null or undefined. */ readonly isNull: string; readonly absent: Absent } & (
  | { readonly kind: 'nothing' }
  /** With `bits` an integer, |v| < 2^bits. */
  | { readonly kind: 'number'; readonly code: string; readonly bits: number | null }
  /** `int`: the bigint's value as a double, exact; a -0 stands for 0n. `big`: of any size. */
  | { readonly kind: 'bigint'; readonly value: ValueOf<'int'> | ValueOf<'big'> }
  | { readonly kind: 'string'; readonly value: ValueOf<'bytes'> | ValueOf<'js'> /** Of a constant. */; readonly literal?: string }
  | { readonly kind: 'boolean'; readonly code: string }
);

export type JsOf<K extends JsValue['kind']> = Extract<JsValue, { kind: K }>;

const SURE = { isNull: 'false', absent: 'null' } as const;

export const jsNumber = (code: string, bits: number | null = null): JsOf<'number'> => ({ ...SURE, kind: 'number', code, bits });
export const jsBoolean = (code: string): JsOf<'boolean'> => ({ ...SURE, kind: 'boolean', code });
export const jsString = (code: string): JsOf<'string'> => jsText({ type: STRING, isNull: 'false', rep: 'js', code });
export const jsText = (value: ValueOf<'bytes'> | ValueOf<'js'>): JsOf<'string'> => ({ ...SURE, kind: 'string', value });
const jsBigint = (value: ValueOf<'int'> | ValueOf<'big'>): JsOf<'bigint'> => ({ ...SURE, kind: 'bigint', value });
export const exactInt = (code: string, bits: number): JsOf<'bigint'> => jsBigint({ type: INT64, isNull: 'false', rep: 'int', code, bits });
export const bigInt = (code: string): JsOf<'bigint'> => jsBigint({ type: INT64, isNull: 'false', rep: 'big', code });
export const nothing = (absent: 'null' | 'undefined'): JsOf<'nothing'> => ({ kind: 'nothing', isNull: 'true', absent });

/** What a user's function sees of a column; null where that is an object. */
export function ofColumn(value: Value): JsValue | null {
  const { type, isNull } = value;
  const shared = { isNull, absent: 'null' } as const;
  if (isNull === 'true') return nothing('null');
  switch (type.kind) {
    case 'boolean':
      return value.rep === 'bool' || value.rep === 'js' ? { ...shared, kind: 'boolean', code: value.code } : null;
    case 'int8':
    case 'int16':
    case 'int32':
      return value.rep === 'int' ? { ...shared, kind: 'number', code: value.code, bits: Math.min(value.bits, typeBits(type)) } : null;
    case 'float32':
    case 'float64':
      return value.rep === 'float' || value.rep === 'int' ? { ...shared, kind: 'number', code: value.code, bits: null } : null;
    case 'int64':
      return value.rep === 'int' || value.rep === 'big' ? { ...shared, kind: 'bigint', value: { ...value, isNull: 'false' } } : null;
    case 'string':
      return value.rep === 'bytes' || value.rep === 'js' ? { ...shared, kind: 'string', value: { ...value, isNull: 'false' } } : null;
    default:
      return null;
  }
}

/** In the representation that variables of the kind have; null for what is always absent. */
function asValue(js: JsValue): Value | null {
  const { isNull } = js;
  switch (js.kind) {
    case 'nothing':
      return null;
    case 'number':
      return { type: FLOAT64, isNull, rep: 'float', code: js.code };
    case 'boolean':
      return { type: BOOLEAN, isNull, rep: 'bool', code: js.code };
    case 'bigint':
    case 'string':
      return { ...js.value, isNull };
    default:
      return js satisfies never;
  }
}

/** One variable for values of two branches; null where their kinds differ. `assign` is to be called in each branch. */
export function joined(emit: CodeEmitter, a: JsValue, b: JsValue): { readonly value: JsValue; assign(from: JsValue): void } | null {
  if (a.kind === 'nothing' && b.kind === 'nothing') return { value: { ...a, absent: absentOf(a, b) }, assign: () => {} };
  const [first, second] = a.kind === 'nothing' ? [b, a] : [a, b];
  if (second.kind !== 'nothing' && first.kind !== second.kind) return null;
  const model = asValue(first) as Value;
  const other = asValue(second);
  const bits = Math.max(...[first, second].map((js) => (js.kind === 'bigint' && js.value.rep === 'int' ? js.value.bits : 1)));
  const slot = emit.slot(model.type, commonRep(model, other), anyNull(a.isNull, b.isNull) !== 'false', bits);
  const isNull = slot.value.isNull;
  return {
    value: { ...restored(slot.value, first, second), isNull, absent: absentOf(a, b) },
    assign(from) {
      const value = asValue(from);
      if (value === null) slot.assignNull();
      else slot.assign(value);
    },
  };
}

function absentOf(a: JsValue, b: JsValue): Absent {
  if (a.isNull === 'false') return b.absent;
  return b.isNull === 'false' || a.absent === b.absent ? a.absent : 'either';
}

function commonRep(a: Value, b: Value | null): Exclude<Value['rep'], 'each'> {
  if (a.rep === 'each' || b?.rep === 'each') return 'js';
  if (b === null || a.rep === b.rep) return a.rep;
  // A JavaScript string may hold half a character, which bytes cannot.
  return a.rep === 'js' || b.rep === 'js' ? 'js' : 'big';
}

function restored(value: Value, a: JsValue, b: JsValue): JsValue {
  switch (a.kind) {
    case 'number': {
      const bits = b.kind === 'number' ? (a.bits === null || b.bits === null ? null : Math.max(a.bits, b.bits)) : a.bits;
      return jsNumber((value as ValueOf<'float'>).code, bits);
    }
    case 'boolean':
      return jsBoolean((value as ValueOf<'bool'>).code);
    case 'bigint':
      return jsBigint({ ...(value as ValueOf<'int'>), isNull: 'false' });
    case 'string':
      return jsText({ ...(value as ValueOf<'bytes'>), isNull: 'false' });
    default:
      return a;
  }
}

/** `Boolean(value)` as an expression. */
export function truth(js: JsValue): string {
  const present = js.isNull === 'false' ? '' : `!(${js.isNull}) && `;
  switch (js.kind) {
    case 'nothing':
      return 'false';
    case 'number':
      return js.bits === null ? `(${present}!!(${js.code}))` : `(${present}${js.code} !== 0)`;
    case 'boolean':
      return present === '' ? js.code : `(${present}${js.code})`;
    case 'bigint':
      return `(${present}${js.value.code} !== ${js.value.rep === 'int' ? '0' : '0n'})`;
    case 'string':
      return `(${present}${js.value.rep === 'bytes' ? `${js.value.end} > ${js.value.start}` : `${js.value.code} !== ''`})`;
    default:
      return js satisfies never;
  }
}

/**
 * The result as an engine value of the declared type. `check` is given conditions under which it has none, or another one, for the
 * function itself to be called then; null where the kind does not fit, so that it always is.
 */
export function asResult(emit: CodeEmitter, js: JsValue, type: DataType, check: (fails: string) => void): Value | null {
  const { isNull } = js;
  const unless = (fails: string): void => check(isNull === 'false' ? fails : `!(${isNull}) && (${fails})`);
  switch (type.kind) {
    case 'boolean':
      return js.kind === 'boolean' ? { type, isNull, rep: 'bool', code: js.code } : null;
    case 'float64':
      return js.kind === 'number' ? { type, isNull, rep: 'float', code: emit.let('f', js.code) } : null;
    case 'float32':
      return js.kind === 'number' ? { type, isNull, rep: 'float', code: emit.let('f', `Math.fround(${js.code})`) } : null;
    case 'string':
      return js.kind === 'string' ? { ...js.value, type, isNull } : null;
    case 'int8':
    case 'int16':
    case 'int32': {
      if (js.kind !== 'number') return null;
      const number = emit.let('f', js.code);
      const whole = emit.let('whole', `${number} | 0`);
      const bits = typeBits(type);
      if (js.bits === null || js.bits >= bits) {
        const narrow = bits === 32 ? '' : ` || ${whole} << ${32 - bits} >> ${32 - bits} !== ${whole}`;
        unless(`${whole} !== ${number}${narrow}`);
      }
      return { type, isNull, rep: 'int', code: whole, bits };
    }
    case 'int64':
      return asInt64(emit, js, unless);
    default:
      return null;
  }
}

function asInt64(emit: CodeEmitter, js: JsValue, unless: (fails: string) => void): Value | null {
  const { isNull } = js;
  if (js.kind === 'number') {
    const code = emit.let('whole', `${js.code} + 0`);
    if (js.bits === null) unless(`!Number.isSafeInteger(${code})`);
    return { type: INT64, isNull, rep: 'int', code, bits: js.bits ?? 53 };
  }
  if (js.kind !== 'bigint') return null;
  if (js.value.rep === 'int') return { ...js.value, type: INT64, isNull, code: emit.let('whole', `${js.value.code} + 0`) };
  const code = emit.let('big', js.value.code);
  unless(`BigInt.asIntN(64, ${code}) !== ${code}`);
  return { type: INT64, isNull, rep: 'big', code };
}
