/**
 * Owns: which date and time patterns Spark refuses, and by which condition: what its formatter cannot read, told by whether the one of
 * Spark 2 (java.text.SimpleDateFormat) could.
 */
import { userError } from '../../core/errors.js';

/** Letters that Spark's formatter has, with the most of them in a row. */
const MOST: Readonly<Record<string, number>> = {
  ...{ G: 4, y: 6, M: 4, L: 4, d: 2, D: 3, Q: 4, q: 4, E: 4, F: 1, a: 1, h: 2, H: 2, k: 2, K: 2, m: 2, s: 2, S: 9 },
  ...{ V: 2, z: 4, O: 4, X: 5, x: 5, Z: 5 },
};
const OF_WEEKS = /[YWwuec]/;
const REFUSED = /[ABnNp]/;
const REFUSED_FOR_PARSING = /[ABnNpEFqQ]/;
const OF_SPARK_2 = /^(?:[GyYMLwWDdFEuaHkKhmsSzZX]|[^A-Za-z])*$/;

/** Throws INVALID_DATETIME_PATTERN and INCONSISTENT_BEHAVIOR_CROSS_VERSION. `runs`: what stands outside of quotes, equal letters together. */
export function checkPattern(pattern: string, runs: readonly string[], parsing: boolean): void {
  const letters = runs.join('');
  const wrong = runs.find((run) => !fits(run));
  const ofWeeks = OF_WEEKS.exec(letters)?.[0];
  const refused = (parsing ? REFUSED_FOR_PARSING : REFUSED).exec(letters)?.[0];
  const found = ofWeeks ?? refused ?? wrong;
  if (found === undefined) return;
  throw userError(conditionOf(letters, ofWeeks, refused), `The pattern '${pattern}' has '${found}', which means nothing here.`, {
    hint: 'Letters: G y M L d D Q q E F a h H k K m s S V z O X x Z; optional parts in [ ]; other text between single quotes',
  });
}

function fits(run: string): boolean {
  const letter = run[0];
  if (!/[A-Za-z]/.test(letter)) return !'#{}'.includes(letter);
  if (letter === 'V') return run.length === 2;
  if (letter === 'O') return run.length === 1 || run.length === 4;
  return run.length <= (MOST[letter] ?? 0);
}

function conditionOf(letters: string, ofWeeks: string | undefined, refused: string | undefined): string {
  if (OF_SPARK_2.test(letters)) return 'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION';
  if (ofWeeks !== undefined) return 'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN';
  return `INVALID_DATETIME_PATTERN.${refused === undefined ? 'WITH_SUGGESTION' : 'ILLEGAL_CHARACTER'}`;
}
