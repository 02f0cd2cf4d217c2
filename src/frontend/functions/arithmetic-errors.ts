/** Owns: the errors that numbers raise at run time, by Spark's conditions, for evaluators and generated code alike. */
import { userError } from '../../core/errors.js';
import { formatDecimal } from '../../data/decimal.js';

export const overflow = (operation: string) =>
  userError('ARITHMETIC_OVERFLOW', `${operation} overflowed: the result does not fit its type.`, {
    hint: 'Cast an operand to a wider type (bigint, decimal), or use the try_ form to get null instead',
  });

/** Of the types below int, whose overflow has a condition of its own. */
export const smallOverflow = (operation: string) =>
  userError('BINARY_ARITHMETIC_OVERFLOW', `${operation} overflowed: the result does not fit tinyint or smallint.`, {
    hint: 'Cast an operand to int, or use the try_ form to get null instead',
  });

export const divideByZero = () =>
  userError('DIVIDE_BY_ZERO', 'Division by zero.', { hint: 'Use try_divide, or nullif(divisor, 0), to get null instead' });

export const remainderByZero = () =>
  userError('REMAINDER_BY_ZERO', 'Remainder by zero.', { hint: 'Use try_mod, or nullif(divisor, 0), to get null instead' });

/** Sums have a try_ form, which Spark then suggests. */
export const intervalOverflow = (operation: string) =>
  userError(
    `INTERVAL_ARITHMETIC_OVERFLOW.${operation === '+' || operation === '-' ? 'WITH' : 'WITHOUT'}_SUGGESTION`,
    `${operation} overflowed: the result is too long for an interval.`,
  );

export const intervalDividedByZero = () =>
  userError('INTERVAL_DIVIDED_BY_ZERO', 'An interval is divided by zero.', { hint: 'Divide by nullif(divisor, 0) to get null instead' });

export const datetimeOverflow = () => userError('DATETIME_OVERFLOW', 'The result lies beyond the dates and timestamps that there are.');

export const decimalOverflow = (unscaled: bigint, scale: number, type: string) =>
  userError('NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION', `${formatDecimal(unscaled, scale)} does not fit ${type}.`, {
    hint: 'Cast to a decimal with more digits, or use tryCast (in SQL try_cast) to get null instead',
  });
