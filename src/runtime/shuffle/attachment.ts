/**
 * Owns: a worker's attachment to the shuffle service of its host: one stream for as long as it writes there.
 * Receives the service's address; gives the directory to write to and what readers must know, and tells when the service is gone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js';
import { type MinisparkError, userError } from '../../core/errors.js';
import type { JobId, WorkerId } from '../../core/ids.js';
import { CHANNEL_OPTIONS } from '../rpc/channel.js';
import { type Grpc, loadGrpc, loadService } from '../rpc/load-proto.js';
import { PROTOCOL_VERSION, type Served } from '../rpc/messages.js';
import { PROOF_FILE } from './service-directory.js';

export interface Attachment {
  readonly served: Served;
  /** The worker's own directory there. */
  readonly dir: string;
  /** The job is over. */
  endJob(job: JobId): void;
  /** The worker will not hear of the job's end. */
  abandonJob(job: JobId): void;
  /** The files stay until their jobs end. */
  detach(): void;
}

export interface AttachOptions {
  /** `host:port`. */
  readonly address: string;
  readonly worker: WorkerId;
  /** The cluster's secret. */
  readonly secret: string | null;
  /** How long to wait for an answer; default 5 s. */
  readonly waitMs?: number;
  /** Called once, unless it was detached. */
  readonly onLost: () => void;
}

const ATTACH_MS = 5_000;

interface ServiceClient extends Client {
  attach(metadata: Metadata): ClientDuplexStream<object, Reply>;
}

type Reply = Served & { readonly dir: string; readonly proof: string };

/** Throws user errors SHUFFLE_SERVICE_UNREACHABLE, TOKEN_REFUSED and SHUFFLE_SERVICE_ELSEWHERE (it is on a host that shares no files with this one). */
export async function attachToService({ address, worker, secret, onLost, waitMs = ATTACH_MS }: AttachOptions): Promise<Attachment> {
  const [grpc, Service] = await Promise.all([loadGrpc(), loadService('shuffle.proto', 'minispark.ShuffleService')]);
  const client = new Service(address, grpc.credentials.createInsecure(), {
    ...CHANNEL_OPTIONS,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 400,
  }) as unknown as ServiceClient;
  const metadata = new grpc.Metadata();
  if (secret !== null) metadata.set('authorization', `Bearer ${secret}`);
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + waitMs, (error) => {
      if (!error) return resolve();
      client.close();
      reject(unreachable(address, `nothing answered within ${waitMs / 1000} s`));
    });
  });
  const call = client.attach(metadata);
  const end = () => {
    call.cancel();
    client.close();
  };
  let attached = false;
  try {
    const reply = await new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(() => reject(unreachable(address, `nothing answered within ${waitMs / 1000} s`)), waitMs);
      const over = (error: MinisparkError) => {
        clearTimeout(timer);
        if (!attached) return reject(error);
        attached = false;
        end();
        onLost();
      };
      call.on('data', (message: Reply) => {
        clearTimeout(timer);
        attached = true;
        resolve(message);
      });
      call.on('error', (error) => over(refused(grpc, error as ServiceError, address)));
      call.on('end', () => over(unreachable(address, 'it ended the stream')));
      call.write({ attach: { worker, protocol: PROTOCOL_VERSION } });
    });
    if (proofIn(reply.dir) !== reply.proof) throw elsewhere(address, reply.dir);
    return {
      served: { endpoint: reply.endpoint, token: reply.token },
      dir: reply.dir,
      endJob: (job) => attached && call.write({ endedJob: job }),
      abandonJob: (job) => attached && call.write({ abandonedJob: job }),
      detach() {
        if (!attached) return;
        attached = false;
        call.end();
        client.close();
      },
    };
  } catch (error) {
    attached = false;
    end();
    throw error;
  }
}

function proofIn(dir: string): string | null {
  try {
    return readFileSync(join(dir, PROOF_FILE), 'utf8');
  } catch {
    return null;
  }
}

function refused({ status }: Grpc, { code, details }: ServiceError, address: string): MinisparkError {
  if (code === status.UNAUTHENTICATED) {
    return userError('TOKEN_REFUSED', `The shuffle service at ${address} refused the token.`, {
      hint: 'Pass --token-file with the same secret to it and to its workers',
    });
  }
  if (code === status.FAILED_PRECONDITION || code === status.UNIMPLEMENTED) {
    return userError('PROTOCOL_MISMATCH', `What answers at ${address} is no shuffle service of this version of minispark: ${details}`, {
      hint: 'Run the same version of minispark on every machine',
    });
  }
  return unreachable(address, details);
}

function unreachable(address: string, why: string): MinisparkError {
  const port = address.slice(address.lastIndexOf(':') + 1);
  return userError('SHUFFLE_SERVICE_UNREACHABLE', `No shuffle service can be reached at ${address}: ${why}.`, {
    hint: `Start one on this host with \`minispark shuffle-service --port ${port}\``,
  });
}

function elsewhere(address: string, dir: string): MinisparkError {
  return userError(
    'SHUFFLE_SERVICE_ELSEWHERE',
    `The shuffle service at ${address} keeps its files in ${dir}, which is another directory here.`,
    {
      hint: 'Run a shuffle service on every host, or give its --dir a directory that both see under the same path',
    },
  );
}
