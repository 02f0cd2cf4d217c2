/** Owns: what a job's own code threw on the driver, as a user error at the user's line. */
import { MinisparkError, userError } from '../../core/errors.js';
import type { JobBundle } from '../../frontend/closures/function-info.js';
import { frameAt, mapStack, userFrame } from '../../frontend/closures/stacks.js';
import { methodHint } from './method-hint.js';

/** Ours are passed on as they are; anything else becomes JOB_FAILED. */
export function failedJob(thrown: unknown, bundle: JobBundle, who = 'The job'): MinisparkError {
  if (thrown instanceof MinisparkError) return withFrame(withPlace(thrown, bundle), bundle);
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const site = userFrame(stack, bundle) ?? undefined;
  const error = userError('JOB_FAILED', `${who} threw ${message}`, {
    site,
    frame: (site && frameAt(site, bundle, '')) ?? undefined,
    cause: thrown,
    hint: methodHint(thrown),
  });
  if (stack) error.stack = mapStack(stack, bundle);
  return error;
}

/** What was refused without a place was thrown by a call in the job. */
function withPlace(error: MinisparkError, bundle: JobBundle): MinisparkError {
  const site = error.site ?? userFrame(error.stack ?? '', bundle);
  return error.site || !site ? error : error.with({ site });
}

function withFrame(error: MinisparkError, bundle: JobBundle): MinisparkError {
  if (error.frame || !error.site) return error;
  return error.with({ frame: frameAt(error.site, bundle, '') ?? undefined });
}
