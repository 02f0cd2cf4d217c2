/**
 * Owns: a worker's one long-lived stream to its scheduler: registers, beats, hands messages on in order, and tells of the stream's end once.
 */
import type { ServiceError } from '@grpc/grpc-js';
import { asMinisparkError, fromWireError, type MinisparkError, retryableError } from '../../core/errors.js';
import { Backlog } from './backlog.js';
import { type ConnectOptions, callError, openClient } from './channel.js';
import { FrameWriter } from './frame-writer.js';
import { decodeToWorker, encodeFromWorker, weightOf } from './frames.js';
import type { FromWorker, ToWorker } from './messages.js';

export interface WorkStreamHandlers {
  /** All but `refused`, in order. What it throws closes the stream. */
  message(message: ToWorker): void;
  /**
   * The stream is over, called once: null after `close()`, else why: the scheduler's refusal (user errors PROTOCOL_MISMATCH, TOKEN_REFUSED, NO_SLOTS:
   * do not try again) or SCHEDULER_LOST (retryable: the scheduler has forgotten this worker; drop all tasks and jobs, then open a new stream).
   */
  closed(error: MinisparkError | null): void;
}

export interface WorkStreamOptions extends ConnectOptions {
  /** Default 1 s. */
  readonly heartbeatMs?: number;
}

export interface WorkStream {
  /** Queues a message; what is sent within a turn of the event loop travels as one frame. Ignored once the stream is over. */
  send(message: FromWorker): void;
  /** Resolves when less than 8 MiB wait to be written, or the stream is over: await it before sending more result blocks. */
  writable(): Promise<void>;
  /** Sends what is queued and ends the stream; resolves when the scheduler has it all, at the latest after a second. */
  close(): Promise<void>;
}

const MAX_UNWRITTEN_BYTES = 8 << 20;
const CLOSE_MS = 1_000;

/** Connects and registers. Throws SCHEDULER_UNREACHABLE, CONNECT_ABORTED; refusals come through `handlers.closed`. */
export async function openWorkStream(
  address: string,
  registration: Extract<FromWorker, { kind: 'register' }>,
  token: string | null,
  handlers: WorkStreamHandlers,
  { heartbeatMs = 1_000, ...connect }: WorkStreamOptions = {},
): Promise<WorkStream> {
  const { grpc, client, metadata } = await openClient(address, token, connect);
  const call = client.work(metadata);
  const backlog = new Backlog(MAX_UNWRITTEN_BYTES);
  let over = false;
  const writer = new FrameWriter<FromWorker>((messages, bytes) => {
    if (over) return;
    backlog.add(bytes);
    call.write({ messages: messages.map(encodeFromWorker) }, () => backlog.written(bytes));
  });
  const send = (message: FromWorker) => {
    if (!over) writer.push(message, weightOf(message));
  };
  const beat = setInterval(() => send({ kind: 'heartbeat', worker: registration.worker }), heartbeatMs);
  const finish = (error: MinisparkError | null) => {
    if (over) return;
    over = true;
    clearInterval(beat);
    backlog.end();
    handlers.closed(error);
  };
  const fail = (error: MinisparkError) => {
    finish(error);
    call.cancel();
    client.close();
  };
  call.on('data', (frame) => {
    try {
      for (const wire of over ? [] : frame.messages) {
        const message = decodeToWorker(wire);
        if (message.kind === 'refused') return fail(fromWireError(message.error));
        handlers.message(message);
      }
    } catch (thrown) {
      fail(asMinisparkError(thrown));
    }
  });
  const ended = new Promise<void>((resolve) => {
    call.on('end', () => {
      resolve();
      fail(retryableError('SCHEDULER_LOST', `The scheduler at ${address} ended the stream.`));
    });
    call.on('error', (error) => {
      resolve();
      fail(callError(grpc, error as ServiceError, address));
    });
  });
  const close = async () => {
    writer.flush();
    call.end();
    finish(null);
    const timer = setTimeout(() => call.cancel(), CLOSE_MS);
    await ended;
    clearTimeout(timer);
  };
  send(registration);
  writer.flush();
  return { send, writable: () => backlog.room(), close };
}
