/** Owns: what the suites that stop a job in its middle share: the job whose tasks wait for a file, its directories and its answer. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES, outputLines } from './processes.js';

/** Sums of 0 to 239 by their remainder of 7. */
export const ANSWER = ['0:4165', '1:4200', '2:3995', '3:4029', '4:4063', '5:4097', '6:4131'];

export interface Place {
  /** All files of a case are below it. */
  readonly own: string;
  readonly env: { readonly TMPDIR: string };
  readonly output: string;
  readonly gate: string;
}

/** Directories of one test below that of its suite. */
export function newPlace(dir: string): Place {
  const own = mkdtempSync(join(dir, 'case-'));
  const place = { own, env: { TMPDIR: join(own, 'tmp') }, output: join(own, 'out'), gate: join(own, 'gate') };
  mkdirSync(place.env.TMPDIR);
  return place;
}

/** The job and its arguments, for `submit`. */
export const gated = ({ output, gate }: Place, ...args: string[]): string[] => [
  join(FIXTURES, 'gated.ts'),
  ...['--output', output, '--gate', gate],
  ...args,
];

export const openGate = ({ gate }: Place): void => writeFileSync(gate, '');

/** The lines of the job's output, in order. */
export const answer = ({ output }: Place): string[] => outputLines(output).sort();
