/**
 * Owns: kept partitions on both ends of a task: the writer of one, and reading one from shared memory, this host's files or another worker.
 */
import { asMinisparkError, fatalError, fetchFailed, fetchFailureOf, toWireError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { decodeStream } from '../../data/ipc.js';
import type { Schema } from '../../data/types.js';
import type { MutableMetrics, ShuffleWriteResult, ShuffleWriter, TaskContext } from '../../engine/exec/task-context.js';
import type { ShuffleOutput } from '../../planner/physical/operators.js';
import type { MapOutput } from '../rpc/messages.js';
import type { KeptBlock } from '../shuffle/kept-store.js';
import { KeptWriter } from '../shuffle/kept-writer.js';
import { readBlocks } from '../shuffle/reader.js';
import type { TaskHost } from './run-request.js';
import type { KeptBytes } from './task-request.js';

/** A writer of one partition, which `written` then describes to the worker. */
export interface KeptTaskWriter extends ShuffleWriter {
  written(): KeptBlock | null;
}

/** A task's share of memory holds the partition while it is made; a larger one goes to a file. */
export function openKeptWriter(
  keep: NonNullable<ShuffleOutput['keep']>,
  schema: Schema,
  { key, config }: TaskContext,
  host: TaskHost,
): KeptTaskWriter {
  const { cache, level } = keep;
  const home = `${cache}.${key.job}`;
  const { partition: map, attempt } = key;
  const dataPath = host.store.prepareDataPath(home, 0, map, attempt);
  const memoryBytes = level === 'DISK_ONLY' ? 0 : Math.min(config.get('memory'), config.get('cache.memory'));
  const writer = new KeptWriter({ schema, identity: { worker: host.worker, shuffle: 0, map, attempt }, dataPath, memoryBytes });
  let block: KeptBlock | null = null;
  return {
    write: (batch) => writer.write(batch),
    async finish(): Promise<ShuffleWriteResult> {
      block = { cache, home, map, attempt, mayUseDisk: level !== 'MEMORY_ONLY', ...writer.finish() };
      return { path: dataPath, bytes: [block.size], rows: [block.rows] };
    },
    abort: () => writer.abort(),
    written: () => block,
  };
}

export interface KeptRead {
  readonly output: MapOutput;
  /** The job's number of the cache, for recovery. */
  readonly shuffle: number;
  readonly schema: Schema;
  readonly inMemory: readonly KeptBytes[];
  readonly metrics: MutableMetrics;
  readonly config: TaskContext['config'];
}

/** Throws FETCH_FAILED where the partition cannot be had: the scheduler has it computed again. */
export async function* readKeptPartition({ output, shuffle, schema, inMemory, metrics, config }: KeptRead): AsyncGenerator<Batch> {
  const { home, map, bytes } = output;
  if (home === undefined) throw fatalError('INTERNAL_ERROR', `Partition ${map} of shuffle ${shuffle} is not one that is kept.`);
  if (bytes[0] === 0) return;
  const here = inMemory.find((kept) => kept.home === home && kept.map === map);
  if (here) {
    metrics.cacheReadBytes += here.bytes.length;
    for (const batch of decodeStream(here.bytes).batches) {
      metrics.cacheReadRows += batch.length;
      yield batch;
    }
    return;
  }
  const onBlock = (blockBytes: number, rows: number, remote: boolean) => {
    metrics.cacheReadBytes += blockBytes;
    metrics.cacheReadRows += rows;
    if (remote) metrics.shuffleRemoteBytes += blockBytes;
  };
  const options = {
    job: home,
    shuffle: 0,
    schema,
    batchRows: config.get('batch.rows'),
    batchBytes: config.get('batch.bytes'),
    bytesInFlight: config.get('shuffle.fetchBytesInFlight'),
    onBlock,
  };
  try {
    yield* readBlocks([output], 0, options);
  } catch (thrown) {
    // The store's numbers are not the job's.
    if (fetchFailureOf(toWireError(thrown)) === null) throw thrown;
    throw fetchFailed({ shuffle, maps: [map], worker: output.worker }, asMinisparkError(thrown).message, thrown);
  }
}
