/** Owns: `round bround ceil floor`: decimals and whole numbers exactly, doubles by their shortest decimal text as Java's BigDecimal does. */

import { userError } from '../../core/errors.js';
import { parseDecimal, powerOfTen } from '../../data/decimal.js';
import { type DataType, decimal, INT32, INT64, isFloat, isInteger } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { checkPrecision, divideHalfUp } from './arithmetic-decimal.js';
import { overflow } from './arithmetic-errors.js';
import type { Argument, Call, Evaluator, ScalarFunction } from './definition.js';
import { castTypes, INT, NUMBER } from './signature.js';
import { type DecimalType, decimalFor } from './type-coercion.js';

type Mode = 'round' | 'bround' | 'ceil' | 'floor';

/** The integer nearest to value / unit by the mode. */
function divideBy(value: bigint, unit: bigint, mode: Mode): bigint {
  const quotient = value / unit;
  const rest = value % unit;
  if (rest === 0n) return quotient;
  switch (mode) {
    case 'round':
      return divideHalfUp(value, unit);
    case 'ceil':
      return rest > 0n ? quotient + 1n : quotient;
    case 'floor':
      return rest < 0n ? quotient - 1n : quotient;
    case 'bround': {
      const twice = (rest < 0n ? -rest : rest) * 2n;
      if (twice === unit) return quotient % 2n === 0n ? quotient : quotient + (value < 0n ? -1n : 1n);
      return divideHalfUp(value, unit);
    }
    default:
      return mode satisfies never;
  }
}

/** `unscaled` with `scale` decimals rounded to `target` decimals (which may be negative), at scale max(target, 0). */
function roundDecimal(unscaled: bigint, scale: number, target: number, mode: Mode): bigint {
  if (target >= scale) return unscaled * powerOfTen(target - scale);
  const rounded = divideBy(unscaled, powerOfTen(scale - target), mode);
  return target < 0 ? rounded * powerOfTen(-target) : rounded;
}

/** One digit more before the point, since 9.9 rounds to 10. */
function decimalType(type: DecimalType, target: number): DecimalType {
  const integral = type.precision - type.scale + 1;
  if (target < 0) return decimal(Math.min(38, Math.max(integral, 1 - target)), 0) as DecimalType;
  const scale = Math.min(type.scale, target);
  return decimal(Math.min(38, integral + scale), scale) as DecimalType;
}

const targetOf = (name: string, arg: Argument | undefined): number => {
  if (arg === undefined) return 0;
  if (typeof arg.literal === 'number' || typeof arg.literal === 'bigint') return Number(arg.literal);
  throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', `The number of decimals of ${name} must be a constant.`, {
    hint: 'Give a whole number',
  });
};

function rounding(name: Mode): ScalarFunction {
  const isStep = name === 'ceil' || name === 'floor';
  return {
    kind: 'scalar',
    name,
    nulls: 'propagate',
    resolve: (args) => {
      const [type] = castTypes(name, args, [NUMBER, INT], 1);
      const result = (of: DataType, to: DataType) => ({ args: args.length === 1 ? [of] : [of, INT32], result: to });
      const target = targetOf(name, args[1]);
      if (type.kind === 'decimal') return result(type, decimalType(type, target));
      if (!isStep) return result(type, type);
      if (args.length === 1) return isFloat(type) ? result({ kind: 'float64' }, INT64) : result(INT64, INT64);
      const asDecimal = decimalFor(type)!;
      return result(asDecimal, decimalType(asDecimal, target));
    },
    evaluator: (call) => evaluatorOf(name, call),
  };
}

function evaluatorOf(mode: Mode, call: Call): Evaluator {
  const [{ type }] = call.args;
  const target = targetOf(mode, call.args[1]);
  const result = call.type;
  if (type.kind === 'decimal') {
    const scale = (result as DecimalType).scale;
    return ((v: bigint) => {
      const rounded = roundDecimal(v, type.scale, Math.min(target, type.scale), mode);
      return checkPrecision(rounded * powerOfTen(Math.max(0, scale - Math.max(0, Math.min(target, type.scale)))), result as DecimalType);
    }) as Evaluator;
  }
  if (isInteger(type)) return ((v: number | bigint) => roundInteger(v, target, mode, type)) as Evaluator;
  if (result.kind === 'int64') return ((v: number) => toLong(mode === 'ceil' ? Math.ceil(v) : Math.floor(v), mode)) as Evaluator;
  return ((v: number) => roundDouble(v, target, mode)) as Evaluator;
}

/** Of a whole number, and one more. */
const MOST_DIGITS = 20;
const WIDTH: Record<string, number> = { int8: 8, int16: 16, int32: 32, int64: 64 };

function roundInteger(value: number | bigint, target: number, mode: Mode, type: DataType): EngineValue {
  if (target >= 0) return value;
  // Below the largest number's digits nothing is left, and no power of ten must be made of them.
  if (target < -MOST_DIGITS) return typeof value === 'bigint' ? 0n : 0;
  const rounded = roundDecimal(BigInt(value), 0, target, mode);
  if (BigInt.asIntN(WIDTH[type.kind], rounded) !== rounded) throw overflow(mode);
  return typeof value === 'bigint' ? rounded : Number(rounded);
}

/** NaN gives 0, as a Java cast does. */
function toLong(value: number, mode: Mode): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value > 2 ** 63 || value < -(2 ** 63)) throw overflow(mode);
  return value === 2 ** 63 ? 2n ** 63n - 1n : BigInt(value);
}

function roundDouble(value: number, target: number, mode: Mode): number {
  if (!Number.isFinite(value)) return value;
  const parsed = parseDecimal(String(value))!;
  if (target >= parsed.scale) return value + 0;
  const rounded = roundDecimal(parsed.unscaled, parsed.scale, target, mode);
  return target > 0 ? Number(`${rounded}e-${target}`) : Number(rounded);
}

export const ROUNDING: readonly ScalarFunction[] = [rounding('round'), rounding('bround'), rounding('ceil'), rounding('floor')];
