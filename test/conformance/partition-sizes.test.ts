/**
 * repartition(n, columns) puts rows where Spark does. partition-sizes.jsonl: `keys` are expressions over `id` of range(0, 200), `sizes` the
 * rows of each partition that has any, as Spark 4.3 counted them; spark-expressions.jsonl has hashes of single values.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { count, expr } from '../../src/index.js';
import { openInProcess } from '../engine/exec/in-process.js';

interface Sizes {
  readonly keys: readonly string[];
  readonly partitions: number;
  readonly sizes: string;
}

const linesOf = <T>(name: string): T[] =>
  readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

const { spark } = openInProcess();
const PLACE = expr('spark_partition_id() AS p');

async function sizesOf({ keys, partitions }: Sizes): Promise<string> {
  const rows = spark.range(0, 200, 1, 4).select('id', ...keys.map((key, i) => expr(key).as(`k${i}`)));
  const spread = rows.repartition(partitions, ...keys.map((_, i) => `k${i}` as never));
  // One task reads all partitions, one after the other.
  const sizes = await spread.select(PLACE).coalesce(1).groupBy('p').agg(count().as('n')).orderBy('p').collect();
  return sizes.map(({ p, n }) => `${p}:${n}`).join(' ');
}

const vectors = linesOf<Sizes>('partition-sizes.jsonl');

test.each([1, 7, 200, 2048])('sizes of %i partitions', async (partitions) => {
  const wanted = vectors.filter((vector) => vector.partitions === partitions);
  expect(wanted.length).toBe(24);
  for (const vector of wanted) expect({ ...vector, sizes: await sizesOf(vector) }).toEqual(vector);
});

test('a row of each value whose hash Spark told lies where the hash says', async () => {
  const hashes = linesOf<{ expr: string; value: string | null }>('spark-expressions.jsonl').flatMap(({ expr: text, value }) => {
    const key = /^hash\((.+)\)$/.exec(text)?.[1];
    return key === undefined || value === null ? [] : [{ key, partition: ((Number(value) % 200) + 200) % 200 }];
  });
  expect(hashes.length).toBeGreaterThan(25);
  for (const { key, partition } of hashes) {
    const places = spark.range(1).select(expr(key).as('k')).repartition(200, 'k').select(PLACE).coalesce(1);
    expect([key, await places.collect()]).toEqual([key, [{ p: partition }]]);
  }
});
