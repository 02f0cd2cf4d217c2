/**
 * Owns: a shuffle service at work: the block server over its directory, and the streams by which workers are attached to it (proto/shuffle.proto).
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { asMinisparkError, userError } from '../../core/errors.js';
import { isLoopback } from '../rpc/address.js';
import { isAuthorized } from '../rpc/channel.js';
import { loadGrpc, loadService } from '../rpc/load-proto.js';
import { PROTOCOL_VERSION } from '../rpc/messages.js';
import { startBlockServer } from './server.js';
import { ServiceDirectory } from './service-directory.js';

export interface ShuffleServiceOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Empty means the system's temporary directory. */
  readonly dir: string;
  /** The cluster's secret; null only on loopback. */
  readonly secret: string | null;
  /** How long files are kept of which nobody is there to tell when they may go. */
  readonly retainMs: number;
}

export interface ShuffleService {
  readonly endpoint: string;
  /** Where its files are. */
  readonly root: string;
  /** Frees the port and removes all files. */
  close(): Promise<void>;
}

interface FromAttached {
  readonly kind?: 'attach' | 'endedJob' | 'abandonedJob';
  readonly attach?: { readonly worker: string; readonly protocol: number };
  readonly endedJob?: string;
  readonly abandonedJob?: string;
}

/** Throws TOKEN_REQUIRED, PORT_IN_USE, CANNOT_LISTEN, SHUFFLE_DIR_UNUSABLE. */
export async function startShuffleService({ host, port, dir, secret, retainMs }: ShuffleServiceOptions): Promise<ShuffleService> {
  if (secret === null && !isLoopback(host)) {
    throw userError('TOKEN_REQUIRED', `Without a token a shuffle service on ${host} would take anybody for a worker.`, {
      hint: 'Pass --token-file with the secret of the cluster, or listen on 127.0.0.1',
    });
  }
  const [grpc, definition] = await Promise.all([loadGrpc(), loadService('shuffle.proto', 'minispark.ShuffleService')]);
  const directory = new ServiceDirectory(dir, retainMs);
  let endpoint = '';
  const attach = (call: ServerDuplexStream<FromAttached, object>) => {
    let worker: string | null = null;
    const refuse = (code: number, details: string) => call.emit('error', { code, details });
    if (!isAuthorized(call.metadata, secret)) return refuse(grpc.status.UNAUTHENTICATED, 'The token is missing or not the right one.');
    const leave = () => {
      if (worker !== null) directory.detach(worker);
      worker = null;
    };
    call.on('data', (frame: FromAttached) => {
      try {
        if (frame.attach) {
          const { protocol } = frame.attach;
          if (protocol !== PROTOCOL_VERSION) {
            return refuse(
              grpc.status.FAILED_PRECONDITION,
              `The worker speaks protocol ${protocol}, this shuffle service ${PROTOCOL_VERSION}.`,
            );
          }
          call.write({ endpoint, ...directory.attach(frame.attach.worker) });
          worker = frame.attach.worker;
        } else if (worker !== null && frame.endedJob) directory.endJob(worker, frame.endedJob);
        else if (worker !== null && frame.abandonedJob) directory.abandonJob(worker, frame.abandonedJob);
      } catch (thrown) {
        refuse(grpc.status.INTERNAL, asMinisparkError(thrown).message);
      }
    });
    call.on('end', () => {
      leave();
      call.end();
    });
    call.on('cancelled', leave);
    call.on('error', leave);
  };
  try {
    const server = await startBlockServer({
      host,
      port,
      findSource: directory.find,
      secret,
      services: [[definition.service, { Attach: attach }]],
    });
    endpoint = server.endpoint;
    return {
      endpoint,
      root: directory.root,
      async close() {
        await server.close();
        directory.close();
      },
    };
  } catch (error) {
    directory.close();
    throw error;
  }
}
