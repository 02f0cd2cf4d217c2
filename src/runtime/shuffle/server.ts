/**
 * Owns: the block server: a gRPC server that gives blocks to tasks elsewhere (proto/shuffle.proto), of one worker or of all that use a shuffle service.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { fatalError, userError } from '../../core/errors.js';
import { joinAddress } from '../rpc/address.js';
import { CHANNEL_OPTIONS } from '../rpc/channel.js';
import { type Grpc, loadGrpc, loadService } from '../rpc/load-proto.js';
import type { FindSource } from './block-source.js';
import { type FetchCall, serveFetch, withReadyChunks } from './serve-blocks.js';

export interface BlockServerOptions {
  readonly host: string;
  /** 0, the default, takes any free one. */
  readonly port?: number;
  readonly findSource: FindSource;
  /** What else it offers. */
  readonly services?: readonly (readonly [ServiceDefinition, UntypedServiceImplementation])[];
}

export interface BlockServer {
  /** `host:port` at which others reach it. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** A request names blocks by numbers: a thousand times as many as a shuffle has maps fit. */
const MAX_REQUEST_BYTES = 16 << 20;

/** Throws BLOCK_SERVER_FAILED where it cannot listen, and PORT_IN_USE. */
export async function startBlockServer({ host, port = 0, findSource, services = [] }: BlockServerOptions): Promise<BlockServer> {
  const [grpc, blocks] = await Promise.all([loadGrpc(), loadService('shuffle.proto', 'minispark.Blocks')]);
  const server = new grpc.Server({ ...CHANNEL_OPTIONS, 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  server.addService(withReadyChunks(blocks.service), {
    Fetch: (call: FetchCall) => void serveFetch(call, grpc, findSource),
  });
  for (const [definition, implementation] of services) server.addService(definition, implementation);
  const bound = await listen(server, grpc, host, port);
  return {
    endpoint: joinAddress(reachableHost(host), bound),
    async close() {
      server.forceShutdown();
    },
  };
}

function listen(server: Server, grpc: Grpc, host: string, port: number): Promise<number> {
  const address = joinAddress(host, port);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (!error) resolve(bound);
      else if (/EADDRINUSE/.test(error.message)) {
        reject(userError('PORT_IN_USE', `Port ${port} on ${host} is taken.`, { hint: 'Pass another --port, or 0 for any that is free' }));
      } else reject(fatalError('BLOCK_SERVER_FAILED', `The block server cannot listen on ${address}: ${error.message}.`));
    });
  });
}

/** A secret for the blocks of one worker. */
export const newToken = (): string => randomBytes(24).toString('base64url');

/** The name under which others reach a server that listens on `host`. */
export function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : host;
}
