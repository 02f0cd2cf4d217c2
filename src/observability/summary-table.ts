/** Owns: what a run has come to, as a table for people: a line a stage, under a line a job. Receives a folded `Run`, gives lines of text. */

import { formatBytes, formatDuration, formatExact, formatRate } from '../core/units.js';
import { alignColumns, cut, visibleWidth } from './columns.js';
import type { JobSummary, Run, StageSummary } from './job-summary.js';
import { stageMs } from './job-summary.js';
import { bytesIn, rowsIn, rowsOut } from './metric-sums.js';
import type { Paint } from './paint.js';

/** Actions that get a table of their own; of a job with more of them the last ones do, and those before them a line. */
const MOST_TABLES = 5;
/** Such lines; earlier actions still are only counted. */
const MOST_LINES = 20;
const INDENT = '  ';
const SHORTEST_NAME = 16;

interface TableColumn {
  readonly title: string;
  readonly cell: (stage: StageSummary, ms: number) => string;
  /** On a narrow screen columns go in this order, lowest first; none: it stays. */
  readonly goes?: number;
}

const some = (value: number, format: (value: number) => string): string => (value > 0 ? format(value) : '');

/** A stage that nobody needed, because what it would have made is kept, has no tasks. */
function tasksCell({ done, tasks, skipped }: StageSummary): string {
  if (skipped) return 'skipped';
  return done === tasks ? String(tasks) : `${done}/${tasks}`;
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'stage', cell: (stage) => `${stage.stage} ${stage.name}` },
  { title: 'tasks', cell: tasksCell },
  { title: 'failed', cell: (stage) => some(stage.failed, String) },
  { title: 'again', cell: (stage) => some(stage.reran, String) },
  { title: 'rows in', cell: (stage) => (stage.done > 0 ? formatExact(rowsIn(stage.metrics)) : ''), goes: 1 },
  { title: 'passed over', cell: (stage) => some(stage.metrics.skippedRows, formatExact), goes: 0 },
  { title: 'rows out', cell: (stage) => (stage.done > 0 ? formatExact(rowsOut(stage.metrics)) : ''), goes: 4 },
  { title: 'read', cell: (stage) => some(bytesIn(stage.metrics), formatBytes), goes: 3 },
  { title: 'shuffled', cell: (stage) => some(stage.metrics.shuffleWriteBytes, formatBytes) },
  { title: 'spilled', cell: (stage) => some(stage.metrics.spilledBytes, formatBytes) },
  { title: 'written', cell: (stage) => some(stage.metrics.outputBytes, formatBytes), goes: 2 },
  { title: 'longest', cell: (stage) => (stage.done > 1 ? some(stage.longestMs, formatDuration) : ''), goes: 0.5 },
  { title: 'time', cell: (stage, ms) => (stage.startedAt === null ? '' : formatDuration(ms)) },
  { title: 'rate', cell: (stage, ms) => formatRate(bytesIn(stage.metrics), ms), goes: 0 },
];

/** Lines without newlines, at most `width` wide where that can be done. Columns in which every stage has nothing are left out. */
export function renderSummary(run: Run, width: number, paint: Paint): string[] {
  const jobs = [...run.jobs.values()];
  const brief = Math.max(0, jobs.length - MOST_TABLES);
  const hidden = Math.max(0, brief - MOST_LINES);
  const lines = hidden > 0 ? [paint.dim(`${hidden} earlier action${hidden === 1 ? '' : 's'} not shown`)] : [];
  if (brief > 0) lines.push(...jobs.slice(hidden, brief).map((job) => jobLine(job, paint)), '');
  for (const job of jobs.slice(brief))
    lines.push(
      jobLine(job, paint),
      ...stageTable(job, width, paint),
      ...adaptedLines(job, paint),
      ...cacheLines(job, paint),
      ...accumulatorLines(job, paint),
      '',
    );
  return lines.slice(0, -1);
}

/** `✔ jobs/wordcount.ts:9 done in 1.2 s`. */
function jobLine(job: JobSummary, paint: Paint): string {
  const name = paint.bold(job.name);
  const took = job.finishedAt === null ? '' : formatDuration(job.finishedAt - job.submittedAt);
  if (job.cancelled) return `${paint.yellow('■')} ${name} ${paint.yellow(`cancelled after ${took}`)}`;
  if (job.error !== null) return `${paint.red('✖')} ${name} ${paint.red(`failed after ${took}`)}`;
  if (job.finishedAt === null) return `${paint.yellow('■')} ${name} ${paint.yellow('did not finish')}`;
  return `${paint.green('✔')} ${name} ${paint.dim(`done in ${took}`)}`;
}

/** A union of a hundred inputs is adapted a hundred times. */
const MOST_ADAPTED = 8;

/** `adapted stage 1: 200 partitions are read by 2 tasks`. */
function adaptedLines({ adapted }: JobSummary, paint: Paint): string[] {
  const lines = adapted.map(({ stage, text }) => `${INDENT}${paint.dim(`adapted stage ${stage}:`)} ${text}`);
  if (lines.length <= MOST_ADAPTED) return lines;
  const more = `${INDENT}${paint.dim(`adapted ${lines.length - MOST_ADAPTED + 1} times more, as the event log tells`)}`;
  return [...lines.slice(0, MOST_ADAPTED - 1), more];
}

/** `cache of stage 0: 6 of 8 partitions found (1.2 MiB), 2 computed again`. */
function cacheLines({ caches }: JobSummary, paint: Paint): string[] {
  return [...caches.values()].map((cache) => {
    const found = cache.found > 0 ? [`${cache.found} of ${cache.partitions} partitions found (${formatBytes(cache.foundBytes)})`] : [];
    const anew = cache.stored - cache.again;
    const made = anew > 0 ? [`${anew} computed (${formatBytes(cache.storedBytes)})`] : [];
    const again = cache.again > 0 ? [`${cache.again} computed again`] : [];
    return `${INDENT}${paint.dim(`cache of stage ${cache.stage}:`)} ${[...found, ...made, ...again].join(', ') || 'nothing stored'}`;
  });
}

/** `rows seen 1,200`, a line each. */
function accumulatorLines({ accumulated }: JobSummary, paint: Paint): string[] {
  return [...accumulated].map(([name, value]) => `${INDENT}${paint.dim(name)} ${value.toLocaleString('en-US')}`);
}

function stageTable(job: JobSummary, width: number, paint: Paint): string[] {
  const stages = [...job.stages.values()].sort((a, b) => a.stage - b.stage);
  if (stages.length === 0) return [];
  const [head, ...rows] = fitToWidth(job, stages, width);
  return [INDENT + paint.dim(head), ...rows.map((row) => INDENT + row)];
}

/** First the names are cut, down to SHORTEST_NAME; where that is not enough a column goes, and so on. */
function fitToWidth(job: JobSummary, stages: readonly StageSummary[], width: number): string[] {
  const longestName = Math.max(...stages.map((stage) => visibleWidth(COLUMNS[0].cell(stage, 0))));
  const goers = COLUMNS.filter((column) => column.goes !== undefined).sort((a, b) => a.goes! - b.goes!);
  let columns = COLUMNS;
  for (;;) {
    const whole = alignStages(job, stages, columns, longestName);
    const over = Math.max(...whole.map(visibleWidth)) + INDENT.length - width;
    if (over <= 0) return whole;
    const next = goers.shift();
    if (longestName - over >= SHORTEST_NAME || next === undefined) {
      return alignStages(job, stages, columns, Math.max(SHORTEST_NAME, longestName - over));
    }
    columns = columns.filter((column) => column !== next);
  }
}

function alignStages(job: JobSummary, stages: readonly StageSummary[], columns: readonly TableColumn[], nameWidth: number): string[] {
  const rows = stages.map((stage) => {
    const ms = stageMs(stage, job.finishedAt ?? stage.startedAt ?? 0);
    return columns.map((column, i) => (i === 0 ? cut(column.cell(stage, ms), nameWidth) : column.cell(stage, ms)));
  });
  return alignColumns(
    columns.map((column) => column.title),
    rows,
    columns.map((_, i) => i > 0),
  );
}
