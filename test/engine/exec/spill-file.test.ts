import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_METRICS } from '../../../src/core/events.js';
import { parseSchema } from '../../../src/data/schema-text.js';
import { SpillFile } from '../../../src/engine/exec/spill-file.js';
import type { TaskContext } from '../../../src/engine/exec/task-context.js';
import { batchOf, rowsOf } from './task.js';

const SCHEMA = parseSchema('i int, s string');
const BATCHES = [
  [
    [1, 'one'],
    [2, null],
  ],
  [[3, 'three']],
] as const;

let dir: string;
let file: SpillFile;
let path: string;
let metrics: TaskContext['metrics'];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spill-test-'));
  metrics = { ...NO_METRICS };
  file = new SpillFile({ spillDir: dir, metrics } as TaskContext, SCHEMA);
  for (const rows of BATCHES) file.write(batchOf(SCHEMA, rows));
  path = join(dir, readdirSync(dir)[0]);
});

afterEach(() => {
  file.close();
  rmSync(dir, { recursive: true });
});

const read = () => rowsOf(SCHEMA, [...file.read()]);

test('gives back what it was given, as often as it is asked, and is gone when closed', () => {
  for (let n = 0; n < 2; n++) expect(read()).toEqual(BATCHES.flat());
  expect(metrics.spilledBytes).toBe(readFileSync(path).length);
  file.close();
  expect(readdirSync(dir)).toEqual([]);
});

test('never gives other rows than those it was given: any byte that changes, and any cut, is a fault of its own', () => {
  const bytes = readFileSync(path);
  const damaged = { kind: 'retryable', condition: 'SPILL_DAMAGED', message: expect.stringContaining(path) };
  for (let at = 0; at < bytes.length; at += 5) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 0x10;
    writeFileSync(path, changed);
    expect(read).toThrow(expect.objectContaining(damaged));
  }
  writeFileSync(path, bytes);
  const betweenBatches = 8 + bytes.readUInt32LE(0);
  for (const length of [bytes.length - 1, betweenBatches + 8, betweenBatches + 3, betweenBatches, 9, 1, 0]) {
    truncateSync(path, length);
    expect(read).toThrow(expect.objectContaining(damaged));
  }
});
