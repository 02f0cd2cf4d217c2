/** Owns: the files of a lab's report: one page, and beside it every run as CSV and JSON. */
import { scorePredictions } from '../predict/predictions.js';
import type { LabOutcome } from '../run-lab.js';
import { compare } from './comparison.js';
import { reportPage } from './page.js';
import { runsCsv, runsJson } from './run-files.js';

/** Paths of what was written. */
export function writeReport(outcome: LabOutcome): { readonly page: string; readonly files: readonly string[] } {
  const { store } = outcome;
  const comparison = compare(outcome);
  const predictions = scorePredictions(outcome);
  const [page, csv, json] = ['report.html', 'runs.csv', 'runs.json'].map((name) => store.path(name));
  store.write(csv, runsCsv(outcome));
  store.write(json, runsJson(outcome, comparison, predictions));
  store.write(page, reportPage({ ...outcome, predictions }, comparison));
  return { page, files: [csv, json] };
}
