/**
 * Owns: the directory of one lab's runs: what they are runs of (`lab.json`), one JSON a finished run, event logs, outputs, plans.
 * Everything is written by rename, so that whatever is there is whole. A directory serves one process at a time.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asMinisparkError, MinisparkError, userError } from '../core/errors.js';
import type { Event } from '../core/events.js';
import { makeDirectories } from '../core/make-directories.js';
import { parseEventLog } from '../observability/event-log.js';
import type { Lab } from './lab-file.js';
import type { Cell, PlannedRun } from './matrix.js';
import type { Measures } from './metrics.js';
import type { Environment } from './package.js';

export interface RunResult {
  readonly cell: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly repeat: number;
  /** ISO time. */
  readonly startedAt: string;
  readonly error: string | null;
  readonly measures: Measures;
  /** Of what the job printed. */
  readonly outputHash: string;
}

/** What all runs of a directory have in common; runs are compared only where this is equal. */
export interface Identity {
  readonly lab: string;
  readonly job: string;
  readonly engine: string;
  readonly machine: string;
}

const SAYS: Readonly<Record<keyof Identity, string>> = {
  lab: 'the lab says something else',
  job: 'the job file has changed',
  engine: 'minispark has changed',
  machine: 'they were made on another machine or Node',
};

export function identityOf(lab: Lab, jobHash: string, environment: Environment): Identity {
  const { args, conf, data, master, matrix, timeoutMs } = lab;
  const texts = (map: Lab['args']) => [...map].map(([key, { text }]) => [key, text]);
  const axes = matrix.map(({ key, values }) => [key, values.map(({ text }) => text)]);
  const made = data && [data.kind, data.bytes, data.seed, data.skew];
  return {
    lab: hashOf(JSON.stringify([texts(args), texts(conf), made, master, axes, timeoutMs])),
    job: jobHash,
    engine: `${environment.version} ${environment.build}`,
    machine: `${environment.node} ${environment.system} ${environment.processor} ${environment.cores}`,
  };
}

export const hashOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

export class LabStore {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /**
   * Opens or makes the directory for runs of `identity`, for this process alone until `close`.
   * Throws user errors LAB_CHANGED where it holds runs of something else, LAB_RUNNING where another process has it, LAB_DIRECTORY where it holds other files.
   */
  static open(dir: string, identity: Identity, { fresh }: { readonly fresh: boolean }): LabStore {
    const store = new LabStore(resolve(dir));
    return store.attempt(() => {
      makeDirectories(store.dir);
      store.lock();
      try {
        if (fresh) store.clear();
        store.identify(identity);
        for (const name of ['runs', 'plans', 'data', 'work']) makeDirectories(join(store.dir, name));
      } catch (thrown) {
        store.close();
        throw thrown;
      }
      return store;
    });
  }

  close(): void {
    rmSync(this.path('lock'), { force: true });
  }

  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  eventLog(run: PlannedRun): string {
    return this.path('runs', `${runName(run.cell.index, run.repeat)}.events.jsonl`);
  }

  /** The finished run, or null. */
  result({ cell, repeat }: PlannedRun): RunResult | null {
    const path = this.resultPath(cell.index, repeat);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunResult) : null;
  }

  saveResult(result: RunResult): void {
    this.write(this.resultPath(result.cell, result.repeat), `${JSON.stringify(result, null, 1)}\n`);
  }

  events(cell: number, repeat: number): Event[] {
    const path = this.path('runs', `${runName(cell, repeat)}.events.jsonl`);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    // A run that ended before its first line (on a full disk, say) tells why itself.
    return text.includes('\n') ? parseEventLog(text) : [];
  }

  plan({ index }: Cell): string | null {
    const path = this.path('plans', `${index}.txt`);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }

  savePlan({ index }: Cell, text: string): void {
    this.write(this.path('plans', `${index}.txt`), text);
  }

  /** Whole or not at all. */
  write(path: string, text: string): void {
    const scratch = `${path}.part`;
    this.attempt(() => {
      writeFileSync(scratch, text);
      renameSync(scratch, path);
    });
  }

  /** Throws a user error LAB_DIRECTORY for what the disk refuses. */
  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      if (cause instanceof MinisparkError) throw cause;
      throw userError('LAB_DIRECTORY', `${this.dir} cannot be written: ${asMinisparkError(cause).message}`, {
        cause,
        hint: 'Give another --out',
      });
    }
  }

  private resultPath(cell: number, repeat: number): string {
    return this.path('runs', `${runName(cell, repeat)}.json`);
  }

  private clear(): void {
    // Only what a store makes: an --out that was a slip of the hand keeps its files.
    for (const name of ['lab.json', 'runs', 'plans', 'work', 'data', 'report.html', 'runs.csv', 'runs.json']) {
      rmSync(this.path(name), { recursive: true, force: true });
    }
  }

  private identify(identity: Identity): void {
    const path = this.path('lab.json');
    if (existsSync(path)) {
      const before = JSON.parse(readFileSync(path, 'utf8')) as Identity;
      const changed = (Object.keys(SAYS) as (keyof Identity)[]).find((key) => before[key] !== identity[key]);
      if (changed === undefined) return;
      throw userError('LAB_CHANGED', `${this.dir} holds runs that these cannot be compared with: ${SAYS[changed]} since.`, {
        hint: '--fresh removes them and starts over; --out DIR puts the new ones elsewhere',
      });
    }
    if (existsSync(this.path('runs'))) {
      throw userError('LAB_DIRECTORY', `${this.dir} has a directory 'runs' that is not of a lab.`, { hint: 'Give another --out' });
    }
    this.write(path, `${JSON.stringify(identity, null, 1)}\n`);
  }

  private lock(): void {
    const path = this.path('lock');
    for (let tries = 0; ; tries++) {
      try {
        writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
        return;
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST' || tries > 2) throw thrown;
      }
      const holder = Number(readFileSync(path, 'utf8'));
      if (holder > 0 && isAlive(holder)) {
        throw userError('LAB_RUNNING', `Process ${holder} is running a lab in ${this.dir}.`, {
          hint: 'Wait for it, or give another --out',
        });
      }
      // Its process was ended before it could tidy up.
      rmSync(path, { force: true });
    }
  }
}

const runName = (cell: number, repeat: number): string => `${cell}-${repeat}`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
