/** Owns: methods of strings and numbers, and global functions, in inlined code: on bytes where that is cheap, else on JavaScript's own values. */
import type { PureExpression } from '../../core/pure-expression.js';
import { BOOLEAN, type DataType, STRING } from '../../data/types.js';
import type { ScalarFunction } from '../../frontend/functions/definition.js';
import type { Value, ValueOf } from '../../frontend/functions/generator.js';
import { findFunction } from '../../frontend/functions/registry.js';
import { emitJoined, emitLength, emitPart, isExact } from './inline-bytes.js';
import type { InlineScope } from './inline-function.js';
import { numeric, textOf } from './inline-operators.js';
import { type JsOf, type JsValue, jsBoolean, jsNumber, jsString, jsText, truth } from './js-value.js';

export function template(scope: InlineScope, texts: readonly string[], values: readonly JsValue[]): JsValue {
  const bytes = emitJoined(scope, pieces(scope, texts, values));
  if (bytes !== null) return bytes;
  const parts = values.flatMap((value, i) => [templatePart(scope, value), ...(texts[i + 1] === '' ? [] : [JSON.stringify(texts[i + 1])])]);
  return jsString(`(${[JSON.stringify(texts[0]), ...parts].join(' + ')})`);
}

/** Constant and other parts in turn, without the empty ones. */
function pieces(scope: InlineScope, texts: readonly string[], values: readonly JsValue[]): JsValue[] {
  const constant = (text: string): JsValue[] => (text === '' ? [] : [scope.value({ kind: 'string', value: text })]);
  return texts.flatMap((text, i) => [...constant(text), ...values.slice(i, i + 1)]);
}

const templatePart = (scope: InlineScope, value: JsValue): string => (value.kind === 'nothing' ? scope.refuse() : textOf(scope, value));

export function member(scope: InlineScope, name: string, of: JsValue): JsValue {
  const value = scope.present(of);
  return value.kind === 'string' && name === 'length' ? emitLength(scope, value) : scope.refuse();
}

export function method(scope: InlineScope, name: string, of: JsValue, args: readonly PureExpression[]): JsValue {
  const value = scope.present(of);
  switch (value.kind) {
    case 'string':
      return onBytes(scope, name, value, args) ?? onText(scope, name, value, args);
    case 'number':
      return onNumber(scope, name, value, args);
    case 'bigint':
      return name === 'toString' && args.length === 0 ? jsString(`("" + ${textOf(scope, value)})`) : scope.refuse();
    default:
      return scope.refuse();
  }
}

/** Methods that functions of columns do on bytes, with the very same meaning. */
const CASES = new Map([
  ['toLowerCase', 'lower'],
  ['toUpperCase', 'upper'],
]);
const SEARCHES = new Map([
  ['startsWith', 'startswith'],
  ['endsWith', 'endswith'],
  ['includes', 'contains'],
]);

function onBytes(scope: InlineScope, name: string, of: JsOf<'string'>, args: readonly PureExpression[]): JsValue | null {
  const { value } = of;
  if (value.rep !== 'bytes') return null;
  const cased = CASES.get(name);
  if (cased !== undefined && args.length === 0) {
    const text = generated(scope, cased, [value], STRING);
    return text?.rep === 'bytes' || text?.rep === 'js' ? jsText(text) : null;
  }
  const search = SEARCHES.get(name);
  if (search !== undefined && args.length === 1) {
    const part = scope.value(args[0]);
    if (part.kind !== 'string' || !isExact(part) || part.value.rep !== 'bytes') return null;
    const found = generated(scope, search, [value, part.value], BOOLEAN);
    return found?.rep === 'bool' ? jsBoolean(found.code) : null;
  }
  const [from, to] = args.map(position);
  if ((name === 'slice' || name === 'substring') && from !== undefined && from !== null && args.length <= 2) {
    if (args.length === 1) return emitPart(scope, value, from, null);
    return to !== null && to >= from ? emitPart(scope, value, from, to) : null;
  }
  return name === 'charAt' && args.length === 1 && from !== null ? emitPart(scope, value, from, from + 1) : null;
}

/** A constant position that counts from the front. */
function position(tree: PureExpression): number | null {
  const value = tree.kind === 'number' ? Number(tree.text) : -1;
  return Number.isInteger(value) && value >= 0 && value < 2 ** 31 && !Object.is(value, -0) ? value : null;
}

function generated(scope: InlineScope, fn: string, args: readonly ValueOf<'bytes'>[], type: DataType): Value | null {
  const definition = findFunction(fn) as ScalarFunction;
  const call = { fn, args: args.map(() => ({ type: STRING, nullable: false, literal: undefined })), type };
  const makers = args.map((arg) => () => arg);
  return definition.generate?.(scope.emit, makers, call, []) ?? null;
}

type Kind = 'string' | 'number' | 'index' | 'boolean';

/** What a method gives, and the kinds of arguments for which it never throws; those after `|` may be left out. */
const TEXT_METHODS: ReadonlyMap<string, readonly [gives: Kind, takes: string]> = new Map(
  Object.entries({
    toLowerCase: ['string', ''],
    toUpperCase: ['string', ''],
    trim: ['string', ''],
    trimStart: ['string', ''],
    trimEnd: ['string', ''],
    startsWith: ['boolean', 's|n'],
    endsWith: ['boolean', 's|n'],
    includes: ['boolean', 's|n'],
    indexOf: ['index', 's|n'],
    lastIndexOf: ['index', 's|n'],
    slice: ['string', '|nn'],
    substring: ['string', 'n|n'],
    charAt: ['string', '|n'],
    charCodeAt: ['number', '|n'],
    at: ['string', 'n'],
    codePointAt: ['number', 'n'],
    padStart: ['string', 'c|s'],
    padEnd: ['string', 'c|s'],
    repeat: ['string', 'c'],
    concat: ['string', '|ssss'],
    toString: ['string', ''],
  } as const),
);

/** They give undefined where there is no character. */
const MAY_MISS = new Set(['at', 'codePointAt']);

function onText(scope: InlineScope, name: string, of: JsOf<'string'>, trees: readonly PureExpression[]): JsValue {
  const [gives, takes] = TEXT_METHODS.get(name) ?? scope.refuse();
  const args = checkedArguments(scope, takes, trees);
  const code = `${textOf(scope, of)}.${name}(${args.join(', ')})`;
  const result = scope.emit.let('js', code);
  const value = ofKind(gives, result);
  return MAY_MISS.has(name) ? { ...value, isNull: `(${result} === undefined)`, absent: 'undefined' } : value;
}

function ofKind(kind: Kind, code: string): JsValue {
  switch (kind) {
    case 'string':
      return jsString(code);
    case 'boolean':
      return jsBoolean(code);
    default:
      return jsNumber(code, kind === 'index' ? 31 : null);
  }
}

/** `s` a string, `n` a number, `c` a small whole constant. */
function checkedArguments(scope: InlineScope, takes: string, trees: readonly PureExpression[]): string[] {
  const [needed, optional = ''] = takes.split('|');
  if (trees.length < needed.length || trees.length > needed.length + optional.length) return scope.refuse();
  return trees.map((tree, i) => {
    const kind = (needed + optional)[i];
    if (kind === 'c') return isLarge(tree) ? scope.refuse() : (tree as { readonly text: string }).text;
    const value = scope.present(scope.value(tree));
    if (value.kind !== (kind === 's' ? 'string' : 'number')) return scope.refuse();
    return textOf(scope, value);
  });
}

const LARGEST_COUNT = 1000;
const isLarge = (tree: PureExpression): boolean => {
  const count = position(tree);
  return count === null || count > LARGEST_COUNT;
};

/** Digits and radix for which the methods of numbers never throw. */
const DIGITS = new Map([
  ['toFixed', { least: 0, most: 100 }],
  ['toPrecision', { least: 1, most: 100 }],
  ['toString', { least: 2, most: 36 }],
]);

function onNumber(scope: InlineScope, name: string, of: JsOf<'number'>, args: readonly PureExpression[]): JsValue {
  const { least, most } = DIGITS.get(name) ?? scope.refuse();
  if (args.length > 1) return scope.refuse();
  if (args.length === 0) return jsString(scope.emit.let('js', `(${of.code}).${name}()`));
  const digits = position(args[0]);
  if (digits === null || digits < least || digits > most) return scope.refuse();
  return jsString(scope.emit.let('js', `(${of.code}).${name}(${digits})`));
}

const NUMBER_TESTS = new Set(['isNaN', 'isFinite', 'Number.isNaN', 'Number.isFinite', 'Number.isInteger', 'Number.isSafeInteger']);

export function globalCall(scope: InlineScope, name: string, trees: readonly PureExpression[]): JsValue {
  if (name === 'parseInt' || name === 'Number.parseInt') return jsNumber(parsed(scope, 'parseInt', 's|c', trees));
  if (name === 'parseFloat' || name === 'Number.parseFloat') return jsNumber(parsed(scope, 'parseFloat', 's', trees));
  const args = trees.map((tree) => scope.value(tree));
  if (name.startsWith('Math.')) return mathCall(scope, name, args);
  if (args.length !== 1) return scope.refuse();
  if (name === 'Boolean') return jsBoolean(truth(args[0]));
  const value = scope.present(args[0]);
  if (name === 'String') return value.kind === 'string' ? value : jsString(`("" + ${textOf(scope, value)})`);
  if (NUMBER_TESTS.has(name)) return value.kind === 'number' ? jsBoolean(`${name}(${value.code})`) : scope.refuse();
  return name === 'Number' ? toNumber(scope, value) : scope.refuse();
}

const parsed = (scope: InlineScope, name: string, takes: string, trees: readonly PureExpression[]): string =>
  scope.emit.let('f', `${name}(${checkedArguments(scope, takes, trees).join(', ')})`);

function toNumber(scope: InlineScope, value: JsValue): JsValue {
  switch (value.kind) {
    case 'number':
      return value;
    case 'bigint':
      return value.value.rep === 'int' ? jsNumber(`(${value.value.code} + 0)`, value.value.bits) : jsNumber(`Number(${value.value.code})`);
    case 'string':
    case 'boolean':
      return jsNumber(`Number(${textOf(scope, value)})`);
    default:
      return scope.refuse();
  }
}

/** Those that give the integer next to a whole number's own place. */
const ROUNDING = new Set(['Math.floor', 'Math.ceil', 'Math.round', 'Math.trunc', 'Math.abs']);

function mathCall(scope: InlineScope, name: string, args: readonly JsValue[]): JsValue {
  if (typeof Reflect.get(Math, name.slice(5)) !== 'function') return scope.refuse();
  const codes = args.map((arg) => (arg.kind === 'number' && arg.absent !== 'either' ? numeric(arg) : scope.refuse()));
  const [first] = args;
  const bits = args.length === 1 && ROUNDING.has(name) && first.kind === 'number' && first.absent === 'null' ? first.bits : null;
  return jsNumber(`${name}(${codes.join(', ')})`, bits);
}
