/**
 * Owns: addresses of schedulers (`grpc://host:port` or `host:port`) and which hosts are this machine alone.
 */
import { isIPv6 } from 'node:net';
import { userError } from '../../core/errors.js';

/** `grpc://host:port` → `host:port`, as gRPC takes it. Throws INVALID_ADDRESS. */
export function parseAddress(address: string): string {
  const match = /^(?:grpc:\/\/)?(\[[0-9a-f:.]+\]|[^\s:/[\]]+):(\d{1,5})\/?$/i.exec(address);
  if (!match || Number(match[2]) > 65_535) {
    throw userError('INVALID_ADDRESS', `'${address}' is no address of a scheduler.`, { hint: 'It looks like grpc://host:7077' });
  }
  return `${match[1]}:${match[2]}`;
}

export function joinAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this machine can reach a server on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
