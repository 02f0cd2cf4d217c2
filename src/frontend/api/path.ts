/** Owns: the check of a path that a method is given: an argument that the job was not given is most often what is not a string. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';

/** Throws a user error INVALID_ARGUMENT naming the method unless it is text. */
export function checkPath(path: unknown, method: string): void {
  if (typeof path === 'string') return;
  throw userError('INVALID_ARGUMENT', `${method}() takes a path, not ${path}.`, {
    hint: 'An argument of the job that was not given is undefined: declare it as required, or with a default',
    site: callSite() ?? undefined,
  });
}
