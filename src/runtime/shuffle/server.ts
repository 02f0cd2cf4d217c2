/**
 * Owns: serving the blocks of a worker's store to tasks on other workers, over gRPC (proto/shuffle.proto).
 * Receives fetch requests that carry the worker's token; gives heads, then bytes in chunks, no faster than the reader takes them.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';
import type { Server, ServerWritableStream } from '@grpc/grpc-js';
import { asMinisparkError, fatalError } from '../../core/errors.js';
import type { WorkerId } from '../../core/ids.js';
import { joinAddress } from '../rpc/address.js';
import { CHANNEL_OPTIONS } from '../rpc/channel.js';
import { type Grpc, loadGrpc, loadService } from '../rpc/load-proto.js';
import type { BlockEntry } from './block-index.js';
import type { BlockStore } from './block-store.js';
import { blockPath } from './file-layout.js';
import type { KeptStore } from './kept-store.js';
import { readIndex, readRange } from './local-blocks.js';

export const TOKEN_KEY = 'minispark-token';
export type BlockState = 'FOUND' | 'NOT_FOUND' | 'CORRUPT';

export interface FetchRequest {
  readonly job: string;
  readonly shuffle: number;
  readonly partition: number;
  readonly maps: readonly number[];
  readonly attempts: readonly number[];
}

export interface BlockHead {
  readonly state: BlockState;
  readonly length: number;
  readonly rows: number;
  readonly crc: number;
}

export interface Chunk {
  readonly heads: readonly BlockHead[];
  readonly data: Uint8Array;
}

export interface BlockServer {
  /** `host:port` that it listens on. */
  readonly endpoint: string;
  /** What a reader must show. */
  readonly token: string;
  close(): Promise<void>;
}

const CHUNK_BYTES = 512 << 10;
const NO_BYTES = new Uint8Array(0);

interface Located {
  readonly head: BlockHead;
  readonly path: string;
  readonly offset: number;
  /** Where the block is in memory. */
  readonly bytes: Uint8Array | null;
}

/** Serves `store` on a free port of `host`; `worker` is who wrote the blocks. Throws BLOCK_SERVER_FAILED where it cannot listen. */
export async function startBlockServer(
  store: BlockStore,
  worker: WorkerId,
  host: string,
  kept: KeptStore | null = null,
): Promise<BlockServer> {
  const [grpc, service] = await Promise.all([loadGrpc(), loadService('shuffle.proto', 'minispark.Blocks')]);
  const token = randomBytes(24).toString('base64url');
  const server = new grpc.Server(CHANNEL_OPTIONS);
  server.addService(service.service, {
    Fetch: (call: ServerWritableStream<FetchRequest, Chunk>) => {
      serve(call, grpc, (i) => locate(store, worker, call.request, i, kept), token).catch((thrown) => {
        const { condition, message } = asMinisparkError(thrown);
        call.emit('error', { code: grpc.status.INTERNAL, details: `${condition}: ${message}` });
      });
    },
  });
  const bound = await listen(server, grpc, host);
  return {
    endpoint: joinAddress(reachableHost(host), bound),
    token,
    async close() {
      server.forceShutdown();
    },
  };
}

function listen(server: Server, grpc: Grpc, host: string): Promise<number> {
  const address = joinAddress(host, 0);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(fatalError('BLOCK_SERVER_FAILED', `The block server cannot listen on ${address}: ${error.message}.`));
      else resolve(bound);
    });
  });
}

/** The name under which others reach a server that listens on `host`. */
export function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : host;
}

async function serve(
  call: ServerWritableStream<FetchRequest, Chunk>,
  grpc: Grpc,
  find: (i: number) => Located,
  token: string,
): Promise<void> {
  const shown = String(call.metadata.get(TOKEN_KEY)[0] ?? '');
  if (!sameText(shown, token)) {
    call.emit('error', { code: grpc.status.UNAUTHENTICATED, details: 'The token is not that of this worker.' });
    return;
  }
  const located = call.request.maps.map((_, i) => find(i));
  await send(call, { heads: located.map(({ head }) => head), data: NO_BYTES });
  for await (const data of chunksOf(located, call)) await send(call, { heads: [], data });
  call.end();
}

function locate(
  store: BlockStore,
  worker: WorkerId,
  { job, shuffle, partition, maps, attempts }: FetchRequest,
  i: number,
  kept: KeptStore | null,
): Located {
  const inMemory = kept?.find({ home: job, map: maps[i], attempt: attempts[i] ?? 0 });
  if (inMemory?.bytes) {
    const { bytes, rows, crc } = inMemory;
    return { head: { state: 'FOUND', length: bytes.length, rows, crc }, path: '', offset: 0, bytes };
  }
  const dataPath = store.dataPath(job, shuffle, maps[i], attempts[i] ?? 0);
  let path = dataPath;
  let entry: BlockEntry | null = null;
  let state: BlockState = 'NOT_FOUND';
  try {
    const index = readIndex(dataPath);
    const same = index?.identity.worker === worker && index.identity.map === maps[i] && index.identity.shuffle === shuffle;
    if (index && same) {
      entry = index.entry(partition);
      path = blockPath(dataPath, index.layout, partition);
      state = 'FOUND';
    }
  } catch {
    state = 'CORRUPT';
  }
  const { length, rows, crc, offset } = entry ?? { length: 0, rows: 0, crc: 0, offset: 0 };
  return { head: { state, length, rows, crc }, path, offset, bytes: null };
}

/** The bytes of all blocks in chunks; small blocks share one. */
async function* chunksOf(located: readonly Located[], call: { readonly cancelled: boolean }): AsyncGenerator<Uint8Array> {
  let left = located.reduce((sum, { head }) => sum + head.length, 0);
  let chunk = Buffer.allocUnsafeSlow(Math.min(left, CHUNK_BYTES));
  let filled = 0;
  for (const { head, path, offset, bytes } of located) {
    for (let done = 0; done < head.length; ) {
      if (call.cancelled) return;
      const count = Math.min(head.length - done, chunk.length - filled);
      if (bytes) chunk.set(bytes.subarray(done, done + count), filled);
      else readRange(path, offset + done, count, chunk, filled);
      done += count;
      filled += count;
      left -= count;
      if (filled < chunk.length) continue;
      yield chunk;
      chunk = Buffer.allocUnsafeSlow(Math.min(left, CHUNK_BYTES));
      filled = 0;
    }
  }
}

/** Waits for the reader where it is slower than this; a reader that went away ends the wait. */
function send(call: ServerWritableStream<FetchRequest, Chunk>, chunk: Chunk): Promise<void> {
  if (call.write(chunk) || call.cancelled) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      call.off('drain', go);
      call.off('cancelled', go);
      call.off('close', go);
      resolve();
    };
    call.on('drain', go);
    call.on('cancelled', go);
    call.on('close', go);
  });
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
