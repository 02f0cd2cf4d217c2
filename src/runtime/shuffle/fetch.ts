/**
 * Owns: fetching blocks of one reduce partition from one other worker: one gRPC stream, tried again where the wire was at fault.
 * Receives which maps' blocks are wanted, gives each as it is whole and its checksum holds. Clients are kept, one an endpoint and thread.
 */
import type { Client, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { asMinisparkError, type MinisparkError, retryableError } from '../../core/errors.js';
import { backoffMs } from '../rpc/backoff.js';
import { CHANNEL_OPTIONS } from '../rpc/channel.js';
import { type Grpc, loadGrpc, loadService } from '../rpc/load-proto.js';
import { type ArrivingBlock, type BlockSpace, expectBlock, type FetchedBlock } from './arriving-block.js';
import type { BlockHead } from './block-source.js';
import type { LargeBlock } from './large-block.js';
import { type Chunk, type FetchRequest, MAP_KEY, TOKEN_KEY } from './serve-blocks.js';

/** How patient a fetch is. */
export interface FetchPatience {
  /** Tries in a row that give no block, the first included. */
  readonly tries: number;
  /** A stream that gives nothing for so long is given up; 0 never. */
  readonly stallMs: number;
  /** For the waits in between; Math.random unless a test wants them known. */
  readonly random?: () => number;
}

export interface Fetch {
  readonly endpoint: string;
  readonly token: string;
  readonly request: FetchRequest;
  readonly space: BlockSpace;
  readonly signal: AbortSignal;
  readonly patience: FetchPatience;
  /** Called once for each of request.maps, in their order. */
  readonly onBlock: (block: FetchedBlock | LargeBlock) => void;
}

/** The disk here refuses what has come: no fault of the block, nor of who sent it. */
const OWN_DISK = ['DISK_FULL', 'TOO_MANY_OPEN_FILES', 'SHUFFLE_WRITE_FAILED'];
/** Conditions that another try cannot mend. */
const FINAL = new Set([
  ...OWN_DISK,
  ...['BLOCK_NOT_FOUND', 'BLOCK_UNREADABLE', 'BLOCK_REFUSED', 'UNAUTHENTICATED', 'FETCH_ABORTED', 'INTERNAL_ERROR'],
]);
const BACKOFF = { firstMs: 200, factor: 4, mostMs: 5_000 };
const LAST_CHANCE_MS = 500;

/** A connection that broke is opened again no later than the second try. */
const CLIENT_OPTIONS = { ...CHANNEL_OPTIONS, 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/**
 * Ends when all blocks were given. Errors, with `data.map` where one block is at fault: BLOCK_NOT_FOUND, BLOCK_CORRUPT, BLOCK_UNREADABLE (its
 * files are damaged), BLOCK_REFUSED, UNAUTHENTICATED, WORKER_UNREACHABLE (after all tries), FETCH_ABORTED; and those of `isOwnDisk`.
 */
export async function fetchBlocks(fetch: Fetch): Promise<void> {
  const { tries, random } = fetch.patience;
  let received = 0;
  const onBlock = (block: FetchedBlock | LargeBlock) => {
    received++;
    fetch.onBlock(block);
  };
  let failures = 0;
  for (;;) {
    const before = received;
    const { maps, attempts } = fetch.request;
    const request = { ...fetch.request, maps: maps.slice(received), attempts: attempts.slice(received) };
    try {
      return await fetchOnce({ ...fetch, request, onBlock });
    } catch (thrown) {
      const error = asMinisparkError(thrown);
      // A connection that breaks now and then, but moves blocks in between, is good enough.
      failures = received > before ? 1 : failures + 1;
      if (FINAL.has(error.condition) || failures >= tries) throw error;
    }
    await pause(backoffMs(failures, BACKOFF, random), fetch.signal);
  }
}

export function isOwnDisk({ condition }: MinisparkError): boolean {
  return OWN_DISK.includes(condition);
}

interface BlocksClient extends Client {
  fetch(request: FetchRequest, metadata: unknown): ClientReadableStream<Chunk>;
}

const clients = new Map<string, BlocksClient>();

/** Closes this thread's connections to other workers. */
export function closeBlockClients(): void {
  for (const client of clients.values()) client.close();
  clients.clear();
}

async function clientOf(endpoint: string, grpc: Grpc): Promise<BlocksClient> {
  const Service = await loadService('shuffle.proto', 'minispark.Blocks');
  let client = clients.get(endpoint);
  if (!client) {
    client = new Service(endpoint, grpc.credentials.createInsecure(), CLIENT_OPTIONS) as unknown as BlocksClient;
    clients.set(endpoint, client);
  }
  return client;
}

async function fetchOnce(fetch: Fetch): Promise<void> {
  const grpc = await loadGrpc();
  const client = await clientOf(fetch.endpoint, grpc);
  if (fetch.signal.aborted) throw aborted();
  const metadata = new grpc.Metadata();
  metadata.set(TOKEN_KEY, fetch.token);
  const call = client.fetch(fetch.request, metadata);
  const cutter = new BlockCutter(fetch);
  const { stallMs } = fetch.patience;
  await new Promise<void>((resolve, reject) => {
    const fail = (error: MinisparkError) => {
      clearTimeout(stall);
      fetch.signal.removeEventListener('abort', onAbort);
      call.cancel();
      cutter.close();
      reject(error);
    };
    const onAbort = () => fail(aborted());
    const stalled = () => fail(retryableError('WORKER_UNREACHABLE', `${fetch.endpoint} sent nothing for ${stallMs / 1000} s.`));
    // It may have been this thread that was busy: what arrived meanwhile gets a chance to be seen before the verdict.
    const suspect = () => {
      stall = setTimeout(stalled, LAST_CHANCE_MS);
    };
    const watch = () => (stallMs > 0 ? setTimeout(suspect, stallMs) : undefined);
    let stall = watch();
    fetch.signal.addEventListener('abort', onAbort);
    call.on('data', (chunk: Chunk) => {
      clearTimeout(stall);
      stall = watch();
      try {
        cutter.push(chunk);
      } catch (thrown) {
        fail(asMinisparkError(thrown));
      }
    });
    call.on('error', (error: ServiceError) => fail(wireFault(error, grpc, fetch.endpoint)));
    call.on('end', () => {
      if (!cutter.complete) return fail(retryableError('WORKER_UNREACHABLE', `${fetch.endpoint} ended the stream early.`));
      clearTimeout(stall);
      fetch.signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}

/** Cuts the byte stream of a fetch into blocks. `push` throws BLOCK_NOT_FOUND, BLOCK_CORRUPT and what the disk says. */
class BlockCutter {
  private readonly fetch: Fetch;
  private heads: readonly BlockHead[] | null = null;
  private current = 0;
  private block: ArrivingBlock | null = null;
  private closed = false;

  constructor(fetch: Fetch) {
    this.fetch = fetch;
  }

  get complete(): boolean {
    return this.heads !== null && this.current === this.heads.length;
  }

  push({ heads, data }: Chunk): void {
    if (this.closed) return;
    if (this.heads === null) {
      if (heads.length !== this.fetch.request.maps.length) throw retryableError('BLOCK_CORRUPT', 'A fetch was answered for other blocks.');
      this.heads = heads;
    }
    let at = 0;
    for (;;) {
      const block = this.arriving();
      if (block === null) return;
      const count = Math.min(block.missing, data.length - at);
      block.push(data.subarray(at, at + count));
      at += count;
      if (block.missing > 0) return;
      this.deliver(block);
    }
  }

  /** What has come of a block that is not whole goes, and nothing more is taken. */
  close(): void {
    this.closed = true;
    this.block?.drop();
    this.block = null;
  }

  /** The block that is arriving; null when all are there. */
  private arriving(): ArrivingBlock | null {
    const head = this.heads?.[this.current];
    if (!head) return null;
    if (this.block) return this.block;
    if (head.state === 'NOT_FOUND') throw this.fault('BLOCK_NOT_FOUND', 'is not there any more');
    if (head.state === 'CORRUPT') throw this.fault('BLOCK_CORRUPT', 'has an index that is damaged');
    this.block = expectBlock(head, this.fetch.space);
    return this.block;
  }

  private deliver(arrived: ArrivingBlock): void {
    const block = arrived.end();
    if (block === null) throw this.fault('BLOCK_CORRUPT', 'does not match its checksum');
    this.current++;
    this.block = null;
    this.fetch.onBlock(block);
  }

  private fault(condition: string, what: string): MinisparkError {
    const { shuffle, partition, maps } = this.fetch.request;
    const map = maps[this.current];
    const message = `Shuffle block (shuffle ${shuffle}, map ${map}, partition ${partition}) at ${this.fetch.endpoint} ${what}.`;
    return retryableError(condition, message, { data: { map } });
  }
}

function wireFault(error: ServiceError, { status }: Grpc, endpoint: string): MinisparkError {
  const fault = (condition: string, message: string, data?: object) =>
    retryableError(condition, message, { cause: error, data: { ...data } });
  switch (error.code) {
    case status.UNAUTHENTICATED:
      return fault('UNAUTHENTICATED', `Blocks were refused at ${endpoint}: ${error.details}`);
    case status.INVALID_ARGUMENT:
      return fault('BLOCK_REFUSED', `Blocks were refused at ${endpoint}: ${error.details}`);
    case status.DATA_LOSS:
      return fault('BLOCK_UNREADABLE', `A block cannot be read at ${endpoint}: ${error.details}`, {
        map: Number(error.metadata.get(MAP_KEY)[0]),
      });
    default:
      return fault('WORKER_UNREACHABLE', `Shuffle blocks cannot be fetched from ${endpoint}: ${error.message}.`);
  }
}

function aborted(): MinisparkError {
  return retryableError('FETCH_ABORTED', 'The fetch was abandoned by its task.');
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(aborted());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
