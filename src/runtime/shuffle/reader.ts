/**
 * Owns: reading one reduce partition: its block of every map output, from files of this host or from other workers, in order of maps.
 * Gives batches of about `batchRows` rows; whatever cannot be had or trusted becomes FETCH_FAILED, never wrong rows; files of its own, SPILL_DAMAGED.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { asMinisparkError, type FetchFailure, fatalError, fetchFailed, type MinisparkError, retryableError } from '../../core/errors.js';
import { Arena } from '../../data/arena.js';
import type { Batch } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { decodeStream } from '../../data/ipc.js';
import { batchBytes } from '../../data/size.js';
import type { Schema } from '../../data/types.js';
import type { MapOutput } from '../rpc/messages.js';
import { type FetchedBlock, removeFetched } from './arriving-block.js';
import type { FetchPatience } from './fetch.js';
import { blockPath, indexPath } from './file-layout.js';
import { LARGE_BLOCK_BYTES, type LargeBlock, readLargeBlock } from './large-block.js';
import { readIndex, readRange, removedDirectories } from './local-blocks.js';
import { windowBytes } from './read-ahead.js';
import { RemoteBlocks } from './remote-blocks.js';

export interface ReadOptions {
  readonly job: string;
  readonly shuffle: number;
  readonly schema: Schema;
  /** Small blocks are joined to batches of so many rows or bytes. */
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Bytes that may be requested from other workers and not yet read; one request is always allowed. */
  readonly bytesInFlight: number;
  /** Blocks above this many bytes are not held whole where their file is here; 8 MiB unless a test wants less. */
  readonly largeBytes?: number;
  readonly patience: FetchPatience;
  /** The directory for what comes from other workers and is too large to be held; made when there is something to put there. */
  readonly spillDir: () => string;
  /** Told of bytes that went there. */
  readonly onSpill?: (bytes: number) => void;
  /** Told of every block. */
  readonly onBlock?: (bytes: number, rows: number, remote: boolean) => void;
}

/** What goes wrong in this task and not with the map whose block it reads. */
const OWN_FAULTS = ['TOO_MANY_OPEN_FILES', 'SPILL_DAMAGED'];

let fetchedFiles = 0;

/** The rows of `partition`. The order of rows is that of maps, wherever the blocks lie. Throws FETCH_FAILED. */
export async function* readBlocks(outputs: readonly MapOutput[], partition: number, options: ReadOptions): AsyncGenerator<Batch> {
  const { job, shuffle, bytesInFlight, patience, largeBytes = LARGE_BLOCK_BYTES, spillDir, onSpill = () => {} } = options;
  const wanted = outputs.filter((output) => bytesOf(output, partition) > 0).sort((a, b) => a.map - b.map);
  const removed = removedDirectories(wanted.map(({ path }) => path));
  // What was here and has gone is not asked for elsewhere: nobody else has it.
  const local = new Set(wanted.filter((output) => removed.has(dirname(output.path)) || isLocal(output, shuffle)));
  const remote = new RemoteBlocks(
    wanted.filter((output) => !local.has(output)),
    { job, shuffle, partition, bytesInFlight, patience, spillPath: () => join(spillDir(), `fetched-${fetchedFiles++}`), onSpill },
  );
  const joiner = new BatchJoiner(options);
  const read = { shuffle, partition, arena: new Arena(), wanted, largeBytes, window: windowBytes(wanted.length, bytesInFlight) };
  try {
    for (const output of wanted) {
      const here = local.has(output);
      const block = here ? readLocal(output, read) : await remote.take(output);
      options.onBlock?.('range' in block ? block.range.length : block.bytes.length, block.rows, !here);
      const batches = 'range' in block ? decodeLarge(block, output, options) : decode(block, output, options);
      for (const batch of batches) yield* joiner.add(batch);
    }
    yield* joiner.end();
  } finally {
    remote.close();
  }
}

function bytesOf({ bytes, map }: MapOutput, partition: number): number {
  if (partition < bytes.length) return bytes[partition];
  throw fatalError('INTERNAL_ERROR', `Map ${map} wrote ${bytes.length} partitions; partition ${partition} was asked for.`);
}

/** Whether the output's files are on this host: an index of the very same output lies there. A worker without a server has no other way. */
function isLocal(output: MapOutput, shuffle: number): boolean {
  return guarded(output, shuffle, () => {
    const index = readIndex(output.path);
    if (index === null) {
      if (output.endpoint !== '') return false;
      throw fatalError('BLOCK_NOT_FOUND', `The shuffle file ${output.path} is gone.`);
    }
    const { worker, map, attempt } = index.identity;
    return worker === output.worker && map === output.map && attempt === output.attempt && index.identity.shuffle === shuffle;
  });
}

interface LocalRead {
  readonly shuffle: number;
  readonly partition: number;
  readonly arena: Arena;
  readonly wanted: readonly MapOutput[];
  readonly largeBytes: number;
  /** Bytes to read at once where blocks are small. */
  readonly window: number;
}

function readLocal(output: MapOutput, { shuffle, partition, arena, wanted, largeBytes, window }: LocalRead): FetchedBlock | LargeBlock {
  const read = (): FetchedBlock | LargeBlock => {
    const index = readIndex(output.path);
    if (index === null) throw retryableError('BLOCK_NOT_FOUND', `The shuffle file ${output.path} is gone.`);
    const entry = index.entry(partition);
    const path = blockPath(output.path, index.layout, partition);
    if (entry.length > largeBytes) return { range: { ...entry, path }, rows: entry.rows, isOwn: false };
    const bytes = arena.take(entry.length);
    readRange(path, entry.offset, entry.length, bytes, 0, window);
    if (crc32(bytes) !== entry.crc) throw fatalError('BLOCK_CORRUPT', `A block of ${output.path} does not match its checksum.`);
    return { bytes, rows: entry.rows };
  };
  return guarded(output, shuffle, read, ({ condition }) => (condition === 'BLOCK_NOT_FOUND' ? lostWith(output, wanted) : null));
}

/** A file that has gone has seldom gone alone: whoever kept it has ended and tidied up. */
function lostWith({ endpoint, map }: MapOutput, wanted: readonly MapOutput[]): Pick<FetchFailure, 'maps' | 'endpoint'> {
  const gone = wanted.filter((output) => output.endpoint === endpoint && output.map !== map && !existsSync(indexPath(output.path)));
  return { maps: [map, ...gone.map((output) => output.map)], endpoint };
}

function* decodeLarge(block: LargeBlock, output: MapOutput, { shuffle, schema }: ReadOptions): Generator<Batch> {
  const batches = readLargeBlock(block);
  let decoded = 0;
  try {
    for (;;) {
      const next = guarded(output, shuffle, () => batches.next());
      if (next.done) break;
      decoded += next.value.length;
      guarded(output, shuffle, () => checkColumns(next.value, schema));
      yield next.value;
    }
  } finally {
    batches.return(undefined);
    removeFetched(block);
  }
  guarded(output, shuffle, () => checkRows(decoded, block.rows));
}

function checkColumns(batch: Batch, schema: Schema): void {
  if (batch.columns.length !== schema.fields.length) throw fatalError('BLOCK_CORRUPT', 'A shuffle block has other columns than its stage.');
}

function checkRows(decoded: number, rows: number): void {
  if (decoded !== rows) throw fatalError('BLOCK_CORRUPT', `A shuffle block has ${decoded} rows where its index says ${rows}.`);
}

function decode({ bytes, rows }: FetchedBlock, output: MapOutput, { shuffle, schema }: ReadOptions): readonly Batch[] {
  return guarded(output, shuffle, () => {
    const { batches } = decodeStream(bytes);
    let decoded = 0;
    for (const batch of batches) {
      decoded += batch.length;
      checkColumns(batch, schema);
    }
    checkRows(decoded, rows);
    return batches;
  });
}

/** Turns whatever `action` throws into FETCH_FAILED of that map, or of all that `lostBy` says. */
function guarded<T>(
  output: MapOutput,
  shuffle: number,
  action: () => T,
  lostBy: (error: MinisparkError) => Pick<FetchFailure, 'maps' | 'endpoint'> | null = () => null,
): T {
  try {
    return action();
  } catch (thrown) {
    const error = asMinisparkError(thrown);
    // The block is there: making it again would not help, another try of this task may.
    if (OWN_FAULTS.includes(error.condition)) throw error;
    throw fetchFailed({ shuffle, worker: output.worker, ...(lostBy(error) ?? { maps: [output.map] }) }, error.message, error);
  }
}

/** Joins small batches, keeps their order, and lets large ones pass uncopied. */
class BatchJoiner {
  private readonly options: ReadOptions;
  private pending: Batch[] = [];
  private rows = 0;
  private bytes = 0;

  constructor(options: ReadOptions) {
    this.options = options;
  }

  *add(batch: Batch): Generator<Batch> {
    if (batch.length === 0) return;
    const large = batch.length >= this.options.batchRows / 2;
    if (large) {
      yield* this.end();
      yield batch;
      return;
    }
    this.pending.push(batch);
    this.rows += batch.length;
    this.bytes += batchBytes(batch);
    if (this.rows >= this.options.batchRows || this.bytes >= this.options.batchBytes) yield* this.end();
  }

  *end(): Generator<Batch> {
    if (this.pending.length === 0) return;
    const joined = concatBatches(this.options.schema, this.pending);
    this.pending = [];
    this.rows = 0;
    this.bytes = 0;
    yield joined;
  }
}
