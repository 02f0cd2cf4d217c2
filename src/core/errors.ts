/**
 * Owns: the one error type of minispark and its three kinds, which survive every thread and socket.
 * `user`      the job, its data or its arguments are at fault: never retried, shown with the user's line;
 * `retryable` the place was at fault (a worker died, a block is gone): the scheduler may try elsewhere;
 * `fatal`     minispark itself or its machine cannot go on: a task is tried elsewhere, a job ends.
 */

export type ErrorKind = 'user' | 'retryable' | 'fatal';

/** A place in a user's source file. Lines and columns count from 1. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ErrorDetails {
  /** What the reader should do next: one sentence without a final newline. */
  readonly hint?: string;
  /** Where in the user's file the fault lies. */
  readonly site?: CallSite;
  /** Source lines around `site`, already rendered. */
  readonly frame?: string;
  /** JSON-plain facts of the condition, e.g. the `FetchFailure` of FETCH_FAILED. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The JSON-plain form of an error, as it travels. */
export interface WireError {
  readonly kind: ErrorKind;
  readonly condition: string;
  readonly message: string;
  readonly hint?: string;
  readonly site?: CallSite;
  readonly frame?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
}

export class MinisparkError extends Error {
  readonly kind: ErrorKind;
  /** Spark's error condition where one exists (`DIVIDE_BY_ZERO`), else our own in the same style. */
  readonly condition: string;
  readonly hint?: string;
  readonly site?: CallSite;
  readonly frame?: string;
  readonly data?: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, condition: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'MinisparkError';
    this.kind = kind;
    this.condition = condition;
    this.hint = details.hint;
    this.site = details.site;
    this.frame = details.frame;
    this.data = details.data;
  }

  /** The same error with more known about it; what is already known stays. */
  with(details: ErrorDetails): MinisparkError {
    const error = new MinisparkError(this.kind, this.condition, this.message, {
      hint: this.hint ?? details.hint,
      site: this.site ?? details.site,
      frame: this.frame ?? details.frame,
      data: details.data || this.data ? { ...details.data, ...this.data } : undefined,
      cause: this.cause ?? details.cause,
    });
    error.stack = this.stack;
    return error;
  }
}

/** Names the user's line in an error that does not know a closer one. */
export function withSite(thrown: unknown, site: CallSite | null): unknown {
  return thrown instanceof MinisparkError && site !== null ? thrown.with({ site }) : thrown;
}

export function userError(condition: string, message: string, details?: ErrorDetails): MinisparkError {
  return new MinisparkError('user', condition, message, details);
}

export function retryableError(condition: string, message: string, details?: ErrorDetails): MinisparkError {
  return new MinisparkError('retryable', condition, message, details);
}

export function fatalError(condition: string, message: string, details?: ErrorDetails): MinisparkError {
  return new MinisparkError('fatal', condition, message, details);
}

/** Which map output could not be read: the scheduler runs those maps again (see scheduler/state). */
export interface FetchFailure {
  readonly shuffle: number;
  readonly maps: readonly number[];
  readonly worker: string;
  /** Where nothing could be had at all, whoever wrote it. */
  readonly endpoint?: string;
}

export function fetchFailed(failure: FetchFailure, message: string, cause?: unknown): MinisparkError {
  return retryableError('FETCH_FAILED', message, { data: { ...failure }, cause });
}

export function fetchFailureOf(error: WireError): FetchFailure | null {
  return error.condition === 'FETCH_FAILED' && error.data ? (error.data as unknown as FetchFailure) : null;
}

export const TOO_MANY_FILES_HINT = 'Raise the limit of open files (ulimit -n) of the process, or give it fewer threads';

/** Any thrown thing as a MinisparkError; what is not ours becomes INTERNAL_ERROR, or TOO_MANY_OPEN_FILES, with the original as its cause. */
export function asMinisparkError(thrown: unknown): MinisparkError {
  if (thrown instanceof MinisparkError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const { code } = Object(thrown) as NodeJS.ErrnoException;
  if (code === 'EMFILE' || code === 'ENFILE') {
    return retryableError('TOO_MANY_OPEN_FILES', `${message}.`, { hint: TOO_MANY_FILES_HINT, cause: thrown });
  }
  const error = fatalError('INTERNAL_ERROR', message, { cause: thrown });
  if (thrown instanceof Error && thrown.stack) error.stack = thrown.stack;
  return error;
}

export function toWireError(thrown: unknown): WireError {
  const { kind, condition, message, hint, site, frame, data, stack } = asMinisparkError(thrown);
  return { kind, condition, message, hint, site, frame, data, stack };
}

export function fromWireError(wire: WireError): MinisparkError {
  const error = new MinisparkError(wire.kind, wire.condition, wire.message, wire);
  if (wire.stack) error.stack = wire.stack;
  return error;
}
