/** More columns, and longer texts, than anyone has. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expr } from '../../src/index.js';
import { openInProcess } from '../engine/exec/in-process.js';

const { spark } = openInProcess({ 'shuffle.partitions': '3' });
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-sizes-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('10,000 columns: read, computed, written, grouped', async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
  const path = join(dir, 'wide.csv');
  writeFileSync(path, `${names.join(',')}\n${names.map((_, i) => i).join(',')}\n${names.map(() => '').join(',')}\n`);
  const wide = spark.read.option('header', 'true').option('inferSchema', 'true').csv(path);
  expect((await wide.columns()).length).toBe(10_000);
  const out = join(dir, 'wide.parquet');
  await wide.withColumn('c9999', expr('c9999 + 1')).write.parquet(out);
  const back = spark.read.parquet(out);
  expect(await back.select('c0', 'c9999').orderBy('c0').collect()).toEqual([
    { c0: null, c9999: null },
    { c0: 0, c9999: 10_000 },
  ]);
  expect((await back.distinct().collect()).length).toBe(2);
});

test('a string of 100 MB: through a sort, a shuffle, a file', async () => {
  const path = join(dir, 'long.txt');
  writeFileSync(path, Buffer.concat([Buffer.alloc(100 << 20, 'x'), Buffer.from('\nshort\n')]));
  const lines = spark.read.text(path);
  const lengths = lines.select(expr('length(value) AS n'));
  expect(await lengths.orderBy('n').collect()).toEqual([{ n: 5 }, { n: 100 << 20 }]);
  const out = join(dir, 'long.parquet');
  await lines.repartition(2).orderBy('value').write.parquet(out);
  expect(await spark.read.parquet(out).select(expr('length(value) AS n')).collect()).toEqual([{ n: 5 }, { n: 100 << 20 }]);
});
