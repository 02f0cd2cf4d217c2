/** Owns: what `scheduler` and `worker` share: the secret, the whole-number options, and running until told to stop. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { userError } from '../core/errors.js';
import { makeDirectories } from '../core/make-directories.js';
import { catchInterrupts } from './interrupt.js';

export interface Served {
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a service and ends when it does, or cleanly after SIGINT or SIGTERM: with code 0, for stopping is what was asked.
 * A start that throws once its signal was aborted has tidied up.
 */
export async function serveUntilStopped(start: (signal: AbortSignal) => Promise<Served>): Promise<void> {
  const interrupt = catchInterrupts(() => {
    process.stderr.write('stopping\n');
  });
  const { signal } = interrupt;
  try {
    const service = await start(signal).catch((thrown) => {
      if (signal.aborted) return null;
      throw thrown;
    });
    if (service === null) return;
    const stopped = new Promise<void>((resolve, reject) => {
      const stop = () => service.close().then(resolve, reject);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });
    await Promise.race([service.closed, stopped]);
  } finally {
    interrupt.release();
  }
}

/** Makes the file with a random secret, for its owner alone, unless it is there. Throws a user error FILE_NOT_WRITABLE. */
export function ensureTokenFile(path: string): void {
  try {
    makeDirectories(dirname(path));
    writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw userError('FILE_NOT_WRITABLE', `The token file ${path} cannot be made: ${(thrown as Error).message}.`, {
      hint: 'Name another --token-file, or run as a user who may write there; with docker-compose: export MINISPARK_USER=$(id -u):$(id -g)',
      cause: thrown,
    });
  }
}

/** For commander: a whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`);
  };
}
