import { expect, test } from 'vitest';
import { columnOf } from '../../../src/data/builder.js';
import { encodeStream } from '../../../src/data/ipc.js';
import { INT32 } from '../../../src/data/types.js';
import { readValue } from '../../../src/data/value.js';
import type { ResultBlock } from '../../../src/runtime/driver/executor.js';
import { AcceptOrder, inPartitionOrder } from '../../../src/runtime/driver/ordered-results.js';

const schema = { fields: [{ name: 'x', type: INT32, nullable: false }] };

const block = (partition: number, value: number): ResultBlock => ({
  partition,
  rows: 1,
  block: encodeStream(schema, [{ length: 1, columns: [columnOf(INT32, [value])] }]),
});

async function* sent(blocks: readonly ResultBlock[], log: string[]): AsyncIterable<ResultBlock> {
  for (const one of blocks) {
    log.push(`sent ${one.partition}`);
    yield one;
  }
}

/** What was sent and what came out, in order. `order`: partitions as they were accepted. */
async function trace(order: readonly number[], blocks: readonly ResultBlock[], maxBytes = 0): Promise<string[]> {
  const log: string[] = [];
  const accepted = new AcceptOrder();
  for (const partition of order) accepted.note(partition);
  for await (const batch of inPartitionOrder(sent(blocks, log), accepted, maxBytes))
    log.push(`got ${readValue(batch.columns[0], INT32, 0)}`);
  return log;
}

test('partitions that come in order are handed on as they come', async () => {
  expect(await trace([0, 1], [block(0, 1), block(0, 2), block(1, 3)])).toEqual(['sent 0', 'got 1', 'sent 0', 'got 2', 'sent 1', 'got 3']);
});

test('an early partition waits for those before it, which may be empty', async () => {
  expect(await trace([2, 1, 0, 3], [block(2, 30), block(0, 10), block(3, 40)])).toEqual([
    'sent 2',
    'sent 0',
    'got 10',
    'sent 3',
    'got 30',
    'got 40',
  ]);
});

test('what was accepted last and is empty holds nothing back for good', async () => {
  expect(await trace([1, 0], [block(1, 20)])).toEqual(['sent 1', 'got 20']);
});

test('no more than a bound waits for a late partition', async () => {
  const one = block(0, 1).block.length;
  const early = [block(1, 1), block(2, 2), block(0, 3), block(3, 4)];
  expect(await trace([1, 2, 0, 3], early, 2 * one)).toContain('got 4');
  await expect(trace([1, 2, 0, 3], early, 2 * one - 1)).rejects.toMatchObject({ condition: 'RESULT_TOO_LARGE' });
});
