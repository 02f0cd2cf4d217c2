/**
 * Owns: salt against skew: a number beside a key, by which the rows of one frequent key lie in several partitions. The large side of a join
 * gets one salt a row, the small side each of its rows once for every salt.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { Column } from './column.js';
import { call } from './column-function.js';
import { explode } from './functions-collection.js';
import { lit } from './functions-core.js';
import { wholeNumber } from './whole-number.js';

/** Kinds of join in which each row of the left side comes from one of its salts, so that salted answers are the same ones. */
const SALTED_JOINS = ['inner', 'left', 'semi', 'anti'] as const;
export type SaltedJoinType = (typeof SALTED_JOINS)[number];

export interface SaltedJoinOptions<How extends SaltedJoinType> {
  /** Parts into which the rows of one key are cut, and copies that are made of each row of the other side. */
  readonly salts: number;
  /** `inner` unless said. */
  readonly how?: How;
}

/** What the column is called while the join lasts. */
export const SALT = '__salt';

/** A whole number from 0 to `salts` - 1 for each row, by a hash of the row's place: the same for the same rows in the same partitions. */
export function salt(salts: number): Column<number> {
  const place = call('monotonically_increasing_id').expr;
  return call('pmod', call('hash', place).expr, lit(wholeNumber(salts, 'salt', 1)).expr);
}

/** Each row once for every whole number from 0 to `salts` - 1, in select(): what meets all rows that have salt(salts). */
export function explodeSalt(salts: number): Column<number> {
  return explode(call('sequence', lit(0).expr, lit(wholeNumber(salts, 'explodeSalt', 1) - 1).expr)) as Column<number>;
}

/** Checks what saltedJoin() is given. Throws INVALID_ARGUMENT, and UNSUPPORTED_JOIN_TYPE where copies of the right side would come out. */
export function saltedHow(how: string): SaltedJoinType {
  const known = SALTED_JOINS.find((each) => each === how);
  if (known !== undefined) return known;
  const copies = how === 'right' || how === 'full';
  throw userError('UNSUPPORTED_JOIN_TYPE', `saltedJoin() cannot be '${how}'.`, {
    hint: copies
      ? 'Rows of the right side are copied, once for each salt: those without a partner would come out as often. Salt the other side'
      : didYouMean(how, SALTED_JOINS) || `It can be ${SALTED_JOINS.join(', ')}`,
    site: callSite() ?? undefined,
  });
}
