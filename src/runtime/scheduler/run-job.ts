/**
 * Owns: one job on a scheduler in this very process, as the async iteration that executors give.
 */
import { fromWireError, userError } from '../../core/errors.js';
import type { EventListener } from '../../core/events.js';
import type { JobResult } from '../rpc/messages.js';
import { ResultQueue } from '../rpc/result-queue.js';
import type { Submission } from './actions.js';
import type { SchedulerService } from './service.js';

/**
 * Rows as they come; ends after all partitions. Throws the job's error, JOB_CANCELLED once `signal` aborted.
 * Leaving the iteration early cancels the job. The next block is asked for when the last was consumed: that is the back pressure.
 */
export async function* runJob(
  service: SchedulerService,
  submission: Submission,
  onEvent: EventListener,
  signal: AbortSignal,
): AsyncGenerator<JobResult, void, undefined> {
  if (signal.aborted) throw userError('JOB_CANCELLED', 'The job was cancelled before it began.');
  const queue = new ResultQueue();
  const handle = service.submit(submission, {
    onEvent,
    onResult: (result) => queue.push(result),
    onDone: (error) => queue.end(error && fromWireError(error)),
  });
  const cancel = () => handle.cancel('its caller asked for it');
  signal.addEventListener('abort', cancel);
  try {
    for (let result = await queue.next(); result; result = await queue.next()) {
      yield result;
      handle.taken(result.block.length);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    if (!queue.isEnded) handle.cancel('its results were not wanted to the end');
  }
}
