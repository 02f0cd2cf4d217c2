/** Owns: where this package lies, which version and build of it runs, and the machine under it: what makes two runs comparable. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, type as system, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** The package's own name finds its directory from src/ and from dist/ alike. */
export const PACKAGE = dirname(createRequire(import.meta.url).resolve('minispark/package.json'));
export const COMMAND = join(PACKAGE, 'bin', 'minispark.js');

export interface Environment {
  readonly version: string;
  /** Of the code that runs, so that a rebuilt engine is another one. */
  readonly build: string;
  readonly commit: string | null;
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

export function environment(): Environment {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
  return {
    version,
    build: buildHash(),
    commit: commit(),
    node: process.version,
    system: `${system()} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}

function buildHash(): string {
  const dist = join(PACKAGE, 'dist');
  const hash = createHash('sha256');
  for (const name of readdirSync(dist).sort()) if (name.endsWith('.js')) hash.update(name).update(readFileSync(join(dist, name)));
  return hash.digest('hex').slice(0, 12);
}

/** Null where this is no checkout, or there is no git. */
function commit(): string | null {
  if (!existsSync(join(PACKAGE, '.git'))) return null;
  try {
    return execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], {
      cwd: PACKAGE,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch (thrown) {
    if (typeof (thrown as { status?: unknown }).status === 'number' || (thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}
