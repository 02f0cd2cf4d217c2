/** Owns: the check of arguments that count something. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';

/** The value itself. Throws a user error INVALID_ARGUMENT naming the method unless it is a whole number of at least `least`. */
export function wholeNumber(value: number, method: string, least = 0): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw userError('INVALID_ARGUMENT', `${method}() takes a whole number of at least ${least}, not ${value}.`, {
    site: callSite() ?? undefined,
  });
}
