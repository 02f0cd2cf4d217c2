/** Owns: reading a kept partition: from memory that this process shares, from a file of this host, or from the worker that has it. */
import { asMinisparkError, fatalError, fetchFailed, fetchFailureOf, toWireError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { decodeStream } from '../../data/ipc.js';
import type { MapOutput } from '../rpc/messages.js';
import { type ReadOptions, readBlocks } from './reader.js';

export interface KeptReadOptions extends Omit<ReadOptions, 'job'> {
  /** The partition's bytes, where they are in memory here. */
  readonly bytes: Uint8Array | null;
}

/** All columns. `shuffle` is the job's number of the cache. Throws FETCH_FAILED where it cannot be had: the scheduler has it computed again. */
export async function* readKept(output: MapOutput, { bytes, shuffle, ...options }: KeptReadOptions): AsyncGenerator<Batch> {
  const { home, map } = output;
  if (home === undefined) throw fatalError('INTERNAL_ERROR', `Partition ${map} of shuffle ${shuffle} is not one that is kept.`);
  if (output.bytes[0] === 0) return;
  if (bytes) {
    const { batches } = decodeStream(bytes);
    const rows = batches.reduce((sum, batch) => sum + batch.length, 0);
    options.onBlock?.(bytes.length, rows, false);
    yield* batches;
    return;
  }
  try {
    yield* readBlocks([output], 0, { ...options, job: home, shuffle: 0 });
  } catch (thrown) {
    // The store's numbers are not the job's.
    if (fetchFailureOf(toWireError(thrown)) === null) throw thrown;
    throw fetchFailed({ shuffle, maps: [map], worker: output.worker }, asMinisparkError(thrown).message, thrown);
  }
}
