/**
 * Owns: answering a fetch of proto/shuffle.proto: heads of all blocks first, then their bytes, one chunk at a time.
 * The next chunk is read when the one before has left for the socket: a reader that is slow costs one chunk of memory, however much it asked for.
 */
import type { ServerWritableStream, ServiceDefinition } from '@grpc/grpc-js';
import { asMinisparkError, fatalError, type MinisparkError } from '../../core/errors.js';
import type { Grpc } from '../rpc/load-proto.js';
import { sameSecret } from '../rpc/secret.js';
import { type BlockHead, type FindSource, type Located, locateBlock, readBlockBytes } from './block-source.js';
import { windowBytes } from './read-ahead.js';

export const TOKEN_KEY = 'minispark-token';
/** Trailer that names the map whose block ended a stream. */
export const MAP_KEY = 'minispark-map';

export interface FetchRequest {
  /** Whose blocks. */
  readonly worker: string;
  readonly job: string;
  readonly shuffle: number;
  readonly partition: number;
  readonly maps: readonly number[];
  readonly attempts: readonly number[];
}

export interface Chunk {
  readonly heads: readonly BlockHead[];
  readonly data: Uint8Array;
}

export type FetchCall = ServerWritableStream<FetchRequest, Chunk | ReadyChunk>;

const CHUNK_BYTES = 256 << 10;
const NO_BYTES = new Uint8Array(0);

/** Ends the call with an error status where it cannot be answered; never throws. */
export async function serveFetch(call: FetchCall, grpc: Grpc, findSource: FindSource): Promise<void> {
  const fail = (code: number, details: string, map?: number) => {
    const metadata = new grpc.Metadata();
    if (map !== undefined) metadata.set(MAP_KEY, String(map));
    call.emit('error', { code, details, metadata });
  };
  const { worker, job, shuffle, partition, maps, attempts } = call.request;
  const source = findSource(worker);
  const shown = String(call.metadata.get(TOKEN_KEY)[0] ?? '');
  // Unknown workers take as long as wrong tokens, and get the same answer.
  if (!sameSecret(shown, source?.token ?? '') || source === null || shown === '') {
    fail(grpc.status.UNAUTHENTICATED, shown === '' ? 'No token was shown.' : `The token is not that of ${worker || 'a worker'}.`);
    return;
  }
  let current: Located | null = null;
  try {
    if (attempts.length !== maps.length)
      throw fatalError('INVALID_BLOCK_ID', `${attempts.length} attempts were named for ${maps.length} maps.`);
    const located = maps.map((map, i) => locateBlock(source, { job, shuffle, partition, map, attempt: attempts[i] }));
    await send(call, { heads: located.map(({ head }) => head), data: NO_BYTES });
    const chunks = chunksOf(located, (block) => {
      current = block;
    });
    for (const chunk of chunks) {
      if (call.cancelled) return;
      await send(call, chunk);
    }
    call.end();
  } catch (thrown) {
    const error = asMinisparkError(thrown);
    fail(statusOf(error, grpc), `${error.condition}: ${error.message}`, (current as Located | null)?.map);
  }
}

function statusOf({ condition }: MinisparkError, { status }: Grpc): number {
  if (condition === 'INVALID_BLOCK_ID') return status.INVALID_ARGUMENT;
  return condition === 'BLOCK_CORRUPT' || condition === 'BLOCK_NOT_FOUND' ? status.DATA_LOSS : status.INTERNAL;
}

/** A chunk as it goes on the wire: its bytes were read right behind the place of the message's header. */
export interface ReadyChunk {
  readonly wire: Buffer;
}

/** Field 2, length-delimited. */
const DATA_TAG = 0x12;
/** For the tag and a length of up to 28 bits. */
const HEADER_BYTES = 5;

/**
 * The bytes of all blocks, as ready chunks; small blocks share one. All are views of one buffer: a chunk is over when the next is asked for.
 * `onBlock` is told which block is being read.
 */
function* chunksOf(located: readonly Located[], onBlock: (block: Located) => void): Generator<ReadyChunk> {
  const total = located.reduce((sum, { head }) => sum + head.length, 0);
  const window = windowBytes(located.length);
  const buffer = Buffer.allocUnsafeSlow(HEADER_BYTES + Math.min(total, CHUNK_BYTES));
  let end = HEADER_BYTES;
  for (const block of located) {
    onBlock(block);
    for (let done = 0; done < block.head.length; ) {
      const count = Math.min(block.head.length - done, buffer.length - end);
      readBlockBytes(block, [done, count], buffer, end, window);
      done += count;
      end += count;
      if (end < buffer.length) continue;
      yield readyChunk(buffer, end);
      end = HEADER_BYTES;
    }
  }
  if (end > HEADER_BYTES) yield readyChunk(buffer, end);
}

function readyChunk(buffer: Buffer, end: number): ReadyChunk {
  const length = end - HEADER_BYTES;
  const header = [DATA_TAG];
  for (let rest = length; ; rest >>>= 7) {
    header.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  const start = HEADER_BYTES - header.length;
  buffer.set(header, start);
  return { wire: buffer.subarray(start, end) };
}

/** The service's definition with chunks sent as they are, which saves protobuf's copy of them. */
export function withReadyChunks(definition: ServiceDefinition): ServiceDefinition {
  const { Fetch, ...rest } = definition;
  const responseSerialize = (chunk: Chunk | ReadyChunk) => ('wire' in chunk ? chunk.wire : Fetch.responseSerialize(chunk));
  return { ...rest, Fetch: { ...Fetch, responseSerialize } as typeof Fetch };
}

/** Resolves when the chunk was handed to the socket; gRPC has made its own copy by the time this returns. A reader that went away ends the wait. */
function send(call: FetchCall, chunk: Chunk | ReadyChunk): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      call.off('cancelled', go);
      call.off('close', go);
      resolve();
    };
    call.on('cancelled', go);
    call.on('close', go);
    call.write(chunk, go);
  });
}
