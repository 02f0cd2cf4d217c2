/**
 * Owns: loading grpc-js and the .proto files, each once a thread and only when first needed (30 ms that `local` jobs need not pay).
 * Field names come in camelCase, int64 as numbers, bytes as Buffers, absent fields as their defaults; a oneof names its member in `<oneof>`.
 */
import type { GrpcObject, ServiceClientConstructor } from '@grpc/grpc-js';
import { fatalError } from '../../core/errors.js';
import { protoPath } from './proto-path.js';

export type Grpc = typeof import('@grpc/grpc-js');

let grpc: Promise<Grpc> | null = null;
const packages = new Map<string, Promise<GrpcObject>>();

/** The grpc-js module. */
export function loadGrpc(): Promise<Grpc> {
  grpc ??= import('@grpc/grpc-js').then(quiet);
  return grpc;
}

/** Its failures reach people as our errors; its own lines on stderr would only repeat them. GRPC_VERBOSITY brings them back. */
function quiet(module: Grpc): Grpc {
  if (process.env['GRPC_VERBOSITY'] === undefined) module.setLogVerbosity(module.logVerbosity.NONE);
  return module;
}

/** The packages that `proto/<file>` declares, by name: `(await loadProto('minispark.proto')).minispark`. Cached. */
export function loadProto(file: string): Promise<GrpcObject> {
  let loaded = packages.get(file);
  if (!loaded) {
    loaded = load(file);
    packages.set(file, loaded);
    loaded.catch(() => packages.delete(file));
  }
  return loaded;
}

/**
 * One service of a file: a client constructor whose `.service` is the definition a server takes.
 * `name` is full: `minispark.Scheduler`. Throws INTERNAL_ERROR where the file declares no such service.
 */
export async function loadService(file: string, name: string): Promise<ServiceClientConstructor> {
  let found: unknown = await loadProto(file);
  for (const part of name.split('.')) found = (found as Record<string, unknown> | undefined)?.[part];
  if (typeof found !== 'function') throw fatalError('INTERNAL_ERROR', `proto/${file} declares no service ${name}.`);
  return found as ServiceClientConstructor;
}

async function load(file: string): Promise<GrpcObject> {
  const [{ loadPackageDefinition }, { load: parse }] = await Promise.all([loadGrpc(), import('@grpc/proto-loader')]);
  return loadPackageDefinition(await parse(protoPath(file), { longs: Number, enums: String, defaults: true, oneofs: true }));
}
