/**
 * Owns: from a job file to its bundle: found in the cache, or built and put there.
 * Receives a path; gives a JobBundle. The compiler is only imported when something has to be built.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fatalError, userError } from '../../core/errors.js';
import { makeDirectories } from '../../core/make-directories.js';
import { didYouMean } from '../../core/nearest.js';
import { type BuiltJob, findCached, store } from './bundle-cache.js';
import { displayPath } from './code-frame.js';
import type { JobBundle } from './function-info.js';

export interface BundleOptions {
  /** Where bundles are kept between runs; null: a temporary directory that goes with this process. */
  readonly cacheDir: string | null;
}

const JOB_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

/**
 * Bundles a job file with all that it imports into one ES module on disk, its functions ready to be shipped.
 * Throws user errors JOB_FILE_NOT_FOUND and JOB_DOES_NOT_COMPILE; the latter's `frame` shows up to five faults.
 */
export async function bundleJob(entry: string, options: BundleOptions): Promise<JobBundle> {
  checkEntry(resolve(entry));
  // As esbuild names files, so that all paths are relative to the same root.
  const path = realpathSync(entry);
  const apiNames = exportedApiNames();
  const toolStamp = stampOfTools(apiNames);
  const directory = options.cacheDir ?? temporaryDirectory();
  makeDirectories(directory);
  const cached = findCached(directory, path, toolStamp);
  if (cached) return cached;
  const { buildJob } = await import('./build.js');
  const built: BuiltJob = await buildJob(path, apiNames);
  return store(directory, path, toolStamp, built);
}

function checkEntry(path: string): void {
  const shown = displayPath('.', path);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory())
    throw userError('JOB_FILE_NOT_FOUND', `${shown || '.'} is a directory, no job file.`, {
      hint: 'Name the job file itself',
    });
  if (!found) {
    const directory = dirname(path);
    const neighbours = statSync(directory, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(directory) : [];
    const near = didYouMean(
      basename(path),
      neighbours.filter((name) => JOB_EXTENSIONS.includes(extname(name))),
    );
    throw userError('JOB_FILE_NOT_FOUND', `There is no job file ${shown}.`, {
      hint: near || 'The path is relative to the current directory',
    });
  }
  if (!JOB_EXTENSIONS.includes(extname(path))) {
    throw userError('JOB_DOES_NOT_COMPILE', `${shown} is not a job file.`, {
      hint: `A job file is JavaScript or TypeScript: ${JOB_EXTENSIONS.join(', ')}`,
    });
  }
}

/** The names that `import … from 'minispark'` may ask for: those of the API that this process has installed. */
function exportedApiNames(): readonly string[] {
  const api = (globalThis as { [API]?: object })[API];
  if (!api) throw fatalError('INTERNAL_ERROR', 'The API is not installed: installApi() comes before bundling.');
  return Object.keys(api).sort();
}
const API = Symbol.for('minispark.api');

/** Changes whenever the same inputs could give another bundle: versions, the files of this room as they are on disk, the API's names. */
function stampOfTools(apiNames: readonly string[]): string {
  const require = createRequire(import.meta.url);
  const hash = createHash('sha256');
  const version = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;
  hash.update(`${version('esbuild')} ${version('minispark')} ${process.versions.node.split('.')[0]} ${apiNames.join()}`);
  const own = dirname(fileURLToPath(import.meta.url));
  for (const name of readdirSync(own)) {
    const { mtimeMs, size } = statSync(join(own, name));
    hash.update(` ${name} ${mtimeMs} ${size}`);
  }
  return hash.digest('hex');
}

let temporary: string | null = null;

function temporaryDirectory(): string {
  if (temporary) return temporary;
  const directory = mkdtempSync(join(tmpdir(), 'minispark-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  temporary = directory;
  return directory;
}
