/** What a reader does with peers that stop, stammer, lie or refuse, and a server with readers that ask for what is not theirs. All over real sockets. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import type { Client, ClientReadableStream, Server, ServerWritableStream } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { Arena } from '../../../src/data/arena.js';
import { backoffMs } from '../../../src/runtime/rpc/backoff.js';
import { loadGrpc, loadService } from '../../../src/runtime/rpc/load-proto.js';
import { sameSecret } from '../../../src/runtime/rpc/secret.js';
import { removeFetched } from '../../../src/runtime/shuffle/arriving-block.js';
import { BlockFileWriter } from '../../../src/runtime/shuffle/block-file.js';
import { type FetchPatience, fetchBlocks } from '../../../src/runtime/shuffle/fetch.js';
import { RemoteBlocks } from '../../../src/runtime/shuffle/remote-blocks.js';
import type { Chunk, FetchRequest } from '../../../src/runtime/shuffle/serve-blocks.js';
import { endServed, newSpillPlace, PATIENCE, read, startShuffle } from './served-shuffle.js';

type Call = ServerWritableStream<FetchRequest, Chunk>;

const peers: Server[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const peer of peers.splice(0)) peer.forceShutdown();
  await endServed();
});

const BLOCK = Buffer.from('sixteen bytes of');
const NONE = new Uint8Array(0);
const heads = (maps: readonly number[], crc = crc32(BLOCK)) => ({
  heads: maps.map(() => ({ state: 'FOUND' as const, length: BLOCK.length, rows: 1, crc })),
  data: NONE,
});

/** A peer that answers its nth call, from 0, as `answer` says. */
async function startPeer(answer: (call: Call, n: number) => void) {
  const [grpc, { service }] = await Promise.all([loadGrpc(), loadService('shuffle.proto', 'minispark.Blocks')]);
  const server = new grpc.Server();
  let calls = 0;
  server.addService(service, { Fetch: (call: Call) => answer(call, calls++) });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  peers.push(server);
  return { endpoint: `127.0.0.1:${port}`, calls: () => calls };
}

async function fetchFrom(
  endpoint: string,
  maps: number[],
  patience: FetchPatience = PATIENCE,
  { signal = new AbortController().signal, largeBytes = Number.POSITIVE_INFINITY } = {},
) {
  const { spillDir, files } = newSpillPlace();
  const request = { worker: 'w', job: 'job', shuffle: 0, partition: 0, maps, attempts: maps.map(() => 0) };
  const blocks: string[] = [];
  const waits: number[] = [];
  let paths = 0;
  const random = () => {
    waits.push(blocks.length);
    return 0;
  };
  const end = fetchBlocks({
    endpoint,
    token: 't',
    request,
    space: { arena: new Arena(), largeBytes, spillPath: () => join(spillDir(), `${paths++}`), onSpill: () => {} },
    signal,
    patience: { ...patience, random },
    onBlock: (block) => {
      expect('range' in block).toBe(BLOCK.length > largeBytes);
      blocks.push('range' in block ? readFileSync(block.range.path, 'utf8') : Buffer.from(block.bytes).toString());
      removeFetched(block);
    },
  });
  const error = await end.then(
    () => null,
    (thrown) => thrown,
  );
  expect(files()).toEqual([]);
  return { blocks, error, waits };
}

test('waits grow and end, and differ by chance within known bounds', () => {
  const times = { firstMs: 100, factor: 4, mostMs: 2000 };
  const all = (random: () => number) => [1, 2, 3, 4, 50].map((n) => backoffMs(n, times, random));
  expect(all(() => 0)).toEqual([50, 200, 800, 1000, 1000]);
  expect(all(() => 0.5)).toEqual([75, 300, 1200, 1500, 1500]);
  expect(backoffMs(9, times)).toBeLessThanOrEqual(2000);
});

test('secrets are the same or not, whatever their lengths', () => {
  expect([sameSecret('ab', 'ab'), sameSecret('ab', 'abc'), sameSecret('', 'a'), sameSecret('é', 'é')]).toEqual([true, false, false, true]);
});

/** Blocks that are held, and blocks that go to disk as they arrive. */
const SPACES = [{ largeBytes: BLOCK.length }, { largeBytes: BLOCK.length - 1 }];

test.each(SPACES)('a peer that stops halfway is given up in time, and tried again: %j', async (space) => {
  const { endpoint, calls } = await startPeer((call) => {
    call.write(heads(call.request.maps));
    call.write({ heads: [], data: BLOCK.subarray(0, 7) });
  });
  const { blocks, error, waits } = await fetchFrom(endpoint, [0, 1], { tries: 2, stallMs: 100 }, space);
  expect(error).toMatchObject({ kind: 'retryable', condition: 'WORKER_UNREACHABLE', message: `${endpoint} sent nothing for 0.1 s.` });
  expect([blocks, calls(), waits]).toEqual([[], 2, [0]]);
});

test.each(SPACES)('a stream that ends too early is asked for the rest; one that always does is given up: %j', async (space) => {
  const asked: number[][] = [];
  const once = await startPeer((call, n) => {
    asked.push([...call.request.maps]);
    call.write(heads(call.request.maps));
    call.write({ heads: [], data: n === 0 ? BLOCK : Buffer.concat([BLOCK, BLOCK]) });
    call.end();
  });
  expect(await fetchFrom(once.endpoint, [4, 5, 6], PATIENCE, space)).toEqual({
    blocks: [`${BLOCK}`, `${BLOCK}`, `${BLOCK}`],
    error: null,
    waits: [1],
  });
  expect(asked).toEqual([
    [4, 5, 6],
    [5, 6],
  ]);
  const always = await startPeer((call) => {
    call.write(heads(call.request.maps));
    call.write({ heads: [], data: BLOCK.subarray(1) });
    call.end();
  });
  const { blocks, error } = await fetchFrom(always.endpoint, [4], PATIENCE, space);
  expect(error).toMatchObject({ condition: 'WORKER_UNREACHABLE', message: `${always.endpoint} ended the stream early.` });
  expect([blocks, always.calls()]).toEqual([[], 3]);
});

test.each(SPACES)('bytes that changed on the way are asked for again; heads for other blocks are no answer: %j', async (space) => {
  const flipped = Buffer.from(BLOCK);
  flipped[3] ^= 1;
  const peer = await startPeer((call, n) => {
    call.write(heads(call.request.maps));
    call.write({ heads: [], data: n === 0 ? flipped : BLOCK });
    call.end();
  });
  expect(await fetchFrom(peer.endpoint, [0], PATIENCE, space)).toEqual({ blocks: [`${BLOCK}`], error: null, waits: [0] });
  const liar = await startPeer((call) => {
    call.write(heads([1, 2, 3]));
    call.write({ heads: [], data: Buffer.concat([BLOCK, BLOCK, BLOCK]) });
    call.end();
  });
  const { blocks, error } = await fetchFrom(liar.endpoint, [0], PATIENCE, space);
  expect([blocks, error.condition, liar.calls()]).toEqual([[], 'BLOCK_CORRUPT', 3]);
});

test('a fetch that its task abandons ends at once, also between tries', async () => {
  const abort = new AbortController();
  const { endpoint } = await startPeer((call) => {
    call.end();
    abort.abort();
  });
  const { error } = await fetchFrom(endpoint, [0], { tries: 50, stallMs: 0 }, { signal: abort.signal });
  expect(error).toMatchObject({ condition: 'FETCH_ABORTED' });
});

test('a reader that takes its time has only so many bytes asked for ahead', async () => {
  let asked = 0;
  const { endpoint, calls } = await startPeer((call) => {
    asked += call.request.maps.length;
    call.write(heads(call.request.maps));
    call.write({ heads: [], data: Buffer.concat(call.request.maps.map(() => BLOCK)) });
    call.end();
  });
  const outputs = Array.from({ length: 200 }, (_, map) => ({
    map,
    attempt: 0,
    worker: 'w',
    endpoint,
    token: 't',
    path: '/none',
    bytes: [BLOCK.length],
  }));
  const ahead = 16;
  const remote = new RemoteBlocks(outputs, {
    job: 'job',
    shuffle: 0,
    partition: 0,
    bytesInFlight: ahead * BLOCK.length,
    patience: PATIENCE,
    spillPath: () => join(tmpdir(), 'none'),
    onSpill: () => {},
  });
  let most = 0;
  for (const [taken, output] of outputs.entries()) {
    expect(await remote.take(output)).toMatchObject({ bytes: Uint8Array.from(BLOCK) });
    // All that was asked for arrives meanwhile.
    if (taken % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    most = Math.max(most, asked - taken);
  }
  expect(asked).toBe(200);
  // A quarter of it a request.
  expect(calls()).toBe(50);
  expect(most).toBeLessThanOrEqual(ahead + ahead / 4);
  expect(most).toBeGreaterThan(ahead / 2);
});

interface RawClient extends Client {
  fetch(request: object, metadata: unknown): ClientReadableStream<Chunk>;
}

async function rawFetch(endpoint: string, token: string | null, request: object) {
  const [grpc, Service] = await Promise.all([loadGrpc(), loadService('shuffle.proto', 'minispark.Blocks')]);
  const client = new Service(endpoint, grpc.credentials.createInsecure()) as unknown as RawClient;
  const metadata = new grpc.Metadata();
  if (token !== null) metadata.set('minispark-token', token);
  const call = client.fetch(request, metadata);
  let chunks = 0;
  call.on('data', () => chunks++);
  const error = await new Promise<{ code: number; details: string } | null>((resolve) => {
    call.on('error', (thrown) => resolve(thrown as never));
    call.on('end', () => resolve(null));
  });
  client.close();
  return { code: error && grpc.status[error.code], details: error?.details, chunks };
}

test('blocks are given to nobody without the token of who wrote them, and never from outside the store', async () => {
  const { started, outputs } = await startShuffle(2, 50, 1);
  const [{ server, worker, token, store }] = started;
  const request = { worker, job: 'job-1', shuffle: 3, partition: 0, maps: [0], attempts: [1] };
  const ask = (shown: string | null, changed: object = {}) => rawFetch(server.endpoint, shown, { ...request, ...changed });
  expect(await ask(token)).toMatchObject({ code: null, chunks: 2 });
  expect(await ask(null)).toEqual({ code: 'UNAUTHENTICATED', details: 'No token was shown.', chunks: 0 });
  for (const wrong of ['x', `${token}x`, outputs[1].token]) {
    expect(await ask(wrong)).toEqual({ code: 'UNAUTHENTICATED', details: 'The token is not that of worker-a.', chunks: 0 });
  }
  for (const other of ['worker-b', '', '../worker-a'])
    expect(await ask(token, { worker: other })).toMatchObject({ code: 'UNAUTHENTICATED' });
  // A neighbour's file, which the process could read.
  writeFileSync(join(store.root, 'map-0-1.data'), 'secret');
  for (const job of ['..', '../worker-b/job-1', '/etc', 'job-1/shuffle-3/..', '.', '']) {
    expect(await ask(token, { job })).toMatchObject({ code: 'INVALID_ARGUMENT', chunks: 0 });
  }
  expect(await ask(token, { attempts: [] })).toMatchObject({ code: 'INVALID_ARGUMENT', chunks: 0 });
  await expect(read([{ ...outputs[0], token: '' }], 0, 1 << 20)).rejects.toMatchObject({ condition: 'FETCH_FAILED', data: { maps: [0] } });
});

test('readers that stop reading cost the server little, however much they asked for', async () => {
  const { started } = await startShuffle(1, 1, 1);
  const [{ server, worker, token, store }] = started;
  // In a function of its own, so that nothing keeps the bytes once they are written.
  const writeLargeBlock = () => {
    const writer = new BlockFileWriter(store.prepareDataPath('big', 0, 0, 0), { worker, shuffle: 0, map: 0, attempt: 0 });
    writer.append(Buffer.alloc(24 << 20, 7));
    writer.endBlock(1);
    writer.commit();
  };
  writeLargeBlock();
  const liveBytes = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  liveBytes();
  await new Promise(setImmediate);
  const before = liveBytes();
  // Behind each relay is a client that would take all at once; the relay does not.
  const relays = await Promise.all(Array.from({ length: 6 }, () => startStoppedRelay(server.endpoint)));
  const [grpc, Service] = await Promise.all([loadGrpc(), loadService('shuffle.proto', 'minispark.Blocks')]);
  const clients = relays.map(({ port }) => {
    const client = new Service(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      'grpc-node.flow_control_window': 64 << 20,
    }) as unknown as RawClient;
    const metadata = new grpc.Metadata();
    metadata.set('minispark-token', token);
    const call = client.fetch({ worker, job: 'big', shuffle: 0, partition: 0, maps: [0], attempts: [0] }, metadata);
    call.on('error', () => {});
    call.resume();
    return { client, call };
  });
  await Promise.all(relays.map(({ stopped }) => stopped));
  // Long enough to read all of it several times over, were the server to read ahead.
  let most = 0;
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    most = Math.max(most, liveBytes() - before);
  }
  expect(most).toBeGreaterThan(6 * CHUNK);
  // All of it would be 144 MiB. A few chunks of each are in queues of gRPC, HTTP/2 and sockets.
  expect(most).toBeLessThan(6 * 16 * CHUNK);
  for (const { client, call } of clients) {
    call.cancel();
    client.close();
  }
  for (const relay of relays) relay.close();
});

const CHUNK = 256 << 10;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Passes on what the near side says, and stops reading from the far side once the answer has begun. */
async function startStoppedRelay(endpoint: string) {
  let markStopped = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    markStopped = resolve;
  });
  const server = createServer((near) => {
    const [host, port] = endpoint.split(':');
    const far = connect(Number(port), host);
    sockets.push(near, far);
    let seen = 0;
    near.pipe(far);
    for (const socket of [near, far]) socket.on('error', () => {});
    far.on('data', (bytes) => {
      seen += bytes.length;
      near.write(bytes);
      if (seen > 100_000) {
        far.pause();
        markStopped();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as { port: number }).port, stopped, close: () => server.close() };
}
