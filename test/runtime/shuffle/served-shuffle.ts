/** Owns: a small shuffle whose blocks two servers give over real sockets, and reading it. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Batch } from '../../../src/data/batch.js';
import type { MapOutput } from '../../../src/runtime/rpc/messages.js';
import { BlockStore } from '../../../src/runtime/shuffle/block-store.js';
import { closeBlockClients, type FetchPatience } from '../../../src/runtime/shuffle/fetch.js';
import { forgetFiles } from '../../../src/runtime/shuffle/local-blocks.js';
import { readBlocks } from '../../../src/runtime/shuffle/reader.js';
import { type BlockServer, startBlockServer } from '../../../src/runtime/shuffle/server.js';
import { createSortWriter } from '../../../src/runtime/shuffle/sort-writer.js';
import { MIXED, randomBatch, randomOf, rowTexts } from './random-rows.js';

const servers: BlockServer[] = [];
const dirs: string[] = [];

export const PATIENCE = { tries: 3, stallMs: 20_000 };

/** To be called after each test. */
export async function endServed(): Promise<void> {
  closeBlockClients();
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const dir of dirs.splice(0)) {
    forgetFiles(dir);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** For what readers put on disk; the directory is made by who needs it. */
export function newSpillPlace() {
  const dir = mkdtempSync(join(tmpdir(), 'blocks-test-'));
  dirs.push(dir);
  const spillDir = join(dir, 'task');
  return { spillDir: () => spillDir, files: () => (existsSync(spillDir) ? readdirSync(spillDir) : []) };
}

/** Maps spread over two workers with servers; paths are such that no reader takes the short cut. */
export async function startShuffle(maps: number, rows: number, partitions: number) {
  const dir = mkdtempSync(join(tmpdir(), 'blocks-test-'));
  dirs.push(dir);
  const random = randomOf(maps * rows);
  const expected: string[][] = Array.from({ length: partitions }, () => []);
  const outputs: MapOutput[] = [];
  const started = [];
  for (const worker of ['worker-a', 'worker-b']) {
    const store = new BlockStore(join(dir, worker));
    const source = { worker, token: `token of ${worker}`, store, kept: null };
    const server = await startBlockServer({
      host: '127.0.0.1',
      secret: 'cluster secret',
      findSource: (name) => (name === worker ? source : null),
    });
    servers.push(server);
    started.push({ ...source, server });
  }
  for (let map = 0; map < maps; map++) {
    const { worker, token, store, server } = started[map % 2];
    const { output, texts } = await writeMap({ worker, store, map, rows, partitions, random });
    texts.forEach((of, p) => {
      expected[p].push(...of);
    });
    outputs.push({ ...output, endpoint: server.endpoint, token });
  }
  return { expected, outputs, started };
}

interface MapSpec {
  readonly worker: string;
  readonly store: BlockStore;
  readonly map: number;
  readonly rows: number;
  readonly partitions: number;
  readonly random?: () => number;
}

/** An output of shuffle 3 of job-1, whose path no reader finds, and its rows by partition. */
export async function writeMap({ worker, store, map, rows, partitions, random = randomOf(map + 1) }: MapSpec) {
  const dataPath = store.prepareDataPath('job-1', 3, map, 1);
  const writer = createSortWriter({
    schema: MIXED,
    partitions,
    identity: { worker, shuffle: 3, map, attempt: 1 },
    dataPath,
    spillDir: store.root,
    bufferBytes: 1 << 26,
    batchRows: 500,
    codec: null,
  });
  const batch = randomBatch(rows, random, null);
  const of = Int32Array.from({ length: rows }, () => Math.floor(random() * partitions));
  writer.write(batch, of);
  const texts: string[][] = Array.from({ length: partitions }, () => []);
  for (const [i, text] of rowTexts(batch, MIXED).entries()) texts[of[i]].push(text);
  const { bytes } = await writer.finish();
  const output: MapOutput = { map, attempt: 1, worker, endpoint: '', token: '', path: `/nowhere${dataPath}`, bytes };
  return { output, texts };
}

export async function read(
  outputs: readonly MapOutput[],
  partition: number,
  bytesInFlight: number,
  batchRows = 1000,
  patience: FetchPatience = PATIENCE,
) {
  const seen = { remote: 0, blocks: 0, spilled: 0 };
  const batches: Batch[] = [];
  const place = newSpillPlace();
  const options = { job: 'job-1', shuffle: 3, schema: MIXED, batchRows, batchBytes: 1 << 20, bytesInFlight, patience, ...place };
  const onBlock = (bytes: number, _rows: number, remote: boolean) => {
    seen.blocks++;
    if (remote) seen.remote += bytes;
  };
  const onSpill = (bytes: number) => {
    seen.spilled += bytes;
  };
  try {
    for await (const batch of readBlocks(outputs, partition, { ...options, onBlock, onSpill })) batches.push(batch);
  } finally {
    expect(place.files()).toEqual([]);
  }
  return { rows: batches.flatMap((batch) => rowTexts(batch, MIXED)), batches, seen };
}
