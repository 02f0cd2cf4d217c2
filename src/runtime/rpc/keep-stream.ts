/**
 * Owns: a driver's stream on which a standing scheduler is told what to keep for later jobs. All that was named on it is freed with its end.
 */
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { type MinisparkError, retryableError } from '../../core/errors.js';
import { callError, openClient } from './channel.js';
import type { BlobPart } from './messages.js';

export type KeepFrame =
  | { readonly blob: BlobPart }
  | { readonly release: { readonly ids: readonly string[] } }
  | { readonly hold: { readonly ids: readonly string[] } };

export interface KeepStream {
  readonly isOpen: boolean;
  /** Resolves when the scheduler has acted on it, so that a job submitted then finds it done. Throws SCHEDULER_LOST. */
  send(frame: KeepFrame): Promise<void>;
  /** Ends the stream; resolves when the scheduler knows, at the latest after a second. */
  close(): Promise<void>;
}

const CLOSE_MS = 1_000;

/** Throws SCHEDULER_UNREACHABLE. */
export async function openKeepStream(address: string, token: string | null): Promise<KeepStream> {
  const { grpc, client, metadata } = await openClient(address, token);
  const call: ClientDuplexStream<object, object> = client.keep(metadata);
  const waiting: { resolve(): void; reject(error: MinisparkError): void }[] = [];
  let lost: MinisparkError | null = null;
  let ended = (): void => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const fail = (error: MinisparkError) => {
    lost ??= error;
    for (const { reject } of waiting.splice(0)) reject(lost);
    ended();
  };
  call.on('data', () => waiting.shift()?.resolve());
  call.on('error', (error: ServiceError) => fail(callError(grpc, error, address)));
  call.on('end', () => fail(retryableError('SCHEDULER_LOST', `The scheduler at ${address} ended the stream.`)));
  return {
    get isOpen() {
      return lost === null;
    },
    send(frame) {
      if (lost) return Promise.reject(lost);
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        call.write(frame);
      });
    },
    async close() {
      call.end();
      const timer = setTimeout(() => call.cancel(), CLOSE_MS);
      await end;
      clearTimeout(timer);
      client.close();
    },
  };
}
