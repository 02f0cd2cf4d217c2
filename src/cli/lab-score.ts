/** Owns: what the guesses of `lab predict` were worth, as a table. */
import type { ScoredPredictions } from '../lab/predict/predictions.js';
import { formatGuess } from '../lab/predict/question.js';
import { alignColumns } from '../observability/columns.js';
import type { Paint } from '../observability/paint.js';

/** For `lab run` to print. */
export function scoreText({ guesses, points, of, blind }: ScoredPredictions, paint: Paint): string {
  const rows = guesses.map((guess) => [
    guess.ask,
    guess.guess === null ? '-' : formatGuess(guess.guess, guess),
    guess.measured === null ? '?' : formatGuess(guess.measured, guess),
    guess.relativeError === null ? '' : `${Math.round(guess.relativeError * 100)} %`,
    String(guess.points),
  ]);
  const [head, ...lines] = alignColumns(['prediction', 'guessed', 'measured', 'off by', 'points'], rows, [false, true, true, true, true]);
  const total = `${points} of ${of} points${blind ? '' : ', after the lab had run'}`;
  return `${[paint.dim(head), ...lines, total].join('\n')}\n`;
}
