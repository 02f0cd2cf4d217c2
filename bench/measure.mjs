/**
 * Owns: running a command as a whole process, start to exit, with a time limit, and what that took.
 * Every process started here is known until it has ended: nothing is left running, whatever happens.
 */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { CAN_MEASURE, readChildrenCpu, readMemory } from './process-group.mjs';

const SAMPLE_MS = 50;
const LIMIT_MS = 20 * 60_000;
const running = new Set();

/** Starts a command in a process group of its own. `ended` gives {code, signal, seconds, out, err} and never rejects but for a command that cannot start. */
export function start(command, args, { env = {}, cwd, limitMs = LIMIT_MS } = {}) {
  const began = performance.now();
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  running.add(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err = (err + text).slice(-10_000);
  });
  const timer = setTimeout(() => killGroup(child, 'SIGKILL'), limitMs);
  const ended = new Promise((resolve, reject) => {
    let seconds = 0;
    child.once('error', reject);
    child.once('exit', () => {
      seconds = (performance.now() - began) / 1000;
    });
    child.once('close', (code, signal) => resolve({ code, signal, seconds, out, err }));
  }).finally(() => {
    clearTimeout(timer);
    running.delete(child);
  });
  return { child, ended };
}

/**
 * Runs a command to its end and gives {seconds, cpuSeconds, memory, out}; memory is the highest sum of its processes, in bytes, or null.
 * Memory is sampled only where asked: reading it holds the processes up, so such a run's seconds count for nothing.
 * Throws what the command said if it fails. One at a time: CPU time is told by what this process has waited for.
 */
export async function measure(command, args, { sampleMemory = false, ...options } = {}) {
  const before = readChildrenCpu();
  const { child, ended } = start(command, args, options);
  let memory = null;
  const sampler =
    sampleMemory && CAN_MEASURE
      ? setInterval(() => {
          memory = Math.max(memory ?? 0, readMemory(child.pid));
        }, SAMPLE_MS)
      : null;
  const { code, signal, seconds, out, err } = await ended.finally(() => clearInterval(sampler));
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')}\nended with ${signal ?? `code ${code}`}:\n${err || out}`);
  return { seconds, cpuSeconds: before === null ? null : readChildrenCpu() - before, memory, out };
}

/** Ends whatever still runs, at once. */
export function killAll() {
  for (const child of running) killGroup(child, 'SIGKILL');
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
