/** Owns: operand and result types of `+ - * / % div pmod`, by Spark's ANSI and decimal rules. */
import { userError } from '../../core/errors.js';
import {
  DATE,
  type DataType,
  FLOAT64,
  INT32,
  INT64,
  isFloat,
  isInteger,
  isInterval,
  isNumeric,
  sameType,
  typeName,
} from '../../data/types.js';
import type { Argument, Signature } from './definition.js';
import { intervalSignature, wrongIntervalOperands } from './interval-arithmetic.js';
import { checkCount, differingOperands } from './signature.js';
import { commonType, type DecimalType, decimalFor, decimalForLiteral, decimalResult, tightestCommonType } from './type-coercion.js';

/** Types of a call of `operator` with two arguments. Throws WRONG_NUM_ARGS and DATATYPE_MISMATCH. */
export function arithmeticSignature(operator: string, args: readonly Argument[]): Signature {
  checkCount(operator, args.length, 2);
  const ofIntervals = intervalSignature(operator, args[0], args[1]);
  if (ofIntervals !== null) return ofIntervals;
  if (args.some((arg) => isInterval(arg.type))) {
    const [a, b] = args.map((arg) => typeName(arg.type));
    throw wrongIntervalOperands(operator, a, b);
  }
  if (args.some(isString) && args.every((arg) => isString(arg) || arg.type.kind === 'null')) throw wrongOperands(operator, args);
  const [a, b] = untangleStrings(operator, args);
  const dayShift = dayArithmetic(operator, a.type, b.type);
  if (dayShift !== null) return dayShift;
  if (!isNumeric(a.type) || !isNumeric(b.type)) throw wrongOperands(operator, args);
  const isDecimal = (a.type.kind === 'decimal' || b.type.kind === 'decimal') && !isFloat(a.type) && !isFloat(b.type);
  // Spark looks at the type of the dividend alone.
  if (isDecimal && operator === '/' && args[0].type.kind === 'null') return { args: [FLOAT64, FLOAT64], result: FLOAT64 };
  if (isDecimal) return decimalSignature(operator, operandDecimal(a), operandDecimal(b));
  if (operator === 'div') {
    if (isFloat(a.type) || isFloat(b.type)) throw wrongOperands(operator, args, 'whole numbers or decimals');
    return { args: [INT64, INT64], result: INT64 };
  }
  const type = operator === '/' ? FLOAT64 : tightestCommonType(a.type, b.type)!;
  return { args: [type, type], result: type };
}

const isString = (arg: Argument): boolean => arg.type.kind === 'string';

/** A string operand becomes bigint beside a whole number and double beside anything else; a void one takes the other's type. */
function untangleStrings(operator: string, args: readonly Argument[]): [Argument, Argument] {
  const [a, b] = args;
  const resolved = (x: Argument, other: DataType): Argument => {
    if (x.type.kind === 'null')
      return { ...x, type: isNumeric(other) ? other : operator === 'div' ? INT64 : other.kind === 'date' ? INT32 : FLOAT64 };
    if (x.type.kind !== 'string') return x;
    const type = isInteger(other) && operator !== '/' ? INT64 : other.kind === 'date' ? INT32 : FLOAT64;
    return { ...x, type, literal: undefined };
  };
  return [resolved(a, b.type), resolved(b, a.type)];
}

function operandDecimal(arg: Argument): DecimalType {
  const isWholeLiteral = isInteger(arg.type) && arg.type.kind !== 'int8' && arg.literal !== undefined && arg.literal !== null;
  return isWholeLiteral ? decimalForLiteral(arg.literal as number | bigint) : decimalFor(arg.type)!;
}

function decimalSignature(operator: string, a: DecimalType, b: DecimalType): Signature {
  return { args: [a, b], result: operator === 'div' ? INT64 : decimalResult(operator, a, b) };
}

function dayArithmetic(operator: string, a: DataType, b: DataType): Signature | null {
  if ((operator === '+' || operator === '-') && a.kind === 'date' && isInteger(b) && b.kind !== 'int64')
    return { args: [DATE, INT32], result: DATE };
  if (operator === '+' && b.kind === 'date' && isInteger(a) && a.kind !== 'int64') return { args: [INT32, DATE], result: DATE };
  return null;
}

/** Of operands that the operator does not take: a string is one type with any atom beside it, and so are two of a kind. */
export function wrongOperands(operator: string, args: readonly Argument[], wanted = 'numbers') {
  const [a, b] = args;
  const isText = a.type.kind === 'string' || b.type.kind === 'string';
  if (!sameType(a.type, b.type) && !(isText && commonType(a.type, b.type) !== null)) return differingOperands(operator, args);
  const condition = 'DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE';
  return userError(condition, `The operator ${operator} takes ${wanted}, not ${typeName(a.type)} and ${typeName(b.type)}.`, {
    hint: 'Cast the operands',
  });
}
