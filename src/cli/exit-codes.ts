/** Owns: what the exit code of every command says, and which errors are faults of the command line rather than of the job. */
import type { MinisparkError } from '../core/errors.js';

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** 128 + SIGINT, as shells count. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

const USAGE = new Set([
  'INVALID_ADDRESS',
  'INVALID_ANSWER',
  'INVALID_ARGUMENT',
  'INVALID_CONFIG',
  'INVALID_FAULT',
  'INVALID_LAB',
  'INVALID_MASTER',
  'JOB_FILE_NOT_FOUND',
  'LAB_ASKS_NOTHING',
  'LAB_CHANGED',
  'LAB_DIRECTORY',
  'LAB_RUNNING',
  'MISSING_ARGUMENT',
  'PREDICTION_NEEDS_ANSWERS',
  'TOKEN_REQUIRED',
  'UNKNOWN_ARGUMENT',
  'UNKNOWN_CONFIG',
  'UNKNOWN_LAB',
]);

export function exitCodeOf(error: MinisparkError): number {
  return USAGE.has(error.condition) ? EXIT.usage : EXIT.failed;
}

/** Thrown by a command that has said all there is to say and ends with a code of its own. */
export class CommandEnd extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
