import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeStream } from '../../../src/data/ipc.js';
import { sortByPartition } from '../../../src/runtime/shuffle/sorted-run.js';
import { SpilledRuns } from '../../../src/runtime/shuffle/spilled-runs.js';
import { MIXED, randomBatch, randomOf, rowTexts } from './random-rows.js';

const ROWS = 200;
let dir: string;
let runs: SpilledRuns;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'runs-test-'));
  runs = new SpilledRuns(join(dir, 'a.spill'), MIXED, 2, { batchRows: 1000, codec: null });
});

afterEach(() => {
  runs.remove();
  rmSync(dir, { recursive: true });
});

const random = randomOf(5);

/** Rows in two partitions, by turns. */
function newRun(rows: number) {
  const batch = randomBatch(rows, random, null);
  const partitions = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const texts = rowTexts(batch, MIXED);
  return {
    run: sortByPartition(MIXED, [batch], [partitions], 2, null),
    texts: [0, 1].map((p) => texts.filter((_, i) => i % 2 === p)),
  };
}

function merge(partition: number, last: ReturnType<typeof newRun>): string[] {
  const parts: Uint8Array[] = [];
  runs.mergeBlock(partition, last.run, (bytes) => parts.push(bytes.slice()));
  return decodeStream(Buffer.concat(parts)).batches.flatMap((batch) => rowTexts(batch, MIXED));
}

test('merges runs in their order, and what the disk gives back changed or cut never becomes a block', () => {
  const [first, second, last] = [newRun(ROWS), newRun(ROWS), newRun(10)];
  runs.add(first.run);
  runs.add(second.run);
  for (const p of [0, 1]) expect(merge(p, last)).toEqual([...first.texts[p], ...second.texts[p], ...last.texts[p]]);

  const path = join(dir, 'a.spill');
  const bytes = readFileSync(path);
  const damaged = expect.objectContaining({ kind: 'retryable', condition: 'SPILL_DAMAGED', message: expect.stringContaining(path) });
  const last8 = bytes.length - 8;
  for (const at of [0, 8, Math.floor(bytes.length / 2), last8]) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1;
    writeFileSync(path, changed);
    expect(() => [0, 1].map((p) => merge(p, last))).toThrow(damaged);
  }
  writeFileSync(path, bytes);
  truncateSync(path, last8);
  expect(() => merge(1, last)).toThrow(damaged);
});
