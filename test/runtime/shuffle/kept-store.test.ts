/** Kept partitions of one worker: written, read back, moved to files and dropped as memory and levels say. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Batch } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import { parseSchema } from '../../../src/data/schema-text.js';
import { readRows } from '../../../src/data/value.js';
import { type BlockStore, openBlockStore } from '../../../src/runtime/shuffle/block-store.js';
import { readKept } from '../../../src/runtime/shuffle/kept-reader.js';
import { type KeptBlock, KeptStore } from '../../../src/runtime/shuffle/kept-store.js';
import { KeptWriter } from '../../../src/runtime/shuffle/kept-writer.js';
import { PATIENCE } from './served-shuffle.js';

const SCHEMA = parseSchema('word string, n bigint');
let dir: string;
let blocks: BlockStore;
let evicted: string[];
let store: KeptStore;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-kept-'));
  blocks = openBlockStore(dir, 'w');
  evicted = [];
  store = new KeptStore(blocks, 'w', (cache, outputs) => evicted.push(...outputs.map(({ map }) => `${cache}/${map}`)));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function batchOf(from: number, rows: number, dictionary: boolean): Batch {
  const words = columnOf(
    SCHEMA.fields[0].type,
    Array.from({ length: rows }, (_, i) => (i % 5 === 0 ? null : `word ${from + i}`)),
  );
  const codes = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const entries = columnOf(SCHEMA.fields[0].type, [`even ${from}`, `odd ${from}`]);
  const first: Batch['columns'][number] = dictionary
    ? { layout: 'dictionary', length: rows, validity: null, codes, dictionary: entries }
    : words;
  const numbers = columnOf(
    SCHEMA.fields[1].type,
    Array.from({ length: rows }, (_, i) => BigInt(from + i)),
  );
  return { length: rows, columns: [first, numbers] };
}

function write(map: number, batches: readonly Batch[], memoryBytes = 1 << 20, mayUseDisk = true): KeptBlock {
  const home = 'cache-1.job-1';
  const dataPath = blocks.prepareDataPath(home, 0, map, 0);
  const writer = new KeptWriter({ schema: SCHEMA, identity: { worker: 'w', shuffle: 0, map, attempt: 0 }, dataPath, memoryBytes });
  for (const batch of batches) writer.write(batch);
  return { cache: 'cache-1', home, map, attempt: 0, mayUseDisk, ...writer.finish() };
}

async function rowsOf({ home, map, size }: KeptBlock): Promise<unknown[]> {
  const output = { map, attempt: 0, worker: 'w', endpoint: '', token: '', path: blocks.dataPath(home, 0, map, 0), bytes: [size], home };
  const bytes = store.find({ home, map, attempt: 0 })?.bytes ?? null;
  const options = {
    bytes,
    shuffle: 7,
    schema: SCHEMA,
    batchRows: 1000,
    batchBytes: 1 << 20,
    bytesInFlight: 1 << 20,
    patience: PATIENCE,
    spillDir: () => dir,
  };
  const rows: unknown[] = [];
  for await (const { columns, length } of readKept(output, options)) {
    const [words, numbers] = columns.map((column, i) => readRows(column, SCHEMA.fields[i].type));
    for (let i = 0; i < length; i++) rows.push([words[i], numbers[i]]);
  }
  return rows;
}

const plainRows = (batches: readonly Batch[]) =>
  batches.flatMap(({ columns, length }) => {
    const [words, numbers] = columns.map((column, i) => readRows(column, SCHEMA.fields[i].type));
    return Array.from({ length }, (_, i) => [words[i], numbers[i]]);
  });

test.each([
  ['in memory', 1 << 20],
  ['in a file', 0],
  ['begun in memory, ended in a file', 2000],
])('a partition %s gives its rows back, whether columns are dictionaries or not', async (_, memoryBytes) => {
  const patterns = [
    [true, true],
    [true, false],
    [false, true],
  ];
  for (const [map, pattern] of patterns.entries()) {
    const batches = pattern.map((dictionary, i) => batchOf(100 * i, 50, dictionary));
    const block = write(map, batches, memoryBytes);
    expect(block.rows).toBe(100);
    expect(block.bytes === null).toBe(memoryBytes < block.size);
    store.put(block, 1 << 20);
    expect(await rowsOf(block)).toEqual(plainRows(batches));
  }
});

test('an empty partition is no block at all', async () => {
  const block = write(0, []);
  store.put(block, 1 << 20);
  expect(block.size).toBe(0);
  expect(await rowsOf(block)).toEqual([]);
});

test('beyond the budget the least recently used go to files, and are read there', async () => {
  const all = [0, 1, 2].map((map) => write(map, [batchOf(map, 100, false)]));
  const wanted = await Promise.all(
    all.map(async (block) => {
      store.put(block, 1 << 20);
      return rowsOf(block);
    }),
  );
  const name = ({ home, map, attempt }: KeptBlock) => ({ home, map, attempt });
  store.find(name(all[0]));
  store.put(write(3, [batchOf(3, 100, false)]), 3 * all[0].size + 100);
  await expect.poll(() => store.find(name(all[1]))).toBeNull();
  expect(store.find(name(all[0]))).not.toBeNull();
  expect(store.memoryBytes).toBeLessThanOrEqual(3 * all[0].size + 100);
  for (const [i, block] of all.entries()) expect(await rowsOf(block)).toEqual(wanted[i]);
  expect(evicted).toEqual([]);
});

test('what may only be in memory goes, unless a job runs: then it goes with the job', async () => {
  const first = write(0, [batchOf(0, 100, false)], 1 << 20, false);
  store.put(first, first.size);
  store.put(write(1, [batchOf(1, 100, false)], 1 << 20, false), first.size + 100);
  expect(evicted).toEqual(['cache-1/0']);
  store.setBusy(true);
  const third = write(2, [batchOf(2, 100, false)], 1 << 20, false);
  store.put(third, third.size + 100);
  const path = blocks.dataPath('cache-1.job-1', 0, 1, 0);
  await expect.poll(() => existsSync(path)).toBe(true);
  expect(evicted).toEqual(['cache-1/0']);
  await expect.poll(() => store.memoryBytes).toBe(third.size);
  store.setBusy(false);
  expect(evicted).toEqual(['cache-1/0', 'cache-1/1']);
  expect(existsSync(path)).toBe(false);
});

test('what the disk refuses stays while a job runs, and goes with it', async () => {
  const both = [0, 1].map((map) => write(map, [batchOf(map, 100, false)]));
  store.setBusy(true);
  // A directory where each file would go.
  const inTheWay = both.map(({ home, map }) => `${blocks.dataPath(home, 0, map, 0)}.tmp`);
  for (const path of inTheWay) mkdirSync(path);
  store.put(both[0], 1 << 20);
  store.put(both[1], both[1].size + 100);
  for (const path of inTheWay) await expect.poll(() => existsSync(path)).toBe(false);
  for (const block of both) expect(await rowsOf(block)).toHaveLength(100);
  expect(evicted).toEqual([]);
  store.setBusy(false);
  expect(evicted).toEqual(['cache-1/0']);
  expect(store.memoryBytes).toBe(both[1].size);
});

test('released caches leave nothing, other caches stay', async () => {
  const file = write(0, [batchOf(0, 10, false)], 0);
  store.put(file, 1 << 20);
  store.put(write(1, [batchOf(1, 10, false)]), 1 << 20);
  store.release(['cache-2']);
  expect(await rowsOf(file)).toHaveLength(10);
  store.release(['cache-1']);
  expect(store.memoryBytes).toBe(0);
  await expect.poll(() => blocks.directories().filter((name) => name.startsWith('cache-'))).toEqual([]);
});

test('a file that is gone is a failed fetch of the job’s own shuffle', async () => {
  const block = write(4, [batchOf(0, 10, false)], 0);
  rmSync(blocks.dataPath(block.home, 0, 4, 0).replace('.data', '.index'));
  await expect(rowsOf(block)).rejects.toMatchObject({ condition: 'FETCH_FAILED', data: { shuffle: 7, maps: [4], worker: 'w' } });
});
