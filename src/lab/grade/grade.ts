/**
 * Owns: grading a job: its oracle once, the job undisturbed once, then again and again while a worker is killed at a point that a seed
 * chooses. Receives the files, gives a `Grade`, as `lab grade` prints it. Each run is a process of its own.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { userError } from '../../core/errors.js';
import { parseMaster } from '../../runtime/driver/master.js';
import { describeJob } from '../../runtime/driver/submit.js';
import { COMMAND } from '../package.js';
import { Random } from '../random.js';
import { runProcess } from '../run-process.js';
import { type Difference, firstDifference } from './compare-rows.js';
import type { RunAnswer, RunSpec } from './grade-run.js';

export interface GradeOptions {
  readonly job: string;
  /** The file that exports `oracle`. */
  readonly oracle: string;
  readonly args: readonly string[];
  /** A local cluster of two workers at least. */
  readonly master: string;
  readonly config: Readonly<Record<string, string>>;
  readonly repeat: number;
  readonly seed: number;
  /** Longest time of one run. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onRun: (run: GradedRun, of: number) => void;
}

export interface GradedRun {
  /** From 1; 0 is the undisturbed one. */
  readonly run: number;
  /** `--repeat 1 --seed` with it makes the same run again. */
  readonly seed: number | null;
  /** As `submit --kill` takes it. */
  readonly kill: string | null;
  /** Whether the worker was killed: a job may be over before. */
  readonly killed: boolean;
  readonly equal: boolean;
  readonly difference: Difference | null;
  readonly error: string | null;
  readonly seconds: number;
}

export interface Grade {
  readonly job: string;
  readonly oracle: string;
  readonly master: string;
  readonly conf: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly repeat: number;
  /** Share of the disturbed runs that gave the expected rows; 0 for a job that is wrong undisturbed. */
  readonly score: number;
  readonly passed: number;
  readonly expectedRows: number;
  readonly undisturbed: GradedRun;
  readonly runs: readonly GradedRun[];
}

/** Many tasks even of small inputs, as many in each run, so that there is a middle in which to kill. */
const CONFIG = { 'read.splitBytes': '256k', 'shuffle.partitions': '8', adaptive: 'false' };

/** Throws user errors INVALID_ARGUMENT and GRADE_ORACLE_FAILED; what is wrong with the job is a result. */
export async function grade(options: GradeOptions): Promise<Grade> {
  const { job, oracle, master, repeat, seed, onRun } = options;
  const workers = workersOf(master);
  const conf = { ...CONFIG, ...options.config };
  const dir = mkdtempSync(join(tmpdir(), 'minispark-grade-'));
  const processes = new Processes(options, conf, dir);
  try {
    const { rows: expected, ordered } = await processes.oracle();
    const compare = ({ rows }: RunAnswer) => firstDifference(expected, rows, ordered);
    const { args } = await describeJob(job);
    const takesOutput = args === null || Object.hasOwn(args, 'output');
    const first = await processes.job({ run: 0, seed: null, kill: null }, takesOutput, compare);
    onRun(first.graded, repeat);
    const runs: GradedRun[] = [];
    for (let i = 0; first.graded.equal && i < repeat; i++) {
      const kill = chooseKill(new Random(seed + i, 0), first.tasks, workers);
      const { graded } = await processes.job({ run: i + 1, seed: seed + i, kill }, takesOutput, compare);
      onRun(graded, repeat);
      runs.push(graded);
    }
    const passed = runs.filter(({ equal }) => equal).length;
    const score = Math.round((passed / repeat) * 10_000) / 10_000;
    const about = { job, oracle, master, conf, seed, repeat };
    return { ...about, score, passed, expectedRows: expected.length, undisturbed: first.graded, runs };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function workersOf(master: string): number {
  const parsed = parseMaster(master);
  if (parsed.kind === 'local-cluster' && parsed.workers >= 2) return parsed.workers;
  throw userError('INVALID_ARGUMENT', `Nobody can be killed on ${master} without the end of the job.`, {
    hint: 'Grade on a local cluster of two workers or more: --master local-cluster[2,1]',
  });
}

/** An action, the likelier the more tasks it has, one of its tasks but the last, after which it may be over, and a worker. */
function chooseKill(random: Random, tasks: readonly number[], workers: number): string {
  const points = tasks.flatMap((total, i) => Array.from({ length: Math.max(0, total - 1) }, (_, task) => ({ total, task, job: i + 1 })));
  const worker = 1 + random.below(workers);
  if (points.length === 0) return `worker-${worker}@50%`;
  const { total, task, job } = points[random.below(points.length)];
  const share = Math.max(0.01, (100 * (task + 0.5)) / total).toFixed(2);
  return `worker-${worker}@${share}%${job === 1 ? '' : `:${job}`}`;
}

type Which = Pick<GradedRun, 'run' | 'seed' | 'kill'>;

class Processes {
  private readonly options: GradeOptions;
  private readonly config: Readonly<Record<string, string>>;
  private readonly dir: string;

  constructor(options: GradeOptions, config: Readonly<Record<string, string>>, dir: string) {
    this.options = options;
    this.config = config;
    this.dir = dir;
  }

  async oracle(): Promise<RunAnswer> {
    const { oracle, job, args } = this.options;
    const { answer, error } = await this.run({ kind: 'oracle', file: resolve(oracle), job: resolve(job), args });
    if (answer) return answer;
    throw userError('GRADE_ORACLE_FAILED', `The oracle gave no rows. ${withoutPrefix(error)}`);
  }

  async job(
    which: Which,
    takesOutput: boolean,
    compare: (answer: RunAnswer) => Difference | null,
  ): Promise<{ readonly graded: GradedRun; readonly tasks: readonly number[] }> {
    const { job, args, master } = this.options;
    const output = takesOutput ? join(this.dir, `out-${which.run}`) : null;
    const kill = which.kill === null ? [] : [which.kill];
    const { answer, error, seconds } = await this.run({ kind: 'job', file: resolve(job), args, master, config: this.config, kill, output });
    if (output !== null) rmSync(output, { recursive: true, force: true });
    const difference = answer && compare(answer);
    const equal = answer !== null && difference === null;
    return { graded: { ...which, killed: answer?.killed != null, equal, difference, error, seconds }, tasks: answer?.tasks ?? [] };
  }

  private async run(spec: RunSpec): Promise<{ answer: RunAnswer | null; error: string | null; seconds: number }> {
    const { timeoutMs, signal } = this.options;
    const [result, stdout, stderr] = ['answer.json', 'out.txt', 'err.txt'].map((name) => join(this.dir, name));
    rmSync(result, { force: true });
    const args = [COMMAND, 'lab', 'grade-run', result, JSON.stringify(spec)];
    const { usage, error } = await runProcess({ command: process.execPath, args, stdout, stderr, limitMs: timeoutMs, signal });
    const seconds = Math.round(usage.wallMs) / 1000;
    if (error !== null) return { answer: null, error, seconds };
    return { answer: JSON.parse(readFileSync(result, 'utf8')) as RunAnswer, error: null, seconds };
  }
}

const withoutPrefix = (error: string | null): string => (error ?? '').replace(/^error: /, '');
