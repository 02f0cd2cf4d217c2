/**
 * Job sources written to a directory of their own, run with an API that only knows `job` and hands functions to encodeClosure,
 * and a real worker thread that rebuilds them.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build, type Metafile } from 'esbuild';
import { MinisparkError } from '../../../src/core/errors.js';
import { Decimal } from '../../../src/data/decimal.js';
import { LocalDate } from '../../../src/data/temporal.js';
import { bundleJob } from '../../../src/frontend/closures/bundle.js';
import { encodeClosure } from '../../../src/frontend/closures/capture.js';
import type { EncodedClosure } from '../../../src/frontend/closures/closure-bytes.js';
import type { JobBundle } from '../../../src/frontend/closures/function-info.js';
import { loadJob } from '../../../src/frontend/closures/load-job.js';
import type { AnyFunction } from '../../../src/frontend/closures/runtime.js';

type Main = (spark: { ship(fn: AnyFunction): EncodedClosure }, args: Record<string, unknown>) => unknown;

const DRIVER_ONLY: unique symbol = Symbol.for('minispark.driverOnly') as never;

export class DataFrame {
  readonly [DRIVER_ONLY] = 'DataFrame';
}

/** What `minispark` exports in these tests. */
export const API = {
  job: (main: Main) => ({ kind: 'job', main, [Symbol.for('minispark.job')]: true }),
  mapReduce: (parts: object) => ({ kind: 'mapReduce', parts, [Symbol.for('minispark.job')]: true }),
  frame: () => new DataFrame(),
  lower: (text: string) => text.toLowerCase(),
  decimal: (text: string) => Decimal.parse(text),
  day: (days: number) => new LocalDate(days),
};

export function installApi(): void {
  Object.assign(globalThis, { [Symbol.for('minispark.api')]: API });
}

const directories: string[] = [];

export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'closures-test-')));
  directories.push(directory);
  return directory;
}

export function removeTemporaryDirectories(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** Writes files, named by paths relative to a new directory, which it returns. */
export function writeFiles(files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

export interface Shipment {
  readonly bundle: JobBundle;
  readonly shipped: readonly EncodedClosure[];
  readonly warnings: readonly string[];
  /** What main returned. */
  readonly result: unknown;
}

/** Bundles job.ts of `files`, runs its main, and gives what it shipped. Paths in warnings are relative to the job. */
export async function runJob(
  files: Readonly<Record<string, string>>,
  args: Record<string, unknown> = {},
  entry = 'job.ts',
): Promise<Shipment> {
  installApi();
  const directory = writeFiles(files);
  const bundle = await bundleJob(join(directory, entry), { cacheDir: null });
  const { value } = await loadJob(bundle);
  const shipped: EncodedClosure[] = [];
  const warnings: string[] = [];
  const context = { bundle, allowOpaque: false, warn: (text: string) => warnings.push(text.replaceAll(`${directory}/`, '')) };
  const spark = {
    ship(fn: AnyFunction): EncodedClosure {
      const encoded = encodeClosure(fn, context);
      shipped.push(encoded);
      return encoded;
    },
  };
  const result = await (value as { main: Main }).main(spark, args);
  return { bundle, shipped, warnings, result };
}

/** A job whose main has `body`, after `head` at the top level. */
export function jobSource(body: string, head = ''): string {
  return `import { job } from 'minispark';\n${head}export default job(async (spark: any, args: any) => {\n${body}\n});\n`;
}

/** The user error that `action` ends with, as a person sees it; paths relative to temporary directories. */
export async function failureOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof MinisparkError)) throw error;
    const text = [`${error.kind} ${error.condition}: ${error.message}`, error.frame, error.hint && `hint: ${error.hint}`]
      .filter(Boolean)
      .join('\n');
    return text.replaceAll(/\/[^\s]*\/closures-test-[^/]*\//g, '');
  }
  throw new Error('nothing failed');
}

/** A call in the thread: the function, decoded there, and its arguments. */
export interface Call {
  readonly closure: EncodedClosure;
  readonly args: readonly unknown[];
}

let threadCode: Promise<{ path: string; inputs: Metafile['inputs'] }> | null = null;

/** The code of the thread: only what a task thread would import of this room. */
export function buildThread(): Promise<{ path: string; inputs: Metafile['inputs'] }> {
  threadCode ??= (async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'closures-thread-')), 'thread.mjs');
    const { metafile } = await build({
      stdin: { contents: THREAD, resolveDir: fileURLToPath(new URL('../../../src/frontend/closures', import.meta.url)) },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: path,
      metafile: true,
    });
    return { path, inputs: metafile.inputs };
  })();
  return threadCode;
}

const THREAD = `
import { parentPort, workerData } from 'node:worker_threads';
import { loadBundle } from './runtime.js';
import { decodeClosure } from './decode.js';
globalThis[Symbol.for('minispark.api')] = { job: (main) => ({ main }), lower: (text) => text.toLowerCase() };
try {
  await loadBundle(workerData.path);
  const results = [];
  for (const { closure, args } of workerData.calls) results.push(await (await decodeClosure(closure))(...args));
  parentPort.postMessage({ results });
} catch (error) {
  parentPort.postMessage({ stack: error.stack });
}
`;

/** Results of the calls in one worker thread that has loaded the bundle; throws with the thread's raw stack. */
export async function callInThread(bundle: JobBundle, calls: readonly Call[]): Promise<unknown[]> {
  const { path } = await buildThread();
  const worker = new Worker(path, { workerData: { path: bundle.path, calls } });
  const message = await new Promise<{ results?: unknown[]; stack?: string }>((done, fail) => {
    worker.once('message', done).once('error', fail);
  });
  await worker.terminate();
  if (message.results) return message.results;
  const error = new Error('the thread failed');
  error.stack = message.stack;
  throw error;
}
