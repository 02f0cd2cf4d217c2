/** Owns: one run as a whole process, start to exit: its time limit, its end on Ctrl-C, what it used. Nothing of it is left when it has ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { readChildrenCpu, readGroupMemory } from './process-usage.js';
import type { ProcessUsage } from './run-facts.js';

const SAMPLE_MS = 100;
/** From asking a run to end to ending it. */
const GRACE_MS = 10_000;
const ERROR_BYTES = 8000;

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Files that take what it prints. */
  readonly stdout: string;
  readonly stderr: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export interface ProcessEnd {
  readonly usage: ProcessUsage;
  /** Null where it ended with code 0; else its last words, or that its time was up. */
  readonly error: string | null;
}

/** Throws the signal's reason where it was aborted, once the process is gone, and what spawn throws for a command that cannot start. */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const { command, args, stdout, stderr, limitMs, signal } = options;
  signal.throwIfAborted();
  const files = [openSync(stdout, 'w'), openSync(stderr, 'w')];
  const before = readChildrenCpu();
  const start = performance.now();
  try {
    const child = spawn(command, args, {
      stdio: ['ignore', ...files],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      detached: true,
    });
    let memoryBytes: number | null = null;
    const sampler = setInterval(() => {
      const now = readGroupMemory(child.pid!);
      if (now !== null) memoryBytes = Math.max(memoryBytes ?? 0, now);
    }, SAMPLE_MS);
    const { code, timedOut } = await ended(child, limitMs, signal).finally(() => clearInterval(sampler));
    const wallMs = performance.now() - start;
    signal.throwIfAborted();
    const after = readChildrenCpu();
    const usage = { wallMs, cpuMs: before === null || after === null ? null : after - before, memoryBytes };
    return { usage, error: timedOut ? `It was ended after its time limit of ${limitMs / 1000} s.` : errorOf(code, stderr) };
  } finally {
    for (const fd of files) closeSync(fd);
  }
}

/** Waits for its end, brings that about where the time is up or the signal comes, and leaves no process of its group. */
function ended(child: ChildProcess, limitMs: number, signal: AbortSignal): Promise<{ code: string | number; timedOut: boolean }> {
  return new Promise((resolve, reject) => {
    let timedOut = false;
    let grace: NodeJS.Timeout | undefined;
    const stop = (): void => {
      child.kill('SIGINT');
      grace ??= setTimeout(() => killGroup(child), GRACE_MS);
    };
    // A second Ctrl-C ends this process at once.
    const leave = (): void => killGroup(child);
    process.once('exit', leave);
    const limit = setTimeout(() => {
      timedOut = true;
      stop();
    }, limitMs);
    signal.addEventListener('abort', stop);
    const settle = (act: () => void): void => {
      clearTimeout(limit);
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
      process.off('exit', leave);
      act();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, by) => {
      // What its end left behind: a worker that did not notice.
      killGroup(child);
      settle(() => resolve({ code: code ?? by ?? 'nothing', timedOut }));
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}

function errorOf(code: string | number, stderr: string): string | null {
  if (code === 0) return null;
  const said = readFileSync(stderr, 'utf8').trim().slice(-ERROR_BYTES);
  return said === '' ? `It ended with ${code} and said nothing.` : said;
}
