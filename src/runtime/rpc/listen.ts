/** Owns: having a gRPC server listen, and what it means to a person where it cannot. */
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

/** gRPC wraps what the system said into a sentence of its own. */
function cannotListen(address: string, message: string) {
  const reason = /listen (?:EADDRNOTAVAIL|EACCES): ([a-z ]+)/.exec(message)?.[1].trim() ?? message;
  return userError('CANNOT_LISTEN', `Cannot listen on ${address}: ${reason}.`, { hint: 'Check --host and --port' });
}
