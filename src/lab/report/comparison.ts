/** Owns: what the runs of a lab amount to, cell by cell and metric by metric: what tables, plots and files of the report show. */
import type { Axis } from '../lab-file.js';
import type { Cell } from '../matrix.js';
import { METRIC_NAMES, METRICS, type Metric, type MetricName } from '../metrics.js';
import type { LabOutcome } from '../run-lab.js';
import { type Summary, summarizeNumbers } from '../statistics.js';
import { hashOf, type RunResult } from '../store.js';

export interface ComparedCell {
  readonly cell: Cell;
  readonly runs: readonly RunResult[];
  readonly failed: readonly RunResult[];
  /** Over the runs that succeeded; null where they do not know it, or none did. */
  readonly summaries: Readonly<Record<MetricName, Summary | null>>;
  /** The run that stands for the cell where one is shown: the one of median wall time. Null where all failed. */
  readonly shown: RunResult | null;
}

export interface Comparison {
  readonly axes: readonly Axis[];
  readonly metrics: readonly (Metric & { readonly name: MetricName })[];
  readonly cells: readonly ComparedCell[];
  /** What the successful runs printed: nothing; the same; the same where the arguments of the job are; or not even there. */
  readonly output: 'none' | 'same' | 'by-arguments' | 'different';
}

export function compare({ lab, cells, results }: Pick<LabOutcome, 'lab' | 'cells' | 'results'>): Comparison {
  const compared = cells.map((cell) =>
    compareCell(
      cell,
      results.filter((result) => result.cell === cell.index),
    ),
  );
  return {
    axes: lab.matrix,
    metrics: lab.metrics.map((name) => ({ ...METRICS[name], name })),
    cells: compared,
    output: compareOutputs(results),
  };
}

function compareOutputs(results: readonly RunResult[]): Comparison['output'] {
  const good = results.filter(({ error }) => error === null);
  const outputs = new Set(good.map(({ outputHash }) => outputHash));
  if (outputs.size === 0 || (outputs.size === 1 && outputs.has(hashOf('')))) return 'none';
  if (outputs.size === 1) return 'same';
  const argumentsOf = ({ settings }: RunResult) => JSON.stringify(Object.entries(settings).filter(([key]) => key.startsWith('args.')));
  const pairs = new Set(good.map((result) => `${argumentsOf(result)} ${result.outputHash}`));
  return pairs.size === new Set(good.map(argumentsOf)).size ? 'by-arguments' : 'different';
}

function compareCell(cell: Cell, runs: readonly RunResult[]): ComparedCell {
  const good = runs.filter(({ error }) => error === null);
  const summary = (name: MetricName) =>
    summarizeNumbers(good.map(({ measures }) => measures[name] ?? null).filter((value) => value !== null));
  const byWall = good.toSorted((a, b) => (a.measures.wall ?? 0) - (b.measures.wall ?? 0));
  return {
    cell,
    runs,
    failed: runs.filter(({ error }) => error !== null),
    summaries: Object.fromEntries(METRIC_NAMES.map((name) => [name, summary(name)])) as Record<MetricName, Summary | null>,
    shown: byWall[(byWall.length - 1) >> 1] ?? null,
  };
}
