/**
 * Owns: a driver's talk with a standing scheduler: submitting one job and taking its events and rows, and asking for its status.
 */
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { asMinisparkError, fromWireError, type MinisparkError, userError, type WireError } from '../../core/errors.js';
import type { Event, EventListener } from '../../core/events.js';
import { fromJson, toJson } from '../../core/json.js';
import { type ConnectOptions, callError, type JobFrame, openClient } from './channel.js';
import { type JobRequest, type JobResult, PROTOCOL_VERSION, type SchedulerStatus } from './messages.js';
import { ResultQueue } from './result-queue.js';

export interface SubmitOptions extends ConnectOptions {
  readonly token: string | null;
  readonly signal: AbortSignal;
  readonly onEvent: EventListener;
}

/** How long a scheduler may take to answer a cancellation, or a status request. */
const ANSWER_MS = 5_000;

/**
 * Runs a job on the scheduler at `address`. Rows come as they are accepted; ends after all partitions.
 * Throws the job's error, SCHEDULER_UNREACHABLE, TOKEN_REFUSED, PROTOCOL_MISMATCH, SCHEDULER_LOST when the scheduler goes away under way,
 * and JOB_CANCELLED once `signal` aborted and the scheduler has ended the job (or did not answer for 5 s).
 * Leaving the iteration early cancels the job. The scheduler sends a bounded number of bytes ahead of what was consumed.
 */
export async function* submitJob(address: string, request: JobRequest, options: SubmitOptions): AsyncGenerator<JobResult, void, undefined> {
  const { signal, onEvent } = options;
  if (signal.aborted) throw cancelled();
  const { grpc, client, metadata } = await openClient(address, options.token, options).catch((error) => {
    throw signal.aborted ? cancelled() : error;
  });
  const queue = new ResultQueue();
  const call = client.submit(metadata);
  listen(call, queue, onEvent, (error) => callError(grpc, error, address));
  let timer: NodeJS.Timeout | null = null;
  const cancel = () => {
    timer ??= setTimeout(() => queue.end(cancelled()), ANSWER_MS);
    if (!queue.isEnded) call.write({ cancel: { reason: 'its driver asked for it' } });
  };
  signal.addEventListener('abort', cancel);
  call.write({ submit: submissionOf(request) });
  if (signal.aborted) cancel();
  try {
    for (let result = await queue.next(); result; result = await queue.next()) {
      yield result;
      if (!queue.isEnded) call.write({ taken: { bytes: result.block.length } });
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    if (!queue.isEnded) {
      cancel();
      await queue.whenEnded();
    }
    if (timer) clearTimeout(timer);
    call.cancel();
    client.close();
  }
}

/** What the scheduler at `address` has: `slots` is 0 while no worker is there. Throws as `submitJob` does. */
export async function schedulerStatus(address: string, token: string | null, options?: ConnectOptions): Promise<SchedulerStatus> {
  const { grpc, client, metadata } = await openClient(address, token, options);
  try {
    return await new Promise((resolve, reject) => {
      client.status({}, metadata, { deadline: Date.now() + ANSWER_MS }, (error, status) => {
        if (error) reject(callError(grpc, error, address));
        else resolve(status);
      });
    });
  } finally {
    client.close();
  }
}

function submissionOf({ job, name, graph, config, bundle, blobs }: JobRequest): object {
  return { job, name, protocol: PROTOCOL_VERSION, graphJson: toJson(graph), config, bundle, blobs };
}

function listen(
  call: ClientDuplexStream<object, JobFrame>,
  queue: ResultQueue,
  onEvent: EventListener,
  explain: (error: ServiceError) => MinisparkError,
): void {
  call.on('data', (frame: JobFrame) => {
    try {
      for (const text of frame.eventsJson) onEvent(fromJson<Event>(text));
      for (const result of frame.results) queue.push(result);
      if (frame.done) queue.end(frame.done.errorJson === '' ? null : fromWireError(fromJson<WireError>(frame.done.errorJson)));
    } catch (thrown) {
      queue.end(asMinisparkError(thrown));
    }
  });
  call.on('error', (error) => queue.end(explain(error as ServiceError)));
  call.on('end', () => queue.end(explain({ details: 'it ended the stream', message: '' } as ServiceError)));
}

function cancelled(): MinisparkError {
  return userError('JOB_CANCELLED', 'The job was cancelled: its driver asked for it.');
}
