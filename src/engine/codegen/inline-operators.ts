/**
 * Owns: JavaScript's operators on values of known kinds. Bigints are doubles where the bits of both sides prove the result below 2^53,
 * and BigInts beyond; numbers keep the bits of whole results, for those who want an integer of them.
 */
import { emitEqual, emitJoined } from './inline-bytes.js';
import type { InlineScope } from './inline-function.js';
import { bigInt, exactInt, type JsOf, type JsValue, jsBoolean, jsNumber, jsString } from './js-value.js';

const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '**']);
const BITWISE = new Set(['&', '|', '^', '<<', '>>', '>>>']);
const ORDER = new Set(['<', '<=', '>', '>=']);

export function binary(scope: InlineScope, op: string, a: JsValue, b: JsValue): JsValue {
  if (op === '+' && (a.kind === 'string' || b.kind === 'string')) {
    return emitJoined(scope, [a, b]) ?? jsString(`(${textOf(scope, a)} + ${textOf(scope, b)})`);
  }
  if (a.kind === 'number' && b.kind === 'number') return numbers(scope, op, a, b);
  if (ORDER.has(op)) return jsBoolean(order(scope, op, a, b));
  const [left, right] = [scope.present(a), scope.present(b)];
  if (left.kind === 'bigint' && right.kind === 'bigint') return bigints(scope, op, left, right);
  return scope.refuse();
}

/** As a number: null is 0, undefined NaN. */
export function numeric(value: JsOf<'number'>): string {
  if (value.isNull === 'false') return value.code;
  return value.absent === 'null' ? `(${value.isNull} ? 0 : ${value.code})` : `(${value.isNull} ? NaN : ${value.code})`;
}

function numbers(scope: InlineScope, op: string, a: JsOf<'number'>, b: JsOf<'number'>): JsValue {
  if (a.absent === 'either' || b.absent === 'either') return scope.refuse();
  const code = `(${numeric(a)} ${op} ${numeric(b)})`;
  if (ORDER.has(op)) return jsBoolean(code);
  if (BITWISE.has(op)) return jsNumber(code, op === '>>>' ? 33 : 32);
  if (!ARITHMETIC.has(op)) return scope.refuse();
  if (op === '**' && /^\(-/.test(code)) return jsNumber(`Math.pow(${numeric(a)}, ${numeric(b)})`);
  return jsNumber(code, a.absent === 'null' && b.absent === 'null' ? wholeBits(op, a.bits, b.bits) : null);
}

/** Bits of the result where it is whole and below 2^53 for sure. */
function wholeBits(op: string, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null;
  const bits = op === '+' || op === '-' ? Math.max(a, b) + 1 : op === '*' ? a + b : 54;
  return bits <= 53 ? bits : null;
}

/** Quotients of such doubles are never rounded up to a whole number. */
const DIVISION_BITS = 48;

function bigints(scope: InlineScope, op: string, a: JsOf<'bigint'>, b: JsOf<'bigint'>): JsValue {
  if (!ARITHMETIC.has(op) || op === '**') return scope.refuse();
  const { emit } = scope;
  const divides = op === '/' || op === '%';
  if (a.value.rep === 'int' && b.value.rep === 'int') {
    const [x, y] = [a.value, b.value];
    if (divides && Math.max(x.bits, y.bits) <= DIVISION_BITS) {
      const divisor = emit.let('by', y.code);
      scope.check(`${divisor} === 0`);
      return op === '%' ? exactInt(`(${x.code} % ${divisor})`, x.bits) : exactInt(`Math.trunc(${x.code} / ${divisor})`, x.bits);
    }
    const bits = wholeBits(op, x.bits, y.bits);
    if (!divides && bits !== null) return exactInt(`(${x.code} ${op} ${y.code})`, bits);
  }
  const [x, y] = [emit.toBig(a.value).code, emit.toBig(b.value).code];
  if (divides) scope.check(`${y} === 0n`);
  return bigInt(emit.let('big', `${x} ${op} ${y}`));
}

function order(scope: InlineScope, op: string, a: JsValue, b: JsValue): string {
  const [left, right] = [scope.present(a), scope.present(b)];
  if (left.kind === 'bigint' && right.kind === 'bigint') {
    if (left.value.rep === right.value.rep) return `(${left.value.code} ${op} ${right.value.code})`;
    return `(${scope.emit.toBig(left.value).code} ${op} ${scope.emit.toBig(right.value).code})`;
  }
  // A bigint and a number compare by their mathematical values, as doubles do where the bigint is exact in one.
  if (isNumeric(left) && isNumeric(right)) return `(${codeOf(left)} ${op} ${codeOf(right)})`;
  if (left.kind === 'string' && right.kind === 'string') return `(${textOf(scope, left)} ${op} ${textOf(scope, right)})`;
  return scope.refuse();
}

const isNumeric = (js: JsValue): js is JsOf<'number'> | JsOf<'bigint'> => js.kind === 'number' || js.kind === 'bigint';
const codeOf = (js: JsOf<'number'> | JsOf<'bigint'>): string => (js.kind === 'number' ? js.code : js.value.code);

export function unary(scope: InlineScope, op: string, of: JsValue): JsValue {
  const value = scope.present(of);
  if (value.kind === 'number') {
    if (op === '-') return jsNumber(`(-${value.code})`, value.bits);
    if (op === '+') return value;
    return op === '~' ? jsNumber(`(~${value.code})`, 32) : scope.refuse();
  }
  if (value.kind === 'bigint' && op === '-') {
    return value.value.rep === 'int' ? exactInt(`(-${value.value.code})`, value.value.bits) : bigInt(`(-${value.value.code})`);
  }
  if (value.kind === 'string' && op === '+') return jsNumber(`Number(${textOf(scope, value)})`);
  return scope.refuse();
}

/** The condition of `a op b`; both may be absent. */
export function equals(scope: InlineScope, op: '==' | '!=' | '===' | '!==', a: JsValue, b: JsValue): string {
  const isLoose = op.length === 2;
  const equal = equalCode(scope, isLoose, a, b);
  if (!op.startsWith('!')) return equal;
  return equal === 'true' ? 'false' : equal === 'false' ? 'true' : `!(${equal})`;
}

function equalCode(scope: InlineScope, isLoose: boolean, a: JsValue, b: JsValue): string {
  const mayBeAbsent = a.isNull !== 'false' && b.isNull !== 'false';
  if (!isLoose && mayBeAbsent && (a.absent === 'either' || b.absent === 'either')) return scope.refuse();
  const bothAbsent = !mayBeAbsent || (!isLoose && a.absent !== b.absent) ? 'false' : conjunction(a.isNull, b.isNull);
  if (a.kind === 'nothing' || b.kind === 'nothing') return bothAbsent;
  const same = presentEqual(scope, isLoose, a, b);
  if (same === 'false') return bothAbsent;
  const absents = [a.isNull, b.isNull].filter((isNull) => isNull !== 'false');
  if (absents.length === 0) return same;
  const neither = absents.map((isNull) => `!(${isNull})`).join(' && ');
  return bothAbsent === 'false' ? `(${neither} && ${same})` : `(${bothAbsent} || (${neither} && ${same}))`;
}

const conjunction = (a: string, b: string): string => (a === 'true' ? b : b === 'true' ? a : `(${a} && ${b})`);

function presentEqual(scope: InlineScope, isLoose: boolean, a: JsValue, b: JsValue): string {
  if (a.kind === 'string' && b.kind === 'string') return emitEqual(scope, a, b);
  if (a.kind === 'boolean' && b.kind === 'boolean') return `(${a.code} === ${b.code})`;
  if (a.kind === 'number' && b.kind === 'number') return `(${a.code} === ${b.code})`;
  if (a.kind === 'bigint' && b.kind === 'bigint') {
    if (a.value.rep === b.value.rep) return `(${a.value.code} === ${b.value.code})`;
    return `(${a.value.code} == ${b.value.code})`;
  }
  if (!isLoose) return 'false';
  return isNumeric(a) && isNumeric(b) ? `(${codeOf(a)} == ${codeOf(b)})` : scope.refuse();
}

/** A JavaScript expression of the value that is good wherever a string is wanted: as an operand of `+` beside one, or in a template. */
export function textOf(scope: InlineScope, js: JsValue): string {
  const value = scope.present(js);
  switch (value.kind) {
    case 'string': {
      if (value.literal !== undefined) return JSON.stringify(value.literal);
      return value.value.rep === 'js' ? value.value.code : scope.emit.let('text', scope.emit.toJs(value.value).code);
    }
    case 'number':
    case 'boolean':
      return value.code;
    case 'bigint':
      // -0 stands for 0n.
      return value.value.rep === 'big' ? value.value.code : `(${value.value.code} + 0)`;
    default:
      return scope.refuse();
  }
}
