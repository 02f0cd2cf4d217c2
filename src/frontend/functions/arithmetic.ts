/**
 * Owns: `+ - * / % div pmod`, `negative`, `positive`, `abs`: results exact or an error, never a wrap.
 * Generated code holds whole numbers in doubles while 53 bits are proven, in BigInt beyond.
 */
import { type DataType, INT64, isFloat, isInterval } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { decimalOperation, positiveRemainder } from './arithmetic-decimal.js';
import { divideByZero, overflow, remainderByZero, smallOverflow } from './arithmetic-errors.js';
import { generateArithmetic, generateNegate } from './arithmetic-generate.js';
import { arithmeticSignature } from './arithmetic-types.js';
import type { Call, Evaluator, ScalarFunction } from './definition.js';
import { inInterval, intervalOperation, isIntervalArithmetic } from './interval-arithmetic.js';
import { touchesInstant } from './scalar.js';
import { castTypes, NUMBER_OR_INTERVAL } from './signature.js';
import type { DecimalType } from './type-coercion.js';

const LIMITS: Record<string, number> = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31, date: 2 ** 31 };

/** Throws ARITHMETIC_OVERFLOW unless `value` fits the integer type. */
function checkInteger(value: number, type: DataType, operator: string): number {
  const limit = LIMITS[type.kind];
  if (value >= limit || value < -limit) throw overflow(operator);
  // No negative zero among whole numbers: it would show when cast to double.
  return value + 0;
}

function checkSmall(value: number, type: DataType, operator: string): number {
  const limit = LIMITS[type.kind];
  if (limit < 2 ** 31 && (value >= limit || value < -limit)) throw smallOverflow(operator);
  return checkInteger(value, type, operator);
}

function checkLong(value: bigint, operator: string): bigint {
  if (BigInt.asIntN(64, value) !== value) throw overflow(operator);
  return value;
}

function binary(name: string): ScalarFunction {
  return {
    kind: 'scalar',
    name,
    nulls: 'propagate',
    resolve: (args) => arithmeticSignature(name, args),
    ...((name === '+' || name === '-') && { zoned: touchesInstant }),
    evaluator: (call) => arithmeticEvaluator(name, call) as Evaluator,
    generate: (emit, args, call) => generateArithmetic(emit, name, args, call),
  };
}

function arithmeticEvaluator(operator: string, call: Call): (a: EngineValue, b: EngineValue) => EngineValue {
  if (isIntervalArithmetic(call)) return intervalOperation(operator, call);
  const [left, right] = call.args.map((arg) => arg.type);
  if (left.kind === 'decimal' && right.kind === 'decimal') {
    if (operator === 'div') return (a, b) => decimalQuotient(a as bigint, left, b as bigint, right);
    return decimalOperation(operator, left, right, call.type as DecimalType) as never;
  }
  if (isFloat(call.type)) {
    const operation = floatOperation(operator);
    return (call.type.kind === 'float32' ? (a: number, b: number) => Math.fround(operation(a, b)) : operation) as never;
  }
  if (call.type.kind === 'int64') return longOperation(operator) as never;
  return integerOperation(operator, call.type) as never;
}

function decimalQuotient(a: bigint, left: DecimalType, b: bigint, right: DecimalType): bigint {
  if (b === 0n) throw divideByZero();
  const scale = Math.max(left.scale, right.scale);
  return checkLong((a * 10n ** BigInt(scale - left.scale)) / (b * 10n ** BigInt(scale - right.scale)), 'div');
}

function floatOperation(operator: string): (a: number, b: number) => number {
  switch (operator) {
    case '+':
      return (a, b) => a + b;
    case '-':
      return (a, b) => a - b;
    case '*':
      return (a, b) => a * b;
    case '/':
      return (a, b) => {
        if (b === 0) throw divideByZero();
        return a / b;
      };
    default:
      return (a, b) => {
        if (b === 0) throw remainderByZero();
        const rest = a % b;
        return operator === 'pmod' && rest < 0 ? (rest + b) % b : rest;
      };
  }
}

function longOperation(operator: string): (a: bigint, b: bigint) => bigint {
  switch (operator) {
    case '+':
      return (a, b) => checkLong(a + b, operator);
    case '-':
      return (a, b) => checkLong(a - b, operator);
    case '*':
      return (a, b) => checkLong(a * b, operator);
    case 'div':
      return (a, b) => {
        if (b === 0n) throw divideByZero();
        return checkLong(a / b, operator);
      };
    default:
      return (a, b) => {
        if (b === 0n) throw remainderByZero();
        return operator === '%' ? a % b : positiveRemainder(a, b);
      };
  }
}

function integerOperation(operator: string, type: DataType): (a: number, b: number) => number {
  switch (operator) {
    case '+':
      return (a, b) => checkSmall(a + b, type, operator);
    case '-':
      return (a, b) => checkSmall(a - b, type, operator);
    case '*':
      return (a, b) => checkSmall(a * b, type, operator);
    default:
      return (a, b) => {
        if (b === 0) throw remainderByZero();
        const rest = a % b;
        return (operator === 'pmod' && rest < 0 ? (rest + b) % b : rest) + 0;
      };
  }
}

function unary(name: 'negative' | 'positive' | 'abs'): ScalarFunction {
  const negates = (value: number | bigint): boolean => name === 'negative' || (name === 'abs' && (value < 0 || Object.is(value, -0)));
  return {
    kind: 'scalar',
    name,
    nulls: 'propagate',
    resolve: (args) => {
      const types = castTypes(name, args, [NUMBER_OR_INTERVAL]);
      return { args: types, result: types[0] };
    },
    evaluator: ({ type }) => {
      if (isInterval(type)) return ((v: bigint | number) => (negates(v) ? inInterval(-BigInt(v), name, type) : v)) as Evaluator;
      if (type.kind === 'decimal') return ((v: bigint) => (negates(v) ? -v : v)) as Evaluator;
      if (type.kind === INT64.kind) return ((v: bigint) => (negates(v) ? checkLong(-v, name) : v)) as Evaluator;
      if (isFloat(type)) return ((v: number) => (negates(v) ? -v : v)) as Evaluator;
      return ((v: number) => (negates(v) ? checkInteger(-v, type, name) : v)) as Evaluator;
    },
    generate: (emit, [arg], call) => generateNegate(emit, name, arg(), call),
  };
}

export const ARITHMETIC: readonly ScalarFunction[] = [
  ...['+', '-', '*', '/', '%', 'div', 'pmod'].map(binary),
  unary('negative'),
  unary('positive'),
  unary('abs'),
];
