/** Owns: exact decimal arithmetic on unscaled bigints, rounded half up to the result's scale and checked against its precision. */
import { fitsPrecision, powerOfTen, rescale } from '../../data/decimal.js';
import { typeName } from '../../data/types.js';
import { decimalOverflow, divideByZero, remainderByZero } from './arithmetic-errors.js';
import type { DecimalType } from './type-coercion.js';

/** `unscaled` as it is, or NUMERIC_VALUE_OUT_OF_RANGE where it has more digits than `type`. */
export function checkPrecision(unscaled: bigint, type: DecimalType): bigint {
  if (fitsPrecision(unscaled, type.precision)) return unscaled;
  throw decimalOverflow(unscaled, type.scale, typeName(type));
}

/** a / b rounded half away from zero; b is not zero. */
export function divideHalfUp(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const rest = a % b;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < (b < 0n ? -b : b)) return quotient;
  return a < 0n === b < 0n ? quotient + 1n : quotient - 1n;
}

type BigOperation = (a: bigint, b: bigint) => bigint;

/** The exact operation of one call: `a` and `b` have the scales of their types, the answer that of `result`. */
export function decimalOperation(operator: string, left: DecimalType, right: DecimalType, result: DecimalType): BigOperation {
  const scale = Math.max(left.scale, right.scale);
  const [up, down] = [powerOfTen(scale - left.scale), powerOfTen(scale - right.scale)];
  const narrow = (unscaled: bigint, from: number): bigint => checkPrecision(rescale(unscaled, from, result.scale), result);
  switch (operator) {
    case '+':
      return (a, b) => narrow(a * up + b * down, scale);
    case '-':
      return (a, b) => narrow(a * up - b * down, scale);
    case '*':
      return (a, b) => narrow(a * b, left.scale + right.scale);
    case '/':
      return divideInto(left, right, result);
    case '%':
      return (a, b) => {
        if (b === 0n) throw remainderByZero();
        return narrow((a * up) % (b * down), scale);
      };
    default:
      return (a, b) => {
        if (b === 0n) throw remainderByZero();
        return narrow(positiveRemainder(a * up, b * down), scale);
      };
  }
}

function divideInto(left: DecimalType, right: DecimalType, result: DecimalType): BigOperation {
  const shift = result.scale - left.scale + right.scale;
  const [numerator, denominator] = shift >= 0 ? [powerOfTen(shift), 1n] : [1n, powerOfTen(-shift)];
  return (a, b) => {
    if (b === 0n) throw divideByZero();
    return checkPrecision(divideHalfUp(a * numerator, b * denominator), result);
  };
}

/** Spark's pmod: r = a % b, and (r + b) % b where r is negative. */
export function positiveRemainder(a: bigint, b: bigint): bigint {
  const rest = a % b;
  return rest < 0n ? (rest + b) % b : rest;
}
