/**
 * Owns: code for arithmetic on one row. Bits bound every whole number, so that a range check, or BigInt, appears only where a bound
 * cannot prove the result; a plain sum of two small columns is `(a + b)`.
 */
import { type DataType, isFloat, isInterval } from '../../data/types.js';
import { decimalOperation } from './arithmetic-decimal.js';
import { divideByZero, overflow, remainderByZero, smallOverflow } from './arithmetic-errors.js';
import type { Call } from './definition.js';
import { bigValue, digitBits, floatValue, intValue, typeBits } from './emit.js';
import type { Emitter, Value, ValueOf } from './generator.js';
import { generateInterval, isIntervalArithmetic } from './interval-arithmetic.js';
import type { DecimalType } from './type-coercion.js';

/** One row of `args[0] operator args[1]`; null for what only the evaluator does (`div`, `pmod`, decimals divided). */
export function generateArithmetic(emit: Emitter, operator: string, args: readonly (() => Value)[], call: Call): Value | null {
  if (isIntervalArithmetic(call)) return generateInterval(emit, operator, args, call);
  if (call.args[0].type.kind === 'decimal') return operator === 'div' ? null : decimalCode(emit, operator, args, call);
  if (isFloat(call.type)) return operator === 'pmod' ? null : floatCode(emit, operator, args, call.type);
  if (operator === 'div' || operator === 'pmod') return null;
  const [a, b] = [args[0](), args[1]()];
  if (operator === '%') return remainderCode(emit, a, b, call.type);
  if (call.type.kind === 'int64') return longCode(emit, operator, a, b, call.type);
  return integerCode(emit, operator, a as ValueOf<'int'>, b as ValueOf<'int'>, call.type);
}

function floatCode(emit: Emitter, operator: string, args: readonly (() => Value)[], type: DataType): Value {
  const a = emit.toFloat(args[0]()).code;
  const b = emit.toFloat(args[1]()).code;
  if (operator === '/' || operator === '%') {
    emit.branch(`${b} === 0`, () => emit.fail(operator === '/' ? divideByZero : remainderByZero));
  }
  const code = `(${a} ${operator} ${b})`;
  return floatValue(type, emit.let('f', type.kind === 'float32' ? `Math.fround${code}` : code));
}

const LARGEST: Record<string, number> = { int8: 7, int16: 15, int32: 31, date: 31 };

/** Bits of the exact result, given bits of both operands. */
const resultBits = (operator: string, a: number, b: number): number => (operator === '*' ? a + b : Math.max(a, b) + 1);

/** A double's product of two 32-bit numbers may be rounded, but then it lies far outside the range that is checked. */
function integerCode(emit: Emitter, operator: string, a: ValueOf<'int'>, b: ValueOf<'int'>, type: DataType): Value {
  const bits = resultBits(operator, a.bits, b.bits);
  const sum = emit.let('n', exactCode(operator, a.code, b.code));
  const limit = LARGEST[type.kind];
  if (bits <= limit) return intValue(type, sum, bits);
  emit.branch(`${sum} > ${2 ** limit - 1} || ${sum} < ${-(2 ** limit)}`, () =>
    emit.fail(limit < 31 ? smallOverflow : overflow, JSON.stringify(operator)),
  );
  return intValue(type, sum, Math.min(bits, limit + 1));
}

/** Adding 0 turns the -0 of `-1 * 0` into 0. */
const exactCode = (operator: string, a: string, b: string): string => (operator === '*' ? `${a} * ${b} + 0` : `${a} ${operator} ${b}`);

function longCode(emit: Emitter, operator: string, a: Value, b: Value, type: DataType): Value {
  if (a.rep === 'int' && b.rep === 'int') {
    const bits = resultBits(operator, a.bits, b.bits);
    if (bits <= 53) return intValue(type, emit.let('n', exactCode(operator, a.code, b.code)), bits);
  }
  const sum = emit.let('n', `${emit.toBig(a).code} ${operator} ${emit.toBig(b).code}`);
  emit.branch(`BigInt.asIntN(64, ${sum}) !== ${sum}`, () => emit.fail(overflow, JSON.stringify(operator)));
  return bigValue(type, sum);
}

function remainderCode(emit: Emitter, a: Value, b: Value, type: DataType): Value {
  if (a.rep === 'int' && b.rep === 'int') {
    emit.branch(`${b.code} === 0`, () => emit.fail(remainderByZero));
    return intValue(type, emit.let('n', `${a.code} % ${b.code} + 0`), Math.min(a.bits, b.bits));
  }
  const [x, y] = [emit.toBig(a).code, emit.toBig(b).code];
  emit.branch(`${y} === 0n`, () => emit.fail(remainderByZero));
  return bigValue(type, emit.let('n', `${x} % ${y}`));
}

/** Plain code where no digit falls away and the result cannot pass its precision; else the exact function. */
function decimalCode(emit: Emitter, operator: string, args: readonly (() => Value)[], call: Call): Value {
  const [left, right] = call.args.map((arg) => arg.type as DecimalType);
  const result = call.type as DecimalType;
  const [a, b] = [args[0](), args[1]()];
  const scale = operator === '*' ? left.scale + right.scale : Math.max(left.scale, right.scale);
  if ((operator === '+' || operator === '-' || operator === '*') && result.scale === scale) {
    const shifts = operator === '*' ? [0, 0] : [scale - left.scale, scale - right.scale];
    const plain =
      smallDecimal(emit, operator, [a, b], shifts, result) ??
      (result.precision < 38 ? bigDecimal(emit, operator, [a, b], shifts, result) : null);
    if (plain !== null) return plain;
  }
  const operation = emit.constant('decimalOperation', decimalOperation(operator, left, right, result));
  return ofPrecision(emit, `${operation}(${emit.toBig(a).code}, ${emit.toBig(b).code})`, result);
}

/** In doubles, where bits prove the result below 2^53 (and so far below 10^38). */
function smallDecimal(
  emit: Emitter,
  operator: string,
  [a, b]: readonly Value[],
  shifts: readonly number[],
  type: DecimalType,
): Value | null {
  if (a.rep !== 'int' || b.rep !== 'int') return null;
  const bits = resultBits(operator, a.bits + digitBits(shifts[0]), b.bits + digitBits(shifts[1]));
  if (bits > 53) return null;
  const scaled = (code: string, shift: number): string => (shift === 0 ? code : `${code} * ${10 ** shift}`);
  const code = exactCode(operator, scaled(a.code, shifts[0]), scaled(b.code, shifts[1]));
  return intValue(type, emit.let('d', code), Math.min(bits, typeBits(type)));
}

/** In BigInt, where the declared precision was not capped: the result has no more digits than it. */
function bigDecimal(emit: Emitter, operator: string, [a, b]: readonly Value[], shifts: readonly number[], type: DecimalType): Value {
  const scaled = (value: Value, shift: number): string =>
    shift === 0 ? emit.toBig(value).code : `${emit.toBig(value).code} * ${10n ** BigInt(shift)}n`;
  return ofPrecision(emit, `${scaled(a, shifts[0])} ${operator} ${scaled(b, shifts[1])}`, type);
}

/** A BigInt expression of a decimal type, as a double again where its precision proves 53 bits. */
export function ofPrecision(emit: Emitter, code: string, type: DataType): Value {
  const bits = typeBits(type);
  return bits <= 53 ? intValue(type, emit.let('d', `Number(${code})`), bits) : bigValue(type, emit.let('d', code));
}

export function generateNegate(emit: Emitter, name: string, value: Value, call: Call): Value | null {
  if (name === 'positive') return value;
  const { type } = call;
  if (isInterval(type)) return null;
  const flip = (code: string, zero: string): string =>
    name === 'negative' ? `${zero} - ${code}` : `${code} < ${zero} ? ${zero} - ${code} : ${code}`;
  switch (value.rep) {
    case 'float':
      return floatValue(type, emit.let('f', name === 'negative' ? `-${value.code}` : `Math.abs(${value.code})`));
    case 'int': {
      const result = emit.let('n', flip(value.code, '0'));
      const limit = LARGEST[type.kind];
      if (limit !== undefined && value.bits > limit)
        emit.branch(`${result} > ${2 ** limit - 1}`, () => emit.fail(overflow, JSON.stringify(name)));
      return intValue(type, result, value.bits);
    }
    case 'big': {
      const result = emit.let('n', flip(value.code, '0n'));
      if (type.kind === 'int64') emit.branch(`${result} > 9223372036854775807n`, () => emit.fail(overflow, JSON.stringify(name)));
      return bigValue(type, result);
    }
    default:
      return null;
  }
}
