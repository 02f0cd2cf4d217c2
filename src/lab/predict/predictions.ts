/**
 * Owns: guesses about a lab, kept in its directory as `predictions.json`, and what they are worth once it has run.
 * Receives answers, gives the file; receives the results, gives points.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userError } from '../../core/errors.js';
import { makeDirectories } from '../../core/make-directories.js';
import type { MetricName } from '../metrics.js';
import type { LabOutcome } from '../run-lab.js';
import type { Question } from './question.js';

export interface Guess {
  readonly ask: string;
  readonly metric: MetricName;
  readonly cell: Readonly<Record<string, string>>;
  readonly over: Readonly<Record<string, string>> | null;
  /** In milliseconds, bytes, a count or a factor; null where it was passed over. */
  readonly guess: number | null;
}

export interface Predictions {
  readonly lab: string;
  /** ISO time. */
  readonly madeAt: string;
  /** Whether nothing had run yet. */
  readonly blind: boolean;
  readonly guesses: readonly Guess[];
}

export interface ScoredGuess extends Guess {
  /** Null where no run tells. */
  readonly measured: number | null;
  /** |guess − measured| / measured; null where one of them is missing, or nothing was measured. */
  readonly relativeError: number | null;
  readonly points: number;
}

export interface ScoredPredictions extends Omit<Predictions, 'guesses'> {
  readonly guesses: readonly ScoredGuess[];
  readonly points: number;
  readonly of: number;
}

const MOST_POINTS = 3;
/** Guess and measure, the larger over the smaller, at most → points. Magnitudes are what can be foreseen. */
const POINTS: readonly (readonly [factor: number, points: number])[] = [
  [1.1, 3],
  [1.5, 2],
  [3, 1],
];

const FILE = 'predictions.json';

export function hasRuns(dir: string): boolean {
  const runs = join(dir, 'runs');
  return existsSync(runs) && readdirSync(runs).some((name) => /^\d+-\d+\.json$/.test(name));
}

/** Replaces earlier ones. Gives the file's path. */
export function savePredictions(dir: string, lab: string, questions: readonly Question[], guesses: readonly (number | null)[]): string {
  makeDirectories(dir);
  const predictions: Predictions = {
    lab,
    madeAt: new Date().toISOString(),
    blind: !hasRuns(dir),
    guesses: questions.map(({ ask, metric, cell, over }, i) => ({ ask, metric, cell, over, guess: guesses[i] })),
  };
  const path = join(dir, FILE);
  writeFileSync(path, `${JSON.stringify(predictions, null, 1)}\n`);
  return path;
}

/** Null where none were made. Throws PREDICTIONS_UNREADABLE. */
export function scorePredictions(outcome: Pick<LabOutcome, 'cells' | 'results' | 'store'>): ScoredPredictions | null {
  const path = outcome.store.path(FILE);
  if (!existsSync(path)) return null;
  const predictions = readPredictions(path);
  const guesses = predictions.guesses.map((guess) => scoreGuess(guess, measuredOf(guess, outcome)));
  const points = guesses.reduce((sum, guess) => sum + guess.points, 0);
  return { ...predictions, guesses, points, of: MOST_POINTS * guesses.length };
}

function readPredictions(path: string): Predictions {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Predictions;
    if (Array.isArray(read.guesses)) return read;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw userError('PREDICTIONS_UNREADABLE', `${path} holds no predictions.`, {
    hint: 'Remove it, or make them again with minispark lab predict',
  });
}

export function scoreGuess(guess: Guess, measured: number | null): ScoredGuess {
  const value = guess.guess;
  if (value === null || measured === null) return { ...guess, measured, relativeError: null, points: 0 };
  const relativeError = measured === 0 ? (value === 0 ? 0 : null) : Math.abs(value - measured) / measured;
  const factor = value === measured ? 1 : Math.max(value, measured) / Math.min(value, measured);
  return { ...guess, measured, relativeError, points: POINTS.find(([most]) => factor <= most)?.[1] ?? 0 };
}

function measuredOf({ metric, cell, over }: Guess, outcome: Pick<LabOutcome, 'cells' | 'results'>): number | null {
  const value = meanOf(metric, cell, outcome);
  if (over === null || value === null) return value;
  const base = meanOf(metric, over, outcome);
  return base === null || base === 0 ? null : value / base;
}

/** Over the runs of the cell that succeeded. */
function meanOf(metric: MetricName, wanted: Guess['cell'], { cells, results }: Pick<LabOutcome, 'cells' | 'results'>): number | null {
  const found = cells.find(({ settings }) => Object.entries(wanted).every(([key, value]) => settings[key] === value));
  const values = results
    .filter(({ cell, error }) => cell === found?.index && error === null)
    .map(({ measures }) => measures[metric] ?? null)
    .filter((value) => value !== null);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
