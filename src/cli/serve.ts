/** Owns: what `scheduler` and `worker` share: the secret, the whole-number options, and running until told to stop. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { userError } from '../core/errors.js';
import { catchInterrupts } from './interrupt.js';

export interface Served {
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Ends when the service does, or cleanly after SIGINT or SIGTERM: with code 0, for stopping is what was asked. */
export async function serveUntilStopped(service: Served): Promise<void> {
  const interrupt = catchInterrupts(() => {
    process.stderr.write('stopping\n');
  });
  const stopped = new Promise<void>((resolve, reject) => {
    interrupt.signal.addEventListener('abort', () => service.close().then(resolve, reject));
  });
  try {
    await Promise.race([service.closed, stopped]);
  } finally {
    interrupt.release();
  }
}

/** Whoever can connect can run code: an address that others reach needs a secret. Throws INVALID_ARGUMENT. */
export function requireToken(host: string, tokenFile: string | undefined): void {
  if (tokenFile !== undefined || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)) return;
  throw userError('INVALID_ARGUMENT', `On ${host} others could connect, so a secret is needed.`, {
    hint: 'Give --token-file; the scheduler makes the file where there is none.',
  });
}

/** Makes the file with a random secret, for its owner alone, unless it is there. */
export function ensureTokenFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
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
