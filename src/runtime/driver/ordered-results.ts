/** Owns: bringing result blocks into the order of their partitions. Blocks of a partition come in order, partitions come as tasks end. */
import type { Batch } from '../../data/batch.js';
import { decodeStream } from '../../data/ipc.js';
import type { ResultBlock } from './executor.js';

/** Batches in partition order, each as soon as everything before it is known. */
export async function* inPartitionOrder(blocks: AsyncIterable<ResultBlock>): AsyncIterable<Batch> {
  const waiting = new Map<number, Uint8Array[]>();
  let current = 0;
  let highest = 0;
  // A block of a later partition says nothing of an earlier one's end: that is known when the run ends, or when a later one is all there is.
  for await (const { partition, block } of blocks) {
    highest = Math.max(highest, partition);
    if (partition === current) yield* decodeStream(block).batches;
    else waiting.set(partition, [...(waiting.get(partition) ?? []), block]);
  }
  for (current++; current <= highest; current++) {
    for (const block of waiting.get(current) ?? []) yield* decodeStream(block).batches;
    waiting.delete(current);
  }
}
