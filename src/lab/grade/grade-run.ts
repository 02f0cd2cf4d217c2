/**
 * Owns: one run of what is graded, in a process of its own, so that nothing of it stays for the next: a job under a fault, or its oracle.
 * Receives a `RunSpec`, gives a `RunAnswer`; both travel as JSON.
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { userError } from '../../core/errors.js';
import type { Event } from '../../core/events.js';
import { callExport, jobArguments, submitJob } from '../../runtime/driver/submit.js';
import { noRows, type Plain, rowsOf, writtenRows } from './rows.js';

export type RunSpec =
  | { readonly kind: 'oracle'; readonly file: string; readonly job: string; readonly args: readonly string[] }
  | {
      readonly kind: 'job';
      readonly file: string;
      readonly args: readonly string[];
      readonly master: string;
      readonly config: Readonly<Record<string, string>>;
      readonly kill: readonly string[];
      /** Where the job writes, unless it returns its rows; null where it takes no --output. */
      readonly output: string | null;
    };

export interface RunAnswer {
  readonly rows: readonly Plain[];
  /** Of an oracle: the order of rows counts. */
  readonly ordered: boolean;
  /** Of a job: how many different tasks each of its actions finished, and which worker was killed. */
  readonly tasks: readonly number[];
  readonly killed: string | null;
}

export async function gradeRun(spec: RunSpec, signal: AbortSignal): Promise<RunAnswer> {
  return spec.kind === 'oracle' ? runOracle(spec) : runJob(spec, signal);
}

async function runOracle({ file, job, args }: Extract<RunSpec, { kind: 'oracle' }>): Promise<RunAnswer> {
  const called = await callExport(file, 'oracle', await jobArguments(job, args));
  if (called === null) {
    throw userError('GRADE_NO_ORACLE', `${relative(process.cwd(), file)} exports no function 'oracle'.`, {
      hint: 'Write `export function oracle(args) { return [ … ] }`, the rows that are expected, there or in a file named by --oracle',
    });
  }
  return { rows: rowsOf(called.value), ordered: called.exports['ordered'] === true, tasks: [], killed: null };
}

async function runJob(spec: Extract<RunSpec, { kind: 'job' }>, signal: AbortSignal): Promise<RunAnswer> {
  const { file, master, config, kill, output } = spec;
  const jobs = new Map<string, Set<string>>();
  let killed: string | null = null;
  let rows: Plain[] | null = null;
  await submitJob({
    file,
    master,
    config,
    kill,
    jobArgs: output === null ? spec.args : [...spec.args, '--output', output],
    signal,
    onEvent: (event: Event) => {
      if (event.kind === 'task-finished') tasksOf(jobs, event.task.job).add(`${event.task.stage}.${event.task.partition}`);
      else if (event.kind === 'job-submitted') tasksOf(jobs, event.job);
      else if (event.kind === 'fault-injected') killed = event.worker;
    },
    // What it warns of is of no interest to who grades it.
    warn: () => {},
    onReturn: async (value) => {
      if (value !== undefined) rows = rowsOf(await collected(value));
    },
  });
  if (rows === null && output !== null && existsSync(output)) rows = writtenRows(output);
  if (rows === null) throw noRows('The job neither returned rows nor wrote any.');
  return { rows, ordered: false, tasks: [...jobs.values()].map(({ size }) => size), killed };
}

function tasksOf(jobs: Map<string, Set<string>>, job: string): Set<string> {
  const tasks = jobs.get(job) ?? new Set();
  jobs.set(job, tasks);
  return tasks;
}

/** A DataFrame or Dataset as its rows. */
async function collected(value: unknown): Promise<unknown> {
  const { collect } = Object(value) as { collect?: unknown };
  return typeof collect === 'function' ? (collect as () => Promise<unknown>).call(value) : value;
}
