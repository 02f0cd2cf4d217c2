/** Owns: `grpc://host:port`: jobs go to a standing scheduler, events and rows come back on the same stream. */
import { readFileSync } from 'node:fs';
import { userError } from '../../core/errors.js';
import { cachesMadeBy } from '../../planner/stages/graph.js';
import { openKeepStream } from '../rpc/keep-stream.js';
import { schedulerStatus, submitJob } from '../rpc/submit-job.js';
import type { Executor, ExecutorOptions } from './executor.js';
import { KeptThings } from './kept-things.js';

/**
 * Asks the scheduler for its slots at once, so that a wrong address fails before anything else; and again at each plan, since workers come and go.
 * Throws SCHEDULER_UNREACHABLE, CONNECT_ABORTED, TOKEN_REFUSED, INVALID_CONFIG.
 */
export async function openGrpcExecutor(address: string, { config, tokenFile, signal }: ExecutorOptions): Promise<Executor> {
  if (config.get('shuffle.dir') !== '') {
    throw userError('INVALID_CONFIG', 'A job cannot choose shuffle.dir on a standing cluster.', {
      hint: 'Start its workers with `minispark worker --dir`',
    });
  }
  if (config.get('shuffle.service') === 'true') {
    throw userError('INVALID_CONFIG', 'A job cannot choose shuffle.service on a standing cluster.', {
      hint: 'Start its workers with `minispark worker --shuffle-service`',
    });
  }
  const token = readToken(tokenFile);
  const slots = async () => (await schedulerStatus(address, token, { signal })).slots;
  await slots();
  const kept = new KeptThings(() => openKeepStream(address, token));
  return {
    slots,
    async *run({ job, name, graph, config, bundle, signal, blobs }, onEvent) {
      const caches = cachesMadeBy(graph);
      if (blobs.length > 0 || caches.length > 0) await kept.hold(caches);
      yield* submitJob(address, { job, name, graph, config, bundle, blobs }, { token, signal, onEvent });
    },
    share: (id, bytes) => kept.share(id, bytes),
    release: (ids) => kept.release(ids),
    close: () => kept.close(),
  };
}

/** Null without a file. Throws a user error FILE_NOT_READABLE. */
export function readToken(path: string | undefined): string | null {
  if (path === undefined) return null;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw userError('FILE_NOT_READABLE', `The token file ${path} ${absent ? 'is not there' : 'cannot be read'}.`, {
      hint: absent
        ? `The scheduler makes it when it starts with --token-file ${path}; a worker on another machine needs a copy`
        : 'It is for its owner alone: run as the user who started the scheduler, or take a copy',
      cause,
    });
  }
}
