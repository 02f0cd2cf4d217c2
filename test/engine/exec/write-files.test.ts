import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { col, udf } from '../../../src/index.js';
import { openInProcess } from './in-process.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'minispark-write-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const { spark, backend } = openInProcess();
const texts = () =>
  readdirSync(join(dir, 'out'))
    .filter((name) => name.startsWith('part-'))
    .sort()
    .map((name) => readFileSync(join(dir, 'out', name), 'utf8'));

test('a file a task, then _SUCCESS; the rows are counted', async () => {
  await spark.range(0, 5, 1, 2).write.csv(join(dir, 'out'));
  expect(texts()).toEqual(['0\n1\n', '2\n3\n4\n']);
  expect(readdirSync(join(dir, 'out'))).toContain('_SUCCESS');
  expect(readdirSync(join(dir, 'out'))).not.toContain('_temporary');
  expect(backend.metrics.outputRows).toBe(5);
  expect(backend.metrics.outputBytes).toBe(10);
});

test('a task that fails leaves nothing of the output', async () => {
  const fails = udf((n: bigint) => {
    if (n === 3n) throw new Error('boom');
    return n;
  }, 'bigint');
  await expect(
    spark
      .range(0, 5, 1, 2)
      .select(fails(col('id')).as('n'))
      .write.csv(join(dir, 'out')),
  ).rejects.toMatchObject({ condition: 'UDF_FAILED' });
  expect(existsSync(join(dir, 'out')) ? readdirSync(join(dir, 'out')) : []).toEqual([]);
});

test('an overwrite that fails keeps what was there', async () => {
  await spark.range(0, 2, 1, 1).write.csv(join(dir, 'out'));
  const fails = udf((): bigint => {
    throw new Error('boom');
  }, 'bigint');
  await expect(spark.range(0, 2, 1, 1).select(fails().as('n')).write.mode('overwrite').csv(join(dir, 'out'))).rejects.toMatchObject({
    condition: 'UDF_FAILED',
  });
  expect(texts()).toEqual(['0\n1\n']);
});

test('no rows still make a table that can be read', async () => {
  await spark.range(0, 0, 1, 1).write.parquet(join(dir, 'out'));
  expect(await spark.read.parquet(join(dir, 'out')).collect()).toEqual([]);
});
