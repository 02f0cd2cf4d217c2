/** Owns: what `--master` may say, and opening the executor that it names. */
import { availableParallelism } from 'node:os';
import { userError } from '../../core/errors.js';
import type { Executor, ExecutorOptions } from './executor.js';

export type Master =
  | { readonly kind: 'local'; readonly slots: number }
  | { readonly kind: 'local-cluster'; readonly workers: number; readonly threads: number }
  | { readonly kind: 'grpc'; readonly address: string };

/** `local`, `local[N]`, `local[*]`, `local-cluster[W,T]`, `grpc://host:port`. Throws a user error INVALID_MASTER. */
export function parseMaster(text: string): Master {
  if (text === 'local') return { kind: 'local', slots: 1 };
  const local = /^local\[(\*|[1-9]\d{0,3})\]$/.exec(text);
  if (local) return { kind: 'local', slots: local[1] === '*' ? availableParallelism() : Number(local[1]) };
  const cluster = /^local-cluster\[([1-9]\d{0,2}),\s*([1-9]\d{0,2})\]$/.exec(text);
  if (cluster) return { kind: 'local-cluster', workers: Number(cluster[1]), threads: Number(cluster[2]) };
  const remote = /^grpc:\/\/(.+:\d{1,5})$/.exec(text);
  if (remote) return { kind: 'grpc', address: remote[1] };
  throw userError('INVALID_MASTER', `There is no master '${text}'.`, {
    hint: 'Masters: local, local[N], local[*], local-cluster[WORKERS,THREADS], grpc://host:port',
  });
}

/** The sockets of gRPC are loaded only where the master needs them. */
export async function openExecutor(master: Master, options: ExecutorOptions): Promise<Executor> {
  switch (master.kind) {
    case 'local': {
      const { openLocalExecutor } = await import('./local-executor.js');
      return openLocalExecutor(master.slots, options.config);
    }
    case 'local-cluster': {
      const { openLocalCluster } = await import('./local-cluster.js');
      return openLocalCluster(master.workers, master.threads, options);
    }
    case 'grpc': {
      const { openGrpcExecutor } = await import('./grpc-executor.js');
      return openGrpcExecutor(master.address, options);
    }
    default:
      return master satisfies never;
  }
}
