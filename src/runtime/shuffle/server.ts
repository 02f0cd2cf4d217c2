/**
 * Owns: the block server: a gRPC server that gives blocks to tasks elsewhere (proto/shuffle.proto) and to clients of Arrow Flight; those of one
 * worker, or of all that use a shuffle service.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { joinAddress } from '../rpc/address.js';
import { CHANNEL_OPTIONS } from '../rpc/channel.js';
import { flightService } from '../rpc/flight.js';
import { bind } from '../rpc/listen.js';
import { loadGrpc, loadService } from '../rpc/load-proto.js';
import type { FindSource } from './block-source.js';
import { blockFlights } from './flight-blocks.js';
import { type FetchCall, serveFetch, withReadyChunks } from './serve-blocks.js';

export interface BlockServerOptions {
  readonly host: string;
  /** 0, the default, takes any free one. */
  readonly port?: number;
  readonly findSource: FindSource;
  /** The cluster's, which opens blocks to clients of Arrow Flight; null where it has none. */
  readonly secret: string | null;
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

/** Throws PORT_IN_USE and CANNOT_LISTEN. */
export async function startBlockServer({ host, port = 0, findSource, secret, services = [] }: BlockServerOptions): Promise<BlockServer> {
  const [grpc, blocks] = await Promise.all([loadGrpc(), loadService('shuffle.proto', 'minispark.Blocks')]);
  const server = new grpc.Server({ ...CHANNEL_OPTIONS, 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  server.addService(withReadyChunks(blocks.service), {
    Fetch: (call: FetchCall) => void serveFetch(call, grpc, findSource),
  });
  const flights = await flightService(blockFlights(findSource, secret));
  for (const [definition, implementation] of [flights, ...services]) server.addService(definition, implementation);
  const bound = await bind(grpc, server, host, port);
  return {
    endpoint: joinAddress(reachableHost(host), bound),
    async close() {
      server.forceShutdown();
    },
  };
}

/** A secret for the blocks of one worker. */
export const newToken = (): string => randomBytes(24).toString('base64url');

/** The name under which others reach a server that listens on `host`. */
export function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : host;
}
