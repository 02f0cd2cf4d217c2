/** Owns: having a gRPC server listen, what it means to a person where it cannot, and having it end. */
import type { Server } from '@grpc/grpc-js';
import { userError } from '../../core/errors.js';
import { joinAddress } from './address.js';
import type { Grpc } from './load-proto.js';

/** Gives the port; 0 takes any that is free. Throws PORT_IN_USE and CANNOT_LISTEN. */
export function bind(grpc: Grpc, server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(joinAddress(host, port), grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (!error) resolve(bound);
      else if (/EADDRINUSE/.test(error.message)) {
        reject(userError('PORT_IN_USE', `Port ${port} on ${host} is taken.`, { hint: 'Pass another --port, or 0 for any that is free' }));
      } else reject(cannotListen(joinAddress(host, port), error.message));
    });
  });
}

/** How long calls may take to come to their end. */
const CLOSE_MS = 1_000;

/** Lets what is queued go out, then ends by force. */
export function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, CLOSE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** gRPC wraps what the system said into a sentence of its own. */
function cannotListen(address: string, message: string) {
  const reason = /listen (?:EADDRNOTAVAIL|EACCES): ([a-z ]+)/.exec(message)?.[1].trim() ?? message;
  return userError('CANNOT_LISTEN', `Cannot listen on ${address}: ${reason}.`, { hint: 'Check --host and --port' });
}
