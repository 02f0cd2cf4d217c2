import { expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-text.js';
import { arrayOf } from '../../../src/data/types.js';
import { call, input, rowsLeaf, runPlan } from '../exec/task.js';

/** Lengths of the batches that the rows of a wide text and a list, exploded, come in. */
async function batchLengths(width: number, rows: number, config: Readonly<Record<string, string>>): Promise<number[]> {
  const leaf = rowsLeaf('s string, v array<int>', [['x'.repeat(width), Array.from({ length: rows }, (_, i) => i)]]);
  const generator = call('explode', [input(leaf, 'v')], arrayOf({ kind: 'int32' }));
  const lengths: number[] = [];
  const schema = parseSchema('s string, col int');
  const outcome = await runPlan(
    { kind: 'generate', schema, child: leaf, generator, outer: false, keep: [0] },
    { config, onBlock: (n) => lengths.push(n) },
  );
  expect(outcome.rows.map(([, n]) => n)).toEqual(Array.from({ length: rows }, (_, i) => i));
  return lengths;
}

test('batches close at their rows', async () => {
  expect(await batchLengths(1, 5000, { 'batch.rows': '2000' })).toEqual([2000, 2000, 1000]);
  expect(await batchLengths(1, 7, { 'batch.rows': '1' })).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(await batchLengths(1, 4, { 'batch.rows': '2' })).toEqual([2, 2]);
});

test('batches of wide rows close at their bytes', async () => {
  const lengths = await batchLengths(1000, 1000, { 'batch.bytes': '64k' });
  expect(Math.max(...lengths)).toBeLessThan(70);
  expect(lengths.length).toBeLessThan(20);
});

test('a row beyond all bounds', async () => {
  expect(Math.max(...(await batchLengths(100_000, 100, { 'batch.bytes': '64k' })))).toBeLessThan(17);
});
