/**
 * Owns: the processes that these suites start: `bin/minispark.js` with arguments, its lines as they come, its end, and that nothing is left of it.
 * Each is the leader of a process group of its own, so that its children can be found, and ended, after it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Dirent, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach } from 'vitest';
import type { Event, EventOf } from '../../src/core/events.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const JOBS = join(ROOT, 'jobs');
export const FIXTURES = join(ROOT, 'test', 'cluster', 'jobs');

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const groups = new Set<number>();

export class Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  private readonly waiting = new Set<() => void>();
  private gone = false;

  constructor(child: ChildProcess) {
    this.pid = child.pid!;
    groups.add(this.pid);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.check();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.check();
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        this.gone = true;
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
        this.check();
      });
    });
  }

  /** The events of `--json` so far. */
  get events(): Event[] {
    const lines = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Event);
  }

  eventsOf<K extends Event['kind']>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }

  /** Waits until `find` gives something, looking at every output that comes. Rejects at the process's end and after `ms`. */
  until<T>(what: string, find: (started: Started) => T | null | undefined | false, ms = 30_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        act();
      };
      const fail = (why: string) => end(() => reject(new Error(`${why} before ${what}.\n${this.stdout}\n${this.stderr}`)));
      const look = () => {
        const found = find(this);
        if (found) end(() => resolve(found));
        else if (this.gone) fail('The process ended');
      };
      const timer = setTimeout(() => fail(`${ms} ms passed`), ms);
      this.waiting.add(look);
      look();
    });
  }

  async tasksFinished(count: number): Promise<void> {
    await this.until(`${count} tasks finished`, () => this.eventsOf('task-finished').length >= count);
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** As the terminal does on Ctrl-C. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  private check(): void {
    for (const look of [...this.waiting]) look();
  }
}

/** Starts the built command. Colours are off, temporary files go to `env.TMPDIR`. */
export function start(args: readonly string[], { cwd = ROOT, env = {} }: StartOptions = {}): Started {
  const { FORCE_COLOR: _, MINISPARK_MASTER: __, MINISPARK_TOKEN_FILE: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'minispark.js'), ...args], {
    cwd,
    env: { ...inherited, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return new Started(child);
}

/** Starts the command and waits for its end, a minute at most. */
export async function run(args: readonly string[], options?: StartOptions): Promise<Ended> {
  const started = start(args, options);
  return within(60_000, `the end of ${args.join(' ')}`, started.ended);
}

export interface Cluster {
  readonly scheduler: Started;
  readonly workers: readonly Started[];
  readonly master: string;
}

export interface Clusters {
  readonly dir: string;
  /** Of the test that runs; it ends with it. */
  start(workers: number, options?: StartOptions): Promise<Cluster>;
}

/** For a suite whose tests have clusters of their own: those, and a directory that goes with the suite. */
export function clusterForEachTest(): Clusters {
  const { dir, remove } = temporary();
  let running: Cluster | null = null;
  afterEach(async () => {
    if (running) await stopCluster(running);
    running = null;
  });
  afterAll(() => {
    killAll();
    remove();
  });
  return {
    dir,
    async start(workers, options) {
      running = await startCluster(workers, options);
      return running;
    },
  };
}

/** A scheduler and workers of one thread each, all joined. */
export async function startCluster(workers: number, options?: StartOptions): Promise<Cluster> {
  const scheduler = start(['scheduler', '--port', '0'], options);
  const master = await scheduler.until('its address', ({ stdout }) => /listens on (grpc:\/\/\S+)\n/.exec(stdout)?.[1]);
  const started = Array.from({ length: workers }, () => startWorker(master, options));
  await scheduler.until('all workers joined', ({ stdout }) => stdout.match(/ joined: /g)?.length === workers);
  return { scheduler, workers: started, master };
}

export function startWorker(master: string, options?: StartOptions): Started {
  return start(['worker', '--scheduler', master, '--threads', '1'], options);
}

/** Asks all to end and waits for it. */
export async function stopCluster({ scheduler, workers }: Cluster): Promise<void> {
  const all = [...workers, scheduler];
  for (const { pid } of all) if (isAlive(pid)) process.kill(pid, 'SIGTERM');
  await within(15_000, 'the end of the cluster', Promise.all(all.map(({ ended }) => ended)));
}

export function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${ms} ms passed before ${what}.`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** For what tells nobody that it happened, such as a file that goes: looks until `holds`, `ms` at most. */
export async function eventually(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  const until = Date.now() + ms;
  while (!holds()) {
    if (Date.now() >= until) throw new Error(`${ms} ms passed before ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Processes of the group that `started` leads, itself included. */
export function processesOf(started: Started): number[] {
  if (!existsSync('/proc/self/stat')) return isAlive(-started.pid) ? [started.pid] : [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => groupOf(pid) === started.pid);
}

/** Null for one that is gone, or dead and only not yet waited for. */
function groupOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? null : Number(group);
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends whatever a failed test left, by the groups that were started here. */
export function killAll(): void {
  for (const pid of groups) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  }
  groups.clear();
}

/** A directory for one suite, and what removes it. */
export function temporary(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'minispark-test-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Every file below a directory, as relative paths in order; none where there is no directory. */
export function filesBelow(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return entriesBelow(dir)
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

/** The lines of all part files of an output directory, in the order of the parts. */
export function outputLines(dir: string): string[] {
  const parts = readdirSync(dir).filter((name) => name.startsWith('part-'));
  return parts.sort().flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n').slice(0, -1));
}

/** A directory may be removed while it is listed: then the listing is made anew, some times at most. */
function entriesBelow(dir: string, tries = 20): Dirent[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 0) throw error;
    return existsSync(dir) ? entriesBelow(dir, tries - 1) : [];
  }
}
