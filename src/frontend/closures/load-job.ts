/**
 * Owns: bringing a bundled job into this process and checking that it is one.
 * Receives a JobBundle; gives the job that the file exports by default.
 */
import { type MinisparkError, userError } from '../../core/errors.js';
import { displayPath } from './code-frame.js';
import type { JobBundle } from './function-info.js';
import { loadBundle } from './runtime.js';
import { frameAt, mapStack, rememberBundle, userFrame } from './stacks.js';

const JOB = Symbol.for('minispark.job');

export type JobKind = 'job' | 'mapReduce';

export interface LoadedJob {
  readonly kind: JobKind;
  /** What `job()` or `mapReduce()` returned. */
  readonly value: object;
}

/** Throws user errors JOB_FAILED_TO_LOAD (the file threw while it was imported) and JOB_NOT_EXPORTED. */
export async function loadJob(bundle: JobBundle): Promise<LoadedJob> {
  const exports = await loadUserFile(bundle);
  const value = exports['default'];
  const kind = typeof value === 'object' && value !== null ? kindOf(value) : null;
  if (kind === null) throw notExported(value, bundle);
  return { kind, value: value as object };
}

/** What the file exports. Throws JOB_FAILED_TO_LOAD. */
export async function loadUserFile(bundle: JobBundle): Promise<Readonly<Record<string, unknown>>> {
  rememberBundle(bundle);
  try {
    return await loadBundle(bundle.path);
  } catch (error) {
    throw failedToLoad(error, bundle);
  }
}

function kindOf(value: object): JobKind | null {
  const kind: unknown = Reflect.get(value, JOB) === true ? Reflect.get(value, 'kind') : null;
  return kind === 'job' || kind === 'mapReduce' ? kind : null;
}

function failedToLoad(error: unknown, bundle: JobBundle): MinisparkError {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const site = userFrame(stack, bundle);
  const failure = userError('JOB_FAILED_TO_LOAD', `${displayPath(bundle.root, bundle.entry)} failed while it was imported: ${message}`, {
    hint: 'A job file is imported on every worker: do the work inside of job(), not beside it',
    site: site ?? undefined,
    frame: (site && frameAt(site, bundle, message)) ?? undefined,
    cause: error,
  });
  if (stack) failure.stack = mapStack(stack, bundle);
  return failure;
}

function notExported(value: unknown, bundle: JobBundle): MinisparkError {
  const file = displayPath(bundle.root, bundle.entry);
  const what = value === undefined ? 'has no default export' : 'exports something else than a job by default';
  return userError('JOB_NOT_EXPORTED', `${file} ${what}.`, {
    hint: "Write: import { job } from 'minispark'; export default job(async (spark, args) => { … })",
    site: { file, line: 1, column: 1 },
  });
}
