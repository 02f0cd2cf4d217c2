/**
 * Row tests in the Parquet reader: of the rows that a test leaves every column has the values that it has where all rows are read.
 * pages.parquet is pyarrow's: two row groups of 1,200 rows, pages of 50 to 100 rows. `k` counts them; d q t w day are dictionary pages, m and f
 * such at first and then plain ones, the rest plain or RLE; d b s t o f l st have nulls.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MinisparkError } from '../../../src/core/errors.js';
import type { Batch } from '../../../src/data/batch.js';
import { field, INT64, type Schema, STRING, schemaOf } from '../../../src/data/types.js';
import { type EngineValue, readValue } from '../../../src/data/value.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import type { ReadMetrics, RowTest } from '../../../src/engine/sources/source.js';
import { batchRows, fileOf, type ReadSettings, requestFor, tempDir } from './reading.js';

const FILE = fileOf(join(import.meta.dirname, '../../fixtures/pages.parquet'));
const ROWS = 2400;

/** Leaves the rows for which column `place` has a value that passes; `null` for a batch: it does not say. */
function leaving(place: number, pass: (value: EngineValue) => boolean, isUnsure = (_: Batch) => false): RowTest {
  return {
    columns: [place],
    isDue: () => true,
    rowsOf(batch) {
      for (const [k, column] of batch.columns.entries()) if (k > place) expect(column.layout).toBe('null');
      const column = batch.columns[place];
      const rows = Int32Array.from({ length: batch.length }, (_, i) => i);
      return isUnsure(batch) ? null : rows.filter((i) => pass(readValue(column, INT64, i)));
    },
  };
}

interface Answer {
  readonly rows: EngineValue[][];
  readonly metrics: ReadMetrics;
}

async function read(tests: readonly RowTest[], settings: ReadSettings = {}, columns?: Schema, file = FILE): Promise<Answer> {
  const base = await requestFor('parquet', [file], { batchRows: 500, batchBytes: 1 << 24, ...settings, columns });
  const request = { ...base, rowTests: () => tests };
  const rows: EngineValue[][] = [];
  for (const split of sourceOf('parquet').planSplits([file], {}, 1 << 30)) {
    for await (const batch of sourceOf('parquet').readSplit(split, request)) rows.push(...batchRows(batch, request.columns));
  }
  expect(request.metrics.inputRows).toBe(rows.length);
  expect(request.metrics.inputRows + request.metrics.skippedRows).toBe(ROWS);
  return { rows, metrics: request.metrics };
}

const dir = tempDir();
afterAll(() => dir.dispose());

describe('any rows', () => {
  let all: EngineValue[][];
  beforeAll(async () => {
    all = (await read([])).rows;
  });

  test('without tests all rows', () => {
    expect(all).toHaveLength(ROWS);
    const first = all[1].map((value) => (value instanceof Uint8Array ? [...value] : value));
    expect(first.slice(0, 9)).toEqual([1n, 7, 13n, 1n, 1n, false, true, 'x1', 'é1']);
  });

  const some = fc.oneof(
    fc.array(fc.nat(ROWS - 1), { maxLength: 6 }),
    fc.tuple(fc.nat(ROWS), fc.nat(400)).map(([from, n]) => Array.from({ length: n }, (_, i) => from + i)),
    fc
      .tuple(fc.integer({ min: 1, max: 90 }), fc.nat(89))
      .map(([m, r]) => Array.from({ length: ROWS }, (_, i) => i).filter((i) => i % m === r % m)),
  );

  test('one test', async () => {
    await fc.assert(
      fc.asyncProperty(some, async (wanted) => {
        const set = new Set(wanted);
        const { rows } = await read([leaving(0, (k) => set.has(Number(k)))]);
        expect(rows).toEqual(all.filter((_, i) => set.has(i)));
      }),
      { numRuns: 15 },
    );
  });

  test('tests one after the other, and some that do not say', async () => {
    await fc.assert(
      fc.asyncProperty(some, fc.boolean(), async (wanted, isUnsure) => {
        const set = new Set(wanted);
        const tests = [
          leaving(
            0,
            (k) => set.has(Number(k)),
            () => isUnsure,
          ),
          leaving(2, (q) => Number(q) < 20),
          leaving(4, (m) => Number(m) % 2 === 0),
        ];
        const { rows } = await read(tests);
        const passes = (row: EngineValue[], i: number) => (isUnsure || set.has(i)) && Number(row[2]) < 20 && Number(row[4]) % 2 === 0;
        expect(rows).toEqual(all.filter(passes));
      }),
      { numRuns: 10 },
    );
  });

  test('a column of which no row is wanted is not read', async () => {
    const columns = schemaOf(field('k', INT64), field('s', STRING));
    const whole = await read([], {}, columns);
    const { rows, metrics } = await read([leaving(0, () => false)], {}, columns);
    expect(rows).toEqual([]);
    expect(metrics.skippedRows).toBe(ROWS);
    expect(metrics.inputBytes).toBeLessThan(0.6 * whole.metrics.inputBytes);
  });

  test('a column that the file does not have', async () => {
    const schema = schemaOf(field('k', INT64), field('none', STRING));
    const few = leaving(0, (k) => k === 5n || k === 2399n);
    expect((await read([few], { schema }, schema)).rows).toEqual([
      [5n, null],
      [2399n, null],
    ]);
  });

  test('one wrong byte anywhere: the rows, or an error', async () => {
    const bytes = readFileSync(fileURLToPath(FILE.uri));
    const columns = schemaOf(field('k', INT64), field('t', STRING), field('u', STRING), field('m', INT64));
    const wanted = new Set([3, 611, 1400, 1401]);
    const tests = [leaving(0, (k) => wanted.has(Number(k)))];
    const expected = (await read(tests, {}, columns)).rows;
    const position = fc.integer({ min: 4, max: bytes.length - 9 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at] ^= change;
        const file = fileOf(join(dir.path, 'damaged.parquet'), damaged);
        const outcome = await read(tests, {}, columns, file).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MinisparkError);
        else expect((outcome as Answer).rows).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  });
});
