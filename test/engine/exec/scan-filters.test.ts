/**
 * Row groups that dictionaries show to hold nothing for a filter: passed over, with the same rows as without.
 * dictionaries.parquet is pyarrow's: three row groups of 300 rows whose bounds are alike. `s` is a or d, in the second also bear, in the third
 * also null; `n` is 0 or 100, in the second also 51, in the third also null; the pages of `u` soon go on without its dictionary.
 */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { expr } from '../../../src/index.js';
import { tempDir } from '../sources/reading.js';
import { openInProcess } from './in-process.js';

const FILE = join(import.meta.dirname, '../../fixtures/dictionaries.parquet');
const { spark, backend } = openInProcess();
const dir = tempDir();
afterAll(() => dir.dispose());

/** How many rows pass, and how many row groups were not read. */
async function pass(condition: string, path = FILE): Promise<[number, number]> {
  const rows = await spark.read.parquet(path).where(expr(condition)).collect();
  const { skippedRows, inputRows } = backend.metrics;
  expect(skippedRows + inputRows).toBe(900);
  return [rows.length, skippedRows / 300];
}

test.each([
  ["s = 'bear'", 100, 2],
  ["s IN ('bear', 'c')", 100, 2],
  ["s = 'c'", 0, 3],
  ["s LIKE '%ear'", 100, 2],
  ['length(s) > 1 AND n >= 0', 100, 2],
  ["s = 'bear' OR s = 'a'", 450, 0],
  ['n = 51', 100, 2],
  ['n % 2 = 1', 100, 2],
  ['n > 51 AND n < 100', 0, 3],
  // Nulls are in no dictionary.
  ["coalesce(s, 'none') = 'none'", 100, 2],
  ['n IS NULL', 100, 2],
  ["NOT (s <=> 'a') AND NOT (s <=> 'd')", 200, 1],
  // Not all of its values are in the dictionary; and what may fail for an entry fails above the scan, if a row comes so far.
  ["u LIKE '%nowhere'", 0, 0],
  ["n = 51 AND s = 'bear'", 100, 2],
])('pyarrow: %s', async (condition, rows, groups) => {
  const [found, passed] = await pass(condition);
  expect(passed).toBe(groups);
  expect(found).toBe(rows);
});

test('a filter that fails for an entry fails as it does where nothing is passed over, and not for one that no row brings to it', async () => {
  await expect(pass('1 / (n - 51) > 5')).rejects.toMatchObject({ condition: 'DIVIDE_BY_ZERO' });
  expect(await pass('n <> 51 AND 100 / (n - 51) > 2')).toEqual([350, 0]);
});

test('files of our own say as much', async () => {
  const path = join(dir.path, 'own');
  const values = [...Array(300)].flatMap((_, i) => [
    [i % 2 ? 'a' : 'd', 0],
    [i % 2 ? 'a' : i % 3 ? 'bear' : 'd', 1],
    [i % 2 ? 'a' : null, 2],
  ]);
  const rows = values.map(([s, part]) => ({ s: s as string | null, part: part as number }));
  await spark.createDataFrame(rows, 's string, part int').repartition(3, 'part').write.partitionBy('part').parquet(path);
  const [found, groups] = await pass("s = 'bear'", path);
  expect([found, groups]).toEqual([rows.filter(({ s }) => s === 'bear').length, 2]);
});
