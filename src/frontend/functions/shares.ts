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
