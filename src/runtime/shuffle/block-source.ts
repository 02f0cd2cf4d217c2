/**
 * Owns: finding the blocks that a request names, in a worker's files or in its memory, and reading their bytes.
 * Receives numbers and ids from the wire: whatever they say, no path leaves the worker's store.
 */
import { asMinisparkError } from '../../core/errors.js';
import type { WorkerId } from '../../core/ids.js';
import type { BlockEntry } from './block-index.js';
import type { BlockStore } from './block-store.js';
import { blockPath } from './file-layout.js';
import type { KeptStore } from './kept-store.js';
import { readIndex, readRange } from './local-blocks.js';

/** A worker's blocks, as a server offers them. */
export interface BlockSource {
  readonly worker: WorkerId;
  /** What a reader must show. */
  readonly token: string;
  readonly store: BlockStore;
  /** Of a worker that serves its own. */
  readonly kept: KeptStore | null;
}

/** Null for a worker whose blocks are not here. */
export type FindSource = (worker: WorkerId) => BlockSource | null;

export type BlockState = 'FOUND' | 'NOT_FOUND' | 'CORRUPT';

export interface BlockHead {
  readonly state: BlockState;
  readonly length: number;
  readonly rows: number;
  readonly crc: number;
}

export interface Located {
  readonly map: number;
  readonly head: BlockHead;
  readonly path: string;
  readonly offset: number;
  /** Where the block is in memory. */
  readonly bytes: Uint8Array | null;
}

export interface BlockName {
  /** The job; of a kept partition its home. */
  readonly job: string;
  readonly shuffle: number;
  readonly partition: number;
  readonly map: number;
  readonly attempt: number;
}

/** Throws INVALID_BLOCK_ID for a job or number that is none. */
export function locateBlock({ store, worker, kept }: BlockSource, { job, shuffle, partition, map, attempt }: BlockName): Located {
  const inMemory = kept?.find({ home: job, map, attempt });
  if (inMemory?.bytes) {
    const { bytes, rows, crc } = inMemory;
    return { map, head: { state: 'FOUND', length: bytes.length, rows, crc }, path: '', offset: 0, bytes };
  }
  const dataPath = store.dataPath(job, shuffle, map, attempt);
  let path = dataPath;
  let entry: BlockEntry | null = null;
  let state: BlockState = 'NOT_FOUND';
  try {
    const index = readIndex(dataPath);
    const same = index?.identity.worker === worker && index.identity.map === map && index.identity.shuffle === shuffle;
    if (index && same) {
      entry = index.entry(partition);
      path = blockPath(dataPath, index.layout, partition);
      state = 'FOUND';
    }
  } catch (thrown) {
    // No fault of the block: the reader asks again.
    if (asMinisparkError(thrown).condition === 'TOO_MANY_OPEN_FILES') throw thrown;
    state = 'CORRUPT';
  }
  const { length, rows, crc, offset } = entry ?? { length: 0, rows: 0, crc: 0, offset: 0 };
  return { map, head: { state, length, rows, crc }, path, offset, bytes: null };
}

/** Copies `count` bytes of a block from `from` on to `at`; `window` as for `readRange`. Throws BLOCK_NOT_FOUND and BLOCK_CORRUPT. */
export function readBlockBytes(
  { bytes, path, offset }: Located,
  [from, count]: readonly [number, number],
  target: Uint8Array,
  at: number,
  window = 0,
): void {
  if (bytes) target.set(bytes.subarray(from, from + count), at);
  else readRange(path, offset + from, count, target, at, window);
}
