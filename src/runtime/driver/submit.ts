/**
 * Owns: `minispark submit` without its terminal: bundle, load, session, run, end. Also what `submit FILE --help` needs to know of a job.
 */
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { Config } from '../../core/config.js';
import { MinisparkError, userError } from '../../core/errors.js';
import type { EventListener } from '../../core/events.js';
import { installApi } from '../../frontend/api/install.js';
import { type ArgSpecs, type Job, parseJobArgs } from '../../frontend/api/job.js';
import { createSession } from '../../frontend/api/session.js';
import { bundleJob } from '../../frontend/closures/bundle.js';
import type { JobBundle } from '../../frontend/closures/function-info.js';
import { loadJob, loadUserFile } from '../../frontend/closures/load-job.js';
import { ActionNames } from './action-names.js';
import { EngineBackend } from './backend.js';
import { ExplainBackend, type Explaining } from './explain-backend.js';
import { Faults, parseKill } from './faults.js';
import { failedJob } from './job-failure.js';
import { openExecutor, parseMaster } from './master.js';
import { catchStrayErrors } from './stray-errors.js';

export interface SubmitOptions {
  readonly file: string;
  readonly master: string;
  readonly config: Readonly<Record<string, string>>;
  /** `--name value` and `--name=value`, as they were typed. */
  readonly jobArgs: readonly string[];
  readonly name?: string;
  readonly tokenFile?: string;
  readonly signal: AbortSignal;
  readonly onEvent: EventListener;
  warn(text: string): void;
  /** Workers of a local cluster to kill on the way: `worker@25%`, see faults.ts. */
  readonly kill?: readonly string[];
  /** Takes what the job's main function gave, before the session stops. */
  readonly onReturn?: (value: unknown) => Promise<void> | void;
  /** Print the plan of each action instead of running it. */
  readonly explain?: Explaining;
}

/** Resolves when the job is done. Throws its error; everything that it started has ended then. */
export async function submitJob(options: SubmitOptions): Promise<void> {
  const config = Config.from(options.config);
  const master = parseMaster(options.master);
  const faults = options.kill?.length ? new Faults(options.kill.map(parseKill), master) : null;
  const opening = openExecutor(master, { config, tokenFile: options.tokenFile, signal: options.signal, faults });
  // Handled below, where it is awaited: a job that does not compile must not leave a rejection behind.
  opening.catch(() => {});
  let close = async (): Promise<void> => {
    const executor = await opening.catch(() => null);
    await executor?.close();
  };
  try {
    const { bundle, job } = await load(options.file);
    const args = parseJobArgs(job.args, argumentPairs(options.jobArgs));
    const executor = await opening;
    const name = options.name ?? basename(options.file);
    const engine = new EngineBackend({
      executor,
      config,
      bundle,
      allowOpaque: false,
      name,
      signal: options.signal,
      warn: options.warn,
    });
    engine.onEvent(options.onEvent);
    const backend = options.explain ? new ExplainBackend(engine, options.explain, new ActionNames(name)) : engine;
    const session = createSession(backend, options.config);
    close = () => session.stop();
    const main = async () => {
      const value = await job.main(session, args as never);
      await options.onReturn?.(value);
    };
    await runMain(main, session, bundle);
    for (const text of faults?.pending() ?? []) options.warn(`--kill ${text} never came: no action of the job got that far`);
  } finally {
    await close();
  }
}

/** Runs the job's main function and stops the session. Nothing that went wrong on the way is passed over, awaited or not. */
async function runMain(main: () => Promise<void>, session: ReturnType<typeof createSession>, bundle: JobBundle): Promise<void> {
  const strays = catchStrayErrors();
  const stop = async () => {
    await session.stop();
    // Node tells of rejections that nobody handles after the turn in which they came.
    await new Promise((resolve) => setImmediate(resolve));
  };
  try {
    await Promise.race([main(), strays.first]);
    await stop();
    const stray = strays.found();
    if (stray) throw isOfStopped(stray.thrown) ? notAwaited(stray.thrown) : stray.thrown;
  } catch (thrown) {
    // Should that fail too, the job's own error is the one to tell.
    await stop().catch(() => {});
    throw failedJob(thrown, bundle);
  } finally {
    strays.release();
  }
}

function isOfStopped(thrown: unknown): thrown is MinisparkError {
  return thrown instanceof MinisparkError && (thrown.condition === 'JOB_CANCELLED' || thrown.condition === 'SESSION_STOPPED');
}

/** At the line of the action that was cancelled. */
function notAwaited({ site, frame }: MinisparkError): MinisparkError {
  return userError('ACTION_NOT_AWAITED', 'The job ended while one of its actions still ran, which was cancelled.', {
    site,
    frame,
    hint: 'Await every action: `await df.write.csv(…)`',
  });
}

/** What a job file says of itself. `args`: null where it takes any; `hash`: of its bundle, imports included. */
export async function describeJob(file: string): Promise<{ kind: Job['kind']; args: ArgSpecs | null; hash: string }> {
  const { job, bundle } = await load(file);
  return { kind: job.kind, args: job.args, hash: bundle.hash };
}

/** The arguments that the job's main function would get. */
export async function jobArguments(file: string, typed: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { job } = await load(file);
  return parseJobArgs(job.args, argumentPairs(typed));
}

/**
 * What a plain function that a file exports under this name gives; null where it exports none. The file is bundled as job files are, and
 * need be none. Throws JOB_FAILED, at the user's line.
 */
export async function callExport(file: string, name: string, ...args: unknown[]): Promise<CalledExport | null> {
  installApi();
  const bundle = await bundleJob(file, { cacheDir: bundleCache() });
  const exports = await loadUserFile(bundle);
  const fn = exports[name];
  if (typeof fn !== 'function') return null;
  try {
    return { value: await (fn as (...args: unknown[]) => unknown)(...args), exports };
  } catch (thrown) {
    throw failedJob(thrown, bundle, `The function ${name}`);
  }
}

export interface CalledExport {
  readonly value: unknown;
  /** All that the file exports. */
  readonly exports: Readonly<Record<string, unknown>>;
}

async function load(file: string): Promise<{ bundle: JobBundle; job: Job }> {
  installApi();
  const bundle = await bundleJob(file, { cacheDir: bundleCache() });
  const { value } = await loadJob(bundle);
  return { bundle, job: value as Job };
}

/** Bundles are kept between runs; MINISPARK_CACHE_DIR moves them. */
function bundleCache(): string {
  return process.env['MINISPARK_CACHE_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'minispark', 'bundles');
}

/** `['--a', '1', '--b=2', '--flag']` → a: '1', b: '2', flag: 'true'. Throws a user error INVALID_ARGUMENT for anything without a name. */
function argumentPairs(args: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(args[i]);
    if (!match) throw userError('INVALID_ARGUMENT', `'${args[i]}' is no argument of a job.`, { hint: 'They are written --name value.' });
    const [, name, value] = match;
    if (value !== undefined) pairs[name] = value;
    else if (i + 1 < args.length && !/^--\D/.test(args[i + 1])) pairs[name] = args[++i];
    else pairs[name] = 'true';
  }
  return pairs;
}
