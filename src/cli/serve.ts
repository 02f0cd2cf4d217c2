/** Owns: what `scheduler` and `worker` share: the secret, the whole-number options, and running until told to stop. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidArgumentError } from 'commander';
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
