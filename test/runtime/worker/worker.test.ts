import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryableError } from '../../../src/core/errors.js';
import { decodeStream } from '../../../src/data/ipc.js';
import { INT64 } from '../../../src/data/types.js';
import { readRows } from '../../../src/data/value.js';
import { registerOpaque } from '../../../src/frontend/closures/decode.js';
import type { PhysicalOp } from '../../../src/planner/physical/operators.js';
import { bundleOf, mapped, NUMBERS, partition, range, rows, TestWorker } from './worker-harness.js';

let dir: string;
let test: TestWorker | null = null;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'worker-test-'));
});

afterEach(async () => {
  await test?.worker.stop();
  test = null;
  rmSync(dir, { recursive: true, force: true });
});

const start = async (options = {}) => {
  test = await TestWorker.start(dir, options);
  return test;
};

const numbersOf = (blocks: readonly { readonly block: Uint8Array }[]): bigint[] =>
  blocks.flatMap(({ block }) => decodeStream(block).batches.flatMap((batch) => readRows(batch.columns[0], INT64) as bigint[]));

/** Where the worker keeps its files. */
const root = () => join(dir, readdirSync(dir).find((name) => name.startsWith('minispark-')) ?? '', 'worker-t');

describe('Worker', () => {
  it('runs tasks, sends their rows in order before `finished`, and tells of each start', async () => {
    const w = await start();
    w.job({ 'batch.rows': '10' });
    w.stage(range);
    w.launch([rows(0, 35), rows(100, 105), rows(7, 7)]);
    await w.ended(3);
    expect(w.of('failed')).toEqual([]);
    expect(w.of('started').flatMap(({ keys }) => keys.map((key) => key.partition))).toEqual([0, 1, 2]);
    const blocksOf = (p: number) => w.of('result').filter(({ key }) => key.partition === p);
    expect(numbersOf(blocksOf(0))).toEqual(Array.from({ length: 35 }, (_, i) => BigInt(i)));
    expect(blocksOf(0).map(({ index, rows: count }) => [index, count])).toEqual([
      [0, 10],
      [1, 10],
      [2, 10],
      [3, 5],
    ]);
    const finished = w.of('finished').find(({ key }) => key.partition === 0);
    expect(finished).toMatchObject({ blocks: 4, output: null, metrics: { inputRows: 35, outputRows: 35 } });
    expect(finished?.metrics.runMs).toBeGreaterThan(0);
    const lastBlock = w.said.findLastIndex((m) => m.kind === 'result' && m.key.partition === 0);
    expect(w.said.indexOf(finished!)).toBeGreaterThan(lastBlock);
  });

  it('writes a shuffle in one stage and reads it in the next', async () => {
    const w = await start();
    w.job();
    const key = { kind: 'input', index: 0, type: INT64, nullable: false } as const;
    const partitioning = { kind: 'hash', exprs: [key], partitions: 3 } as const;
    w.stage(range, { kind: 'shuffle', shuffle: 5, partitioning, partitions: 3 });
    w.launch([rows(0, 1000), rows(1000, 1500)]);
    await w.ended(2);
    const outputs = w.outputs();
    expect(outputs).toHaveLength(2);
    expect(w.of('finished')[0].metrics.peakMemoryBytes).toBeGreaterThan(2 * 500 * 8);
    const read: PhysicalOp = { kind: 'shuffleRead', id: 4, schema: NUMBERS, shuffle: 5, broadcast: false };
    w.stage(read, { kind: 'rows' }, [{ shuffle: 5, outputs }], 1);
    w.launch(
      [0, 1, 2].map((p) => partition(4, p)),
      1,
    );
    await w.ended(5);
    expect(w.of('failed')).toEqual([]);
    const numbers = numbersOf(w.of('result'));
    expect(numbers.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 1500 }, (_, i) => i));
    const readers = w.of('finished').filter(({ key: { stage } }) => stage === 1);
    expect(readers.reduce((sum, { metrics }) => sum + metrics.shuffleReadRows, 0)).toBe(1500);
    w.stage(read, { kind: 'rows' }, [{ shuffle: 5, outputs: [outputs[0], outputs[0]] }], 2);
    w.launch([partition(4, 0)], 2);
    await w.ended(6);
    expect(w.of('failed')[0].error).toMatchObject({ condition: 'INTERNAL_ERROR', message: expect.stringContaining('maps') });
    rmSync(dirname(outputs[0].path), { recursive: true });
    w.launch([partition(4, 0)], 1, 'job-1', 1);
    await w.ended(7);
    expect(w.of('failed')[1].error).toMatchObject({
      condition: 'FETCH_FAILED',
      data: { shuffle: 5, maps: outputs.map(({ map }) => map).sort(), worker: 'worker-t' },
    });
  });

  it('runs functions of the job’s bundle, and those of another bundle in other threads', async () => {
    const w = await start();
    for (const [job, factor] of [
      ['job-1', 2],
      ['job-2', 3],
    ] as const) {
      const hash = `h${factor}`;
      w.job({}, bundleOf(hash, { times: `(x) => x * ${factor}n` }), job);
      w.stage(mapped(hash, 'times'), { kind: 'rows' }, [], 0, job);
      w.launch([rows(1, 4)], 0, job);
    }
    await w.ended(2);
    expect(w.of('failed')).toEqual([]);
    const ofJob = (job: string) => numbersOf(w.of('result').filter(({ key }) => key.job === job));
    expect(ofJob('job-1')).toEqual([2n, 4n, 6n]);
    expect(ofJob('job-2')).toEqual([3n, 6n, 9n]);
  });

  it('reports what a function throws as a user error with its stack, and a bundle that does not load', async () => {
    const w = await start();
    w.job({}, bundleOf('h', { fail: "function fail() { throw new RangeError('too far'); }" }));
    w.stage(mapped('h', 'fail'));
    w.launch([rows(0, 1)]);
    w.job({}, { hash: 'broken', code: "throw new Error('no such thing');" }, 'job-2');
    w.stage(range, { kind: 'rows' }, [], 0, 'job-2');
    w.launch([rows(0, 1)], 0, 'job-2');
    await w.ended(2);
    const errorOf = (job: string) => w.of('failed').find(({ key }) => key.job === job)?.error;
    expect(errorOf('job-1')).toMatchObject({ kind: 'user', message: expect.stringContaining('too far') });
    expect(errorOf('job-1')?.stack).toMatch(/h\.mjs:\d+:\d+/);
    expect(errorOf('job-2')).toMatchObject({
      kind: 'user',
      condition: 'JOB_FAILED_TO_LOAD',
      message: expect.stringContaining('no such thing'),
    });
  });

  it('survives a thread that exits or runs out of memory: a retryable failure, then work as before', async () => {
    const w = await start({ slots: 1 });
    w.job({}, bundleOf('h', { exit: '() => process.exit(3)', fine: '(x) => x' }));
    w.stage(mapped('h', 'exit'), { kind: 'rows' }, [], 0);
    w.stage(mapped('h', 'fine'), { kind: 'rows' }, [], 1);
    w.launch([rows(0, 1)], 0);
    w.launch([rows(0, 2)], 1);
    await w.ended(2);
    expect(w.of('failed')[0].error).toMatchObject({
      kind: 'retryable',
      condition: 'WORKER_THREAD_DIED',
      message: 'The thread of the task ended with code 3.',
      hint: 'A function of the job may have called process.exit()',
    });
    expect(numbersOf(w.of('result'))).toEqual([0n, 1n]);
  });

  it('ends a task that runs too long, and names its stage', async () => {
    const w = await start({ slots: 1 });
    w.job({ 'task.timeout': '300ms' }, bundleOf('h', { forever: '() => { for (;;); }' }));
    w.stage(mapped('h', 'forever'));
    w.launch([rows(0, 1)]);
    await w.ended(1);
    expect(w.of('failed')[0].error).toMatchObject({
      kind: 'user',
      condition: 'TASK_TIMEOUT',
      message: expect.stringContaining('range → test'),
    });
  });

  it('cancels queued tasks silently, running ones at their next batch, and stubborn ones by ending their thread', async () => {
    const w = await start({ slots: 1 });
    const marker = join(dir, 'it-runs');
    w.job(
      { 'batch.rows': '1' },
      bundleOf('h', {
        slow: '(x) => { const end = Date.now() + 20; while (Date.now() < end); return x; }',
        forever: `() => { mark(${JSON.stringify(marker)}); for (;;); }`,
      }),
    );
    w.stage(mapped('h', 'slow'), { kind: 'rows' }, [], 0);
    w.stage(mapped('h', 'forever'), { kind: 'rows' }, [], 1);
    const [first, second] = w.launch([rows(0, 1000), rows(0, 1)], 0);
    await w.until(() => w.of('result').length > 0);
    w.worker.receive({ kind: 'cancel', keys: [first, second], reason: 'enough' });
    await w.ended(1);
    expect(w.of('failed')[0]).toMatchObject({
      key: first,
      error: { condition: 'TASK_CANCELLED', message: expect.stringContaining('enough') },
    });
    const [stubborn] = w.launch([rows(0, 1)], 1);
    while (!existsSync(marker)) await new Promise((resolve) => setTimeout(resolve, 5));
    w.worker.receive({ kind: 'cancel', keys: [stubborn], reason: 'enough' });
    await w.ended(2);
    expect(w.of('failed')[1].key).toEqual(stubborn);
    expect(w.of('started').flatMap(({ keys }) => keys)).toEqual([first, stubborn]);
  });

  it('holds result blocks back while the transport is behind', async () => {
    const w = await start({ slots: 1 });
    let release = () => {};
    w.hold = new Promise((resolve) => {
      release = resolve;
    });
    w.job({ 'batch.rows': '1' });
    w.stage(range);
    w.launch([rows(0, 100)]);
    await w.until(() => w.of('result').length === 4);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(w.of('result')).toHaveLength(4);
    w.hold = null;
    release();
    await w.ended(1);
    expect(w.of('result')).toHaveLength(100);
    expect(w.of('finished')[0].blocks).toBe(100);
  });

  it.each([
    ['a task thread', false],
    ['this thread', true],
  ])('fails a task in %s whose result blocks cannot be handed on, and goes on', async (_, inThread) => {
    const w = await start({ slots: 1, inThread });
    const broken = Promise.reject(retryableError('WIRE_BROKEN', 'The wire broke.'));
    broken.catch(() => {});
    w.hold = broken;
    w.job({ 'batch.rows': '1' });
    w.stage(range);
    // One that replies before it knows, and one that waits for its blocks to be taken.
    w.launch([rows(0, 1), rows(0, 100)]);
    await w.ended(2);
    expect(w.of('failed').map(({ error, metrics }) => [error.condition, error.message, metrics !== null])).toEqual([
      ['WIRE_BROKEN', 'The wire broke.', true],
      ['WIRE_BROKEN', 'The wire broke.', true],
    ]);
    w.hold = null;
    w.launch([rows(0, 10)], 0, 'job-1', 1);
    await w.ended(3);
    expect(w.of('finished')).toHaveLength(1);
  });

  it('removes a job’s files when it is dropped, even under a running task, and its own when it stops', async () => {
    const w = await start({ slots: 1 });
    const partitioning = { kind: 'single' } as const;
    w.job({}, bundleOf('h', { slow: '(x) => { const end = Date.now() + 300; while (Date.now() < end); return x; }' }));
    w.stage(mapped('h', 'slow'), { kind: 'shuffle', shuffle: 0, partitioning, partitions: 1 });
    w.launch([rows(0, 1), rows(0, 1)]);
    await w.until(() => w.of('started').length === 2);
    expect(existsSync(w.outputs()[0].path)).toBe(true);
    w.worker.receive({ kind: 'drop-job', job: 'job-1' });
    await w.ended(2);
    while (readdirSync(root()).length > 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const where = root();
    await w.worker.stop();
    expect(existsSync(where)).toBe(false);
  });

  it('runs nothing of a task that is cancelled, or whose job is dropped, in the turn of its launch', async () => {
    const w = await start();
    const marks = ['cancelled', 'dropped', 'stopped'].map((name) => join(dir, name));
    w.job(
      {},
      bundleOf('h', Object.fromEntries(marks.map((path, i) => [`mark${i}`, `(x) => { mark(${JSON.stringify(path)}); return x; }`]))),
    );
    marks.forEach((_, stage) => {
      w.stage(mapped('h', `mark${stage}`), { kind: 'rows' }, [], stage);
    });
    const keys = w.launch([rows(0, 1)], 0);
    w.worker.receive({ kind: 'cancel', keys, reason: 'enough' });
    await w.ended(1);
    expect(w.of('failed')[0].error.condition).toBe('TASK_CANCELLED');
    w.launch([rows(0, 1)], 1);
    w.worker.receive({ kind: 'drop-job', job: 'job-1' });
    await w.ended(2);
    expect(readdirSync(root())).toEqual(['owner.json']);
    w.job();
    w.stage(mapped('h', 'mark2'), { kind: 'rows' }, [], 2);
    w.launch([rows(0, 1)], 2);
    await w.worker.stop();
    expect(marks.filter((path) => existsSync(path))).toEqual([]);
    expect(w.of('finished')).toEqual([]);
  });

  it('goes on where a job’s files cannot be removed', async () => {
    const w = await start();
    w.job();
    w.stage(range);
    w.launch([rows(0, 1)]);
    await w.ended(1);
    for (let n = 0; n < 100; n++) mkdirSync(join(root(), `job-1.dropped-${n}`, 'in the way'), { recursive: true });
    w.worker.receive({ kind: 'drop-job', job: 'job-1' });
    w.job({}, null, 'job-2');
    w.stage(range, { kind: 'rows' }, [], 0, 'job-2');
    w.launch([rows(0, 1)], 0, 'job-2');
    await w.ended(2);
    expect(w.of('finished')).toHaveLength(2);
  });

  it('runs functions that only this thread has, when it runs tasks in it', async () => {
    const w = await start({ inThread: true, slots: 1 });
    const seen: bigint[] = [];
    const id = registerOpaque((x: bigint) => {
      seen.push(x);
      return x + 1n;
    });
    const plan = mapped('none', id);
    w.job();
    w.stage(plan);
    w.launch([rows(0, 3), rows(5, 6)]);
    await w.ended(2);
    expect(w.of('failed')).toEqual([]);
    expect(seen).toEqual([0n, 1n, 2n, 5n]);
    expect(numbersOf(w.of('result'))).toEqual([1n, 2n, 3n, 6n]);
  });

  it('fails tasks of a job with a configuration that it does not know', async () => {
    const w = await start();
    w.job({ 'no.such.key': '1' });
    w.stage(range);
    w.launch([rows(0, 1)]);
    await w.ended(1);
    expect(w.of('failed')[0].error).toMatchObject({ condition: 'UNKNOWN_CONFIG' });
  });
});
