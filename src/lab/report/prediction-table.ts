/** Owns: what was guessed of a lab before it ran, beside what was measured. */
import type { ScoredGuess, ScoredPredictions } from '../predict/predictions.js';
import { formatGuess } from '../predict/question.js';
import { type Html, html } from './html.js';

export function predictionTable({ guesses, points, of, blind }: ScoredPredictions): Html {
  const rows = guesses.map((guess) => {
    const { ask, measured, relativeError } = guess;
    const off = relativeError === null ? '' : `${Math.round(relativeError * 100)} %`;
    return html`<tr><td class="text">${ask}</td><td class="number">${figure(guess, guess.guess, 'passed over')}</td><td class="number">${figure(guess, measured, 'not recorded')}</td><td class="number">${off}</td><td class="number">${guess.points}</td></tr>`;
  });
  const when = blind ? 'They were made before anything had run.' : 'They were made when runs were already there.';
  return html`<p><b>${points} of ${of} points.</b> <span class="quiet">${when}</span></p>
<div class="wide frame" tabindex="0" role="region" aria-label="Predictions"><table><thead><tr><th>Question</th><th class="number">Guess</th><th class="number">Measured</th><th class="number">Off by</th><th class="number">Points</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function figure(guess: ScoredGuess, value: number | null, missing: string): string {
  return value === null ? missing : formatGuess(value, guess);
}
