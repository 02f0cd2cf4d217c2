/**
 * Owns: what it means when the system refuses a file of minispark's own, or damages it: a full disk, too few descriptors, anything else. All are
 * faults of the place, so that the task may run elsewhere; each names the path and what to do. Users' files have errors of their own (sources/fs.ts).
 */
import { type MinisparkError, retryableError, TOO_MANY_FILES_HINT } from './errors.js';

const DISK_FULL_HINT =
  'Give shuffle.dir (a standing worker: --dir) a directory with more free space; shuffle.codec=lz4 needs less, more memory spills less';

export const isDiskFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(codeOf(error));
export const isOutOfDescriptors = (error: unknown): boolean => ['EMFILE', 'ENFILE'].includes(codeOf(error));

/** DISK_FULL, TOO_MANY_OPEN_FILES or else `condition`. `what` is a sentence without its point, `cause` what a call of node:fs threw. */
export function diskError(condition: string, what: string, cause: unknown): MinisparkError {
  if (isDiskFull(cause)) return retryableError('DISK_FULL', `${what}: the disk is full.`, { hint: DISK_FULL_HINT, cause });
  if (isOutOfDescriptors(cause)) return tooManyOpenFiles(what, cause);
  const hint = 'Give shuffle.dir (a standing worker: --dir) a directory that can be written to';
  return retryableError(condition, `${what}: ${(cause as Error).message}.`, { hint, cause });
}

/** Rows that a task put on disk for itself cannot be had back as they were: no other task's fault. `what` ends the sentence, without its point. */
export function spillDamaged(path: string, what: string, cause?: unknown): MinisparkError {
  const hint = 'The disk may be failing: give shuffle.dir (a standing worker: --dir) a directory on another one';
  return retryableError('SPILL_DAMAGED', `The spill file ${path} ${what}.`, { hint, cause });
}

export function tooManyOpenFiles(what: string, cause: unknown): MinisparkError {
  return retryableError('TOO_MANY_OPEN_FILES', `${what}: too many files are open.`, { hint: TOO_MANY_FILES_HINT, cause });
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? '';
