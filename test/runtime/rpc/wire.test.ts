import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_METRICS } from '../../../src/core/events.js';
import { isLoopback, joinAddress, parseAddress } from '../../../src/runtime/rpc/address.js';
import { decodeSizes, encodeCounts, encodeSizes } from '../../../src/runtime/rpc/block-sizes.js';
import { FrameWriter } from '../../../src/runtime/rpc/frame-writer.js';
import { decodeFromWorker, decodeToWorker, encodeFromWorker, encodeToWorker, type WireMessage } from '../../../src/runtime/rpc/frames.js';
import { loadProto } from '../../../src/runtime/rpc/load-proto.js';
import { type FromWorker, PROTOCOL_VERSION, type ToWorker } from '../../../src/runtime/rpc/messages.js';

describe('block sizes', () => {
  it('come back exactly', () => {
    expect([...encodeSizes([0, 127, 128, 300])]).toEqual([0, 0, 127, 0x80, 1, 0xac, 2]);
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (sizes) => {
        expect(decodeSizes(encodeSizes(sizes))).toEqual(sizes);
      }),
    );
    const edges = [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
    expect(decodeSizes(encodeSizes(edges))).toEqual(edges);
  });

  it('above 2,000 of them take a byte each, off by a twentieth at most, and only empty ones are empty', () => {
    const sizes = Array.from({ length: 2500 }, (_, i) => Math.floor(1.01 ** i) - 1);
    const bytes = encodeSizes(sizes);
    expect(bytes.length).toBe(2501);
    const wrong = decodeSizes(bytes).filter((told, i) => Math.abs(told - sizes[i]) > sizes[i] / 20 || (told === 0) !== (sizes[i] === 0));
    expect(wrong).toEqual([]);
    expect(decodeSizes(encodeCounts(sizes))).toEqual(sizes);
    const decoded = decodeSizes(encodeSizes([...Array(2000).keys(), 2 ** 50]));
    expect(decoded.slice(0, 16)).toEqual([...Array(16).keys()]);
    expect(decoded[2000]).toBeGreaterThan(2 ** 36);
  });

  it('that are cut off or of another encoding are refused', () => {
    expect(() => decodeSizes(new Uint8Array([0, 0x80]))).toThrow(/cut off/);
    expect(() => decodeSizes(new Uint8Array([2, 3]))).toThrow(/encoding 2/);
    expect(decodeSizes(new Uint8Array())).toEqual([]);
  });
});

/** Through real protobuf bytes, as proto-loader makes and reads them. */
async function throughWire(type: string, frame: object): Promise<{ messages: WireMessage[] }> {
  const { minispark } = (await loadProto('minispark.proto')) as unknown as {
    minispark: { Scheduler: { service: Record<string, { [name: string]: unknown }> } };
  };
  const { Work } = minispark.Scheduler.service;
  const [side, back] = type === 'from' ? ['requestSerialize', 'requestDeserialize'] : ['responseSerialize', 'responseDeserialize'];
  const bytes = (Work[side] as (value: object) => Buffer)(frame);
  return (Work[back] as (bytes: Buffer) => { messages: WireMessage[] })(bytes);
}

const key = { job: 'job-1', stage: 1, partition: 70_000, attempt: 2 };
const metrics = { ...NO_METRICS, inputBytes: 2 ** 40 + 1, runMs: 1.5 };
const error = { kind: 'retryable', condition: 'FETCH_FAILED', message: 'gone', data: { shuffle: 1, maps: [1, 2], worker: 'w' } } as const;

const FROM: FromWorker[] = [
  { kind: 'register', worker: 'w', host: 'h', endpoint: 'h:1', blockToken: 't', slots: 4, protocol: PROTOCOL_VERSION },
  { kind: 'heartbeat', worker: 'w' },
  { kind: 'started', keys: [key, { ...key, partition: 0 }] },
  { kind: 'finished', key, metrics, output: { shuffle: 3, path: '/p', bytes: [0, 2 ** 33], rows: [0, 9] }, blocks: 0 },
  { kind: 'finished', key, metrics, output: null, blocks: 3 },
  { kind: 'finished', key, metrics, output: null, blocks: 0, accumulated: [{ id: 'a', name: null, kind: 'long', value: 2n ** 70n }] },
  { kind: 'failed', key, error, metrics: null },
  { kind: 'result', key, index: 1, rows: 2 ** 33, block: Buffer.from([1, 2, 0]) },
  { kind: 'leaving', worker: 'w', reason: 'SIGTERM' },
];

const output = { map: 0, attempt: 1, worker: 'w', endpoint: 'h:1', path: '/p', token: 't', bytes: [0, 5] };
const TO: ToWorker[] = [
  { kind: 'blob', id: 'b', offset: 2 ** 33, total: 2 ** 34, bytes: Buffer.from([0, 1]) },
  { kind: 'release', ids: ['b', 'c'] },
  { kind: 'job', job: 'job-1', config: { memory: '1g' }, bundle: { hash: 'h', code: 'export default 1' } },
  { kind: 'job', job: 'job-1', config: {}, bundle: null },
  { kind: 'stage', job: 'job-1', stage: 1, round: 2, definition: '{}', shuffles: [{ shuffle: 0, outputs: [output] }] },
  { kind: 'launch', tasks: [{ key, round: 2, input: '{}' }] },
  { kind: 'cancel', keys: [key], reason: 'r' },
  { kind: 'drop-job', job: 'job-1' },
  { kind: 'refused', error },
  { kind: 'shutdown', reason: 'r' },
];

describe('frames', () => {
  it.each(FROM)('carry $kind to the scheduler unchanged', async (message) => {
    const frame = await throughWire('from', { messages: [encodeFromWorker(message)] });
    expect(frame.messages.map(decodeFromWorker)).toEqual([message]);
  });

  it.each(TO)('carry $kind to the worker unchanged', async (message) => {
    const frame = await throughWire('to', { messages: [encodeToWorker(message)] });
    expect(frame.messages.map(decodeToWorker)).toEqual([message]);
  });

  it('of an unknown kind, or about no task, are refused', () => {
    expect(() => decodeFromWorker({})).toThrow(/not known here/);
    expect(() => decodeToWorker({ kind: 'other', other: {} })).toThrow(/not known here/);
    expect(() => decodeFromWorker({ kind: 'finished', finished: { key: null } })).toThrow(/names no task/);
  });

  it('gather what is sent within a turn, in order, and close early when heavy', async () => {
    const frames: (readonly number[])[] = [];
    const writer = new FrameWriter<number>((items) => frames.push(items));
    writer.push(1, 10);
    writer.push(2, 2 << 20);
    writer.push(3, 10);
    writer.push(4, 10);
    expect(frames).toEqual([[1, 2]]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(frames).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

describe('addresses', () => {
  it('are read with and without scheme', () => {
    expect(parseAddress('grpc://localhost:7077')).toBe('localhost:7077');
    expect(parseAddress('10.0.0.1:1')).toBe('10.0.0.1:1');
    expect(parseAddress('grpc://[::1]:7077/')).toBe('[::1]:7077');
    for (const bad of ['localhost', 'http://a:1', 'grpc://a:99999', 'a:b', ''])
      expect(() => parseAddress(bad)).toThrow(/no address of a scheduler/);
    expect(joinAddress('::1', 5)).toBe('[::1]:5');
  });

  it('are known to be of this machine alone', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '10.0.0.1', 'example.org', '127.0.0.1.example.org'].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
