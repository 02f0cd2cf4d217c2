/** Owns: what is reported of a task that its own thread could not report on: it ran too long, or its thread died. */
import { tooManyOpenFiles } from '../../core/disk-errors.js';
import { type MinisparkError, retryableError, toWireError, userError } from '../../core/errors.js';
import type { TaskReply } from './task-request.js';

export function failure(error: MinisparkError): TaskReply {
  return { ok: false, metrics: null, error: toWireError(error) };
}

export function timedOut(name: string, stage: number, ms: number): MinisparkError {
  return userError(
    'TASK_TIMEOUT',
    `A task of the stage '${name}' ran longer than task.timeout, ${ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`}.`,
    {
      hint: 'Raise task.timeout, or give each task less to do: more partitions, a smaller read.splitBytes',
      data: { stage },
    },
  );
}

export function died(thrown: unknown): MinisparkError {
  const { message, code } = thrown as NodeJS.ErrnoException;
  const dead = (why: string, hint?: string) => retryableError('WORKER_THREAD_DIED', why, { hint, cause: thrown });
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const hint = 'Give each task less to do, or the worker more memory (NODE_OPTIONS=--max-old-space-size)';
    return dead('The thread of the task ran out of memory.', hint);
  }
  if (/\bE[MN]FILE\b/.test(message)) return tooManyOpenFiles('The thread of the task could not go on', thrown);
  const exit = /exited with code: (\d+)/.exec(message)?.[1];
  if (exit === undefined) return dead(`The thread of the task ended: ${message}.`);
  return dead(`The thread of the task ended with code ${exit}.`, 'A function of the job may have called process.exit()');
}
