/** Owns: what progress looks like while it goes on: a line a stage with a bar. Receives a `Run` and the time, gives lines of plain width. */

import { formatBytes, formatCount, formatDuration, formatRate } from '../core/units.js';
import { cut, pad } from './columns.js';
import type { JobSummary, Run, StageSummary } from './job-summary.js';
import { stageMs } from './job-summary.js';
import { bytesIn, rowsIn } from './metric-sums.js';
import type { Paint } from './paint.js';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  /** Counts redraws: turns the spinner. */
  readonly frame: number;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** The jobs that run now, at most as many lines as the screen takes; nothing when none runs. */
export function renderLive(run: Run, now: number, screen: Screen): string[] {
  const jobs = [...run.jobs.values()].filter((job) => job.finishedAt === null);
  const lines = jobs.flatMap((job) => renderLiveJob(run, job, now, screen));
  const most = Math.max(1, screen.rows - 1);
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), screen.paint.dim(`  … ${lines.length - most + 1} more`)];
}

function renderLiveJob(run: Run, job: JobSummary, now: number, screen: Screen): string[] {
  const { paint } = screen;
  const stages = [...job.stages.values()];
  const tail = [formatDuration(now - job.submittedAt), workersText(run)].filter((part) => part !== '').join(' · ');
  const name = cut(job.name, screen.columns - tail.length - 5);
  const spin = SPINNER[screen.frame % SPINNER.length];
  const title = `${paint.cyan(spin)} ${paint.bold(name)} ${paint.dim(tail)}`;
  // On a low screen finished stages give way to those that still run.
  const fits = stages.length + 2 < screen.rows;
  const shown = fits ? stages : stages.filter((stage) => stage.finishedAt === null);
  return [title, ...stageLines(shown, now, screen)];
}

function stageLines(stages: readonly StageSummary[], now: number, screen: Screen): string[] {
  const figures = stages.map((stage) => figuresOf(stage, now));
  const counts = stages.map((stage) => `${stage.done}/${stage.tasks}`);
  const countWidth = Math.max(0, ...counts.map((count) => count.length));
  const figureWidth = Math.max(0, ...figures.map((text) => text.length));
  const idWidth = Math.max(1, ...stages.map((stage) => String(stage.stage).length));
  const barWidth = barWidthOf(screen.columns);
  const fixed = 2 + 2 + idWidth + 1 + 2 + (barWidth > 0 ? barWidth + 1 : 0) + countWidth + 2 + figureWidth;
  const longest = Math.max(0, ...stages.map((stage) => stage.name.length));
  const nameWidth = Math.max(8, Math.min(longest, screen.columns - fixed - 1));
  return stages.map((stage, i) => {
    const { paint } = screen;
    const bar = barWidth > 0 ? `${progressBar(stage, barWidth, paint)} ` : '';
    const head = `  ${mark(stage, paint)} ${paint.dim(pad(String(stage.stage), idWidth, true))} ${pad(cut(stage.name, nameWidth), nameWidth, false)}`;
    return `${head}  ${bar}${pad(counts[i], countWidth, true)}  ${paint.dim(figures[i])}`.trimEnd();
  });
}

function mark(stage: StageSummary, paint: Paint): string {
  if (stage.finishedAt !== null) return paint.green('✔');
  return stage.startedAt === null ? paint.dim('·') : paint.cyan('▸');
}

/** On a narrow screen the figures matter more. */
function barWidthOf(columns: number): number {
  if (columns >= 140) return 20;
  return columns >= 80 ? 10 : 0;
}

/** Bold for what is done, bright for what runs, dim for what waits. */
function progressBar(stage: StageSummary, width: number, paint: Paint): string {
  const share = (tasks: number) => (stage.tasks > 0 ? Math.min(width, Math.floor((tasks / stage.tasks) * width)) : 0);
  if (stage.finishedAt !== null) return paint.green('━'.repeat(width));
  const done = share(stage.done);
  const running = share(stage.done + stage.running) - done;
  return paint.cyan('━'.repeat(done) + '─'.repeat(running)) + paint.dim('─'.repeat(width - done - running));
}

function figuresOf(stage: StageSummary, now: number): string {
  if (stage.startedAt === null) return '';
  const ms = stageMs(stage, now);
  const parts = [
    rowsIn(stage.metrics) > 0 ? `${formatCount(rowsIn(stage.metrics))} rows` : '',
    bytesIn(stage.metrics) > 0 ? formatBytes(bytesIn(stage.metrics)) : '',
    formatRate(bytesIn(stage.metrics), ms),
    stage.metrics.spilledBytes > 0 ? `${formatBytes(stage.metrics.spilledBytes)} spilled` : '',
    stage.failed > 0 ? `${stage.failed} failed` : '',
    formatDuration(ms),
    timeLeft(stage, ms),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** Below this share of a stage's tasks a guess would jump about. */
const GUESS_FROM = 0.05;

/** `9 s left`, if the tasks that remain take as long as those that are done. */
function timeLeft(stage: StageSummary, ms: number): string {
  if (stage.finishedAt !== null || stage.done === 0 || stage.done < stage.tasks * GUESS_FROM) return '';
  const left = (ms / stage.done) * (stage.tasks - stage.done);
  return left >= 1000 ? `${formatDuration(Math.round(left / 1000) * 1000)} left` : '';
}

function workersText(run: Run): string {
  if (run.workers.size === 0) return run.workersLost > 0 ? 'no worker left' : 'no worker has joined';
  const slots = [...run.workers.values()].reduce((sum, worker) => sum + worker.slots, 0);
  return `${plural(run.workers.size, 'worker')}, ${plural(slots, 'slot')}`;
}

const withoutWorkers = (run: Run): string => (run.workers.size === 0 ? workersText(run) : '');

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A line now and then where there is no terminal to redraw: which stages run, how far they are. */
export function renderPlain(run: Run, now: number, paint: Paint): string[] {
  const running = [...run.jobs.values()].filter((job) => job.finishedAt === null);
  return running
    .flatMap((job) =>
      [...job.stages.values()]
        .filter((stage) => stage.startedAt !== null && stage.finishedAt === null)
        .map(
          (stage) =>
            `${job.name}: stage ${stage.stage} (${stage.name}) ${stage.done}/${stage.tasks} tasks, ${[figuresOf(stage, now), withoutWorkers(run)].filter((part) => part !== '').join(' · ')}`,
        ),
    )
    .map((line) => paint.dim(line));
}
