/** Owns: the check of arguments that count something. */
import { callSite } from '../../core/call-site.js';
import { MOST_PARTITIONS } from '../../core/config.js';
import { userError } from '../../core/errors.js';

/** The value itself. Throws a user error INVALID_ARGUMENT naming the method unless it is a whole number of at least `least`. */
export function wholeNumber(value: number, method: string, least = 0, most = Number.POSITIVE_INFINITY): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  throw userError(
    'INVALID_ARGUMENT',
    `${method}() takes a whole number ${range}, not ${typeof value === 'string' ? `'${value}'` : String(value)}.`,
    {
      site: callSite() ?? undefined,
    },
  );
}

/** As wholeNumber(), for a number of partitions. */
export function partitionCount(value: number, method: string): number {
  return wholeNumber(value, method, 1, MOST_PARTITIONS);
}
