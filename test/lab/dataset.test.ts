import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DATASET_KINDS, type DatasetKind, type DatasetOptions, writeDataset } from '../../src/lab/dataset.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-datagen-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const SIZE = 2_500_000;

function options(kind: DatasetKind, changes: Partial<DatasetOptions> = {}): DatasetOptions {
  const signal = new AbortController().signal;
  return { kind, size: SIZE, seed: 42, skew: 1, out: join(dir, 'out'), files: 1, overwrite: false, signal, onBytes() {}, ...changes };
}

async function generate(kind: DatasetKind, changes: Partial<DatasetOptions> = {}): Promise<Buffer[]> {
  const { out } = options(kind, changes);
  await writeDataset(options(kind, changes));
  return readdirSync(out)
    .sort()
    .map((name) => readFileSync(join(out, name)));
}

const checksum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

test.each<[DatasetKind, string]>([
  ['text', '3160977d05d31b56'],
  ['events', 'f88f61d866272005'],
  ['skewed', '5cf987243608d70a'],
])('%s of seed 42 is the same on every machine', async (kind, expected) => {
  const [bytes] = await generate(kind);
  expect(checksum(bytes)).toBe(expected);
  expect(bytes.length).toBeLessThanOrEqual(SIZE + 20);
  expect(bytes.length).toBeGreaterThan(SIZE - 3 * 512);
  expect(bytes.at(-1)).toBe(10);
});

test.each(DATASET_KINDS)('%s: another seed gives other data, more files the same lines', async (kind) => {
  const [one] = await generate(kind);
  const [other] = await generate(kind, { seed: 43, out: join(dir, 'other') });
  expect(other.equals(one)).toBe(false);
  const parts = await generate(kind, { files: 3, out: join(dir, 'parts') });
  expect(parts).toHaveLength(3);
  const lines = parts.map((part) => part.toString().replace('key,value,amount\n', ''));
  expect(lines.join('')).toBe(one.toString().replace('key,value,amount\n', ''));
});

test('text is words, commas and full stops, the commonest word some nine in a hundred', async () => {
  const [bytes] = await generate('text');
  expect(bytes.toString()).toMatch(/^([A-Za-z,. ]+\.\n)+$/);
  const words =
    bytes
      .toString()
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  const share = words.filter((word) => word === 'the').length / words.length;
  expect(share).toBeGreaterThan(0.085);
  expect(share).toBeLessThan(0.095);
  expect(new Set(words).size).toBeGreaterThan(30_000);
});

test('events are JSON lines whose time never runs backwards', async () => {
  const [bytes] = await generate('events');
  const events = bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0]).toEqual({
    time: '2026-01-01T00:00:00.140Z',
    user: 'u38038',
    url: '/products/10',
    action: 'view',
    device: 'mobile',
    latency_ms: 16,
    status: 200,
  });
  const times = events.map((event) => event.time);
  expect(times).toEqual([...times].sort());
  expect(times.every((time) => new Date(time).toISOString() === time)).toBe(true);
});

test.each([
  [0, 0.0001],
  [1, 0.102],
  [2, 0.608],
])('skew %d gives the first key its share of rows, %d', async (skew, expected) => {
  const [bytes] = await generate('skewed', { skew });
  const keys = bytes.toString().trimEnd().split('\n').slice(1);
  const share = keys.filter((line) => line.startsWith('k00000,')).length / keys.length;
  expect(Math.abs(share - expected)).toBeLessThan(0.005);
});

test('what is there is kept unless told otherwise', async () => {
  await generate('text', { size: 2000 });
  writeFileSync(join(dir, 'out', 'mine.txt'), 'mine');
  await expect(writeDataset(options('text', { size: 2000 }))).rejects.toMatchObject({ condition: 'PATH_ALREADY_EXISTS' });
  expect(existsSync(join(dir, 'out', 'mine.txt'))).toBe(true);
  await writeDataset(options('text', { size: 2000, overwrite: true }));
  expect(readdirSync(join(dir, 'out'))).toEqual(['part-00000.txt']);
});

test('a place that cannot be written is named, and is no fault of ours', async () => {
  writeFileSync(join(dir, 'out'), 'a file');
  for (const out of [join(dir, 'out'), join(dir, 'out', 'below')]) {
    const refused = writeDataset({ ...options('text', { size: 2000 }), out });
    await expect(refused).rejects.toMatchObject({ kind: 'user', condition: 'FILE_NOT_WRITABLE', hint: 'Give another --out.' });
  }
  expect(readdirSync(dir)).toEqual(['out']);
});

test('an interrupted run leaves nothing behind', async () => {
  const controller = new AbortController();
  const run = writeDataset(options('text', { signal: controller.signal, onBytes: () => controller.abort() }));
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  expect(readdirSync(dir)).toEqual([]);
});
