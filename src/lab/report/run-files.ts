/** Owns: the runs of a lab as CSV and JSON, for whoever computes on. Every metric is there, not only those that the lab asks for. */
import { METRIC_NAMES } from '../metrics.js';
import type { ScoredPredictions } from '../predict/predictions.js';
import type { LabOutcome } from '../run-lab.js';
import type { Comparison } from './comparison.js';

/** A line a run: the settings, `repeat`, each metric in its unit (milliseconds, bytes, counts; empty where unknown), the error. */
export function runsCsv({ lab, results }: Pick<LabOutcome, 'lab' | 'results'>): string {
  const keys = lab.matrix.map(({ key }) => key);
  const head = [...keys, 'repeat', 'startedAt', ...METRIC_NAMES, 'error'];
  const lines = results.map(({ settings, repeat, startedAt, measures, error }) => [
    ...keys.map((key) => settings[key]),
    String(repeat),
    startedAt,
    ...METRIC_NAMES.map((name) => number(measures[name])),
    error ?? '',
  ]);
  return [head, ...lines].map((cells) => `${cells.map(csvField).join(',')}\n`).join('');
}

export function runsJson({ lab, results, environment }: LabOutcome, { cells }: Comparison, predictions: ScoredPredictions | null): string {
  const summaries = cells.map(({ cell, summaries }) => ({ settings: cell.settings, summaries }));
  return `${JSON.stringify({ lab: lab.name, title: lab.title, environment, predictions, cells: summaries, runs: results }, null, 1)}\n`;
}

const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : String(Math.round(value * 1000) / 1000);

const csvField = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
