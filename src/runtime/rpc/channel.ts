/**
 * Owns: how minispark opens gRPC channels: options shared by both ends, credentials, the bounded wait for a scheduler,
 * and what a failed call means to a person.
 */
import type { CallOptions, Client, ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js';
import { fatalError, type MinisparkError, retryableError, userError } from '../../core/errors.js';
import { parseAddress } from './address.js';
import type { WireMessage } from './frames.js';
import { type Grpc, loadGrpc, loadService } from './load-proto.js';
import type { JobResult, SchedulerStatus } from './messages.js';
import { sameSecret } from './secret.js';

/** Time in which a scheduler must answer at first: tries are made at once, then after 0.4, 1, 2 and more seconds. */
const CONNECT_MS = 5_000;

/** Blocks and stage messages are bounded by those who make them; gRPC's own 4 MB would refuse honest ones. */
const MAX_MESSAGE_BYTES = 1 << 30;

/**
 * For both ends: keepalive notices a peer whose machine vanished, but leaves alone a driver whose job computes for a while between two turns
 * of its event loop (silent workers are noticed by their heartbeats, much sooner); windows let blocks flow at memory speed.
 */
export const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 30_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc-node.flow_control_window': 8 << 20,
  // A cluster's addresses are its own: an http_proxy in the environment is not meant for them.
  'grpc.enable_http_proxy': 0,
} as const;

/** The service of proto/minispark.proto as its callers see it. */
export interface SchedulerClient extends Client {
  work(metadata: Metadata): ClientDuplexStream<object, { readonly messages: readonly WireMessage[] }>;
  submit(metadata: Metadata): ClientDuplexStream<object, JobFrame>;
  keep(metadata: Metadata): ClientDuplexStream<object, object>;
  status(
    request: object,
    metadata: Metadata,
    options: CallOptions,
    done: (error: ServiceError | null, reply: SchedulerStatus) => void,
  ): void;
}

export interface JobFrame {
  readonly eventsJson: readonly string[];
  readonly results: readonly JobResult[];
  readonly done: { readonly errorJson: string } | null;
}

export interface OpenClient {
  readonly grpc: Grpc;
  readonly client: SchedulerClient;
  readonly metadata: Metadata;
}

export interface ConnectOptions {
  /** How long to try to reach the scheduler; default 5 s. */
  readonly connectMs?: number;
  /** Ends the attempt. */
  readonly signal?: AbortSignal;
}

/**
 * A client of the scheduler's service with a working connection.
 * Throws SCHEDULER_UNREACHABLE after `connectMs`, CONNECT_ABORTED, INVALID_ADDRESS.
 */
export async function openClient(address: string, token: string | null, options: ConnectOptions = {}): Promise<OpenClient> {
  const { connectMs = CONNECT_MS, signal } = options;
  const target = parseAddress(address);
  const [grpc, Service] = await Promise.all([loadGrpc(), loadService('minispark.proto', 'minispark.Scheduler')]);
  const client = new Service(target, grpc.credentials.createInsecure(), {
    ...CHANNEL_OPTIONS,
    'grpc.initial_reconnect_backoff_ms': 400,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  }) as unknown as SchedulerClient;
  const metadata = new grpc.Metadata();
  if (token !== null) metadata.set('authorization', `Bearer ${token}`);
  let abort = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      abort = () => reject(userError('CONNECT_ABORTED', `The attempt to reach the scheduler at ${target} was given up.`));
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort);
      client.waitForReady(Date.now() + connectMs, (error) => (error ? reject(unreachable(target, connectMs)) : resolve()));
    });
  } catch (error) {
    client.close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return { grpc, client, metadata };
}

function unreachable(target: string, waitedMs: number): MinisparkError {
  const message = `No scheduler answered at ${target} within ${waitedMs / 1000} s.`;
  const port = target.slice(target.lastIndexOf(':') + 1);
  return userError('SCHEDULER_UNREACHABLE', message, {
    hint: `Start one with \`minispark scheduler --port ${port}\`, or check the address and the firewall between`,
  });
}

/** What a broken call means. `target`: for people. */
export function callError(grpc: Grpc, error: ServiceError, target: string): MinisparkError {
  switch (error.code) {
    case grpc.status.UNAUTHENTICATED:
      return userError('TOKEN_REFUSED', `The scheduler at ${target} refused the token.`, {
        hint: 'Pass --token-file with the same secret on the scheduler, its workers and submit',
      });
    case grpc.status.UNIMPLEMENTED:
      return userError('PROTOCOL_MISMATCH', `What answers at ${target} is no scheduler of this version of minispark.`, {
        hint: 'Run the same version of minispark on every machine',
      });
    case grpc.status.RESOURCE_EXHAUSTED:
      return fatalError('MESSAGE_TOO_LARGE', `A message exceeds what gRPC carries: ${error.details}.`, { cause: error });
    default:
      return retryableError('SCHEDULER_LOST', `The connection to the scheduler at ${target} broke: ${error.details || error.message}.`, {
        cause: error,
        hint: 'Look into why the scheduler ended, then submit the job again',
      });
  }
}

/** Whether the caller showed the cluster's token. Compared in constant time. */
export function isAuthorized(metadata: Metadata, token: string | null): boolean {
  if (token === null) return true;
  const shown = String(metadata.get('authorization')[0] ?? '');
  return sameSecret(shown, `Bearer ${token}`);
}
