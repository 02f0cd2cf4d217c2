/** Owns: an option of ours that stands behind the job file, and so went to the job, which does not know it: told where it belongs. */
import type { Command } from 'commander';
import { MinisparkError, userError } from '../core/errors.js';

/** The error of `command`'s job, with another hint where one of the job's arguments is an option of the command itself. */
export function withPlaceOfOption(thrown: unknown, command: Command, jobArgs: readonly string[]): unknown {
  if (!(thrown instanceof MinisparkError) || thrown.condition !== 'UNKNOWN_ARGUMENT') return thrown;
  const names = jobArgs.map((arg) => arg.split('=')[0]);
  const misplaced = names.find((name) => command.options.some(({ long }) => long === name));
  if (misplaced === undefined) return thrown;
  const hint = `${misplaced} is an option of ${command.name()}: it stands before the file`;
  return userError('UNKNOWN_ARGUMENT', thrown.message, { hint, cause: thrown });
}
