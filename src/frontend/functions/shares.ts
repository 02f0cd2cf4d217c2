/** Owns: the second argument of percentiles: a share from 0 to 1, or an array of them. */
import { userError } from '../../core/errors.js';
import { arrayOf, type DataType, FLOAT64, isNumeric } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Argument } from './definition.js';
import { wrongArgument } from './signature.js';

/** Double, or an array of doubles. Throws DATATYPE_MISMATCH. */
export function shareType(name: string, { type }: Argument): DataType {
  if (isNumeric(type)) return FLOAT64;
  if (type.kind === 'array' && isNumeric(type.element)) return arrayOf(FLOAT64, type.containsNull);
  throw wrongArgument(name, 1, 'a share from 0 to 1 or an array of them', type);
}

/** The shares as a list. Throws DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE for one outside of 0 to 1. */
export function checkShares(name: string, shares: EngineValue | null): readonly number[] {
  const list = (Array.isArray(shares) ? shares : shares === null ? [] : [shares]) as readonly (number | null)[];
  for (const share of list) {
    if (share !== null && share >= 0 && share <= 1) continue;
    throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', `The share of ${name} must lie between 0 and 1, but it is ${share}.`);
  }
  return list as readonly number[];
}

/**
 * The shares of one more row, which must be those of the rows before (`known`, null of none). Whether they are the same expression the analyzer
 * cannot tell, as arrays of constants are calls. Throws DATATYPE_MISMATCH.UNEXPECTED_NULL, DATATYPE_MISMATCH.NON_FOLDABLE_INPUT.
 */
export function sameShares(name: string, known: EngineValue | null, given: EngineValue | null): EngineValue {
  if (given === null) throw userError('DATATYPE_MISMATCH.UNEXPECTED_NULL', `The share of ${name} must not be null.`);
  if (known === null || known === given || (Array.isArray(known) && Array.isArray(given) && isSameList(known, given))) return given;
  throw userError('DATATYPE_MISMATCH.NON_FOLDABLE_INPUT', `The share of ${name} must be a constant, but rows have ${known} and ${given}.`);
}

const isSameList = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((item, i) => item === b[i]);
