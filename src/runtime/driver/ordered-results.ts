/**
 * Owns: bringing result blocks into the order of their partitions.
 * Blocks come in the order in which their tasks were accepted, those of one task together.
 */
import type { Batch } from '../../data/batch.js';
import { decodeStream } from '../../data/ipc.js';
import type { ResultBlock } from './executor.js';

/** In which order the partitions of a result stage were accepted, as its events told. */
export class AcceptOrder {
  private readonly order = new Map<number, number>();

  note(partition: number): void {
    if (!this.order.has(partition)) this.order.set(partition, this.order.size);
  }

  /** Whether `a` was accepted, and before `b` was. */
  isBefore(a: number, b: number): boolean {
    return (this.order.get(a) ?? Number.POSITIVE_INFINITY) < (this.order.get(b) ?? Number.POSITIVE_INFINITY);
  }
}

/** Batches in partition order, each as soon as all before it are known to be there. */
export async function* inPartitionOrder(blocks: AsyncIterable<ResultBlock>, accepted: AcceptOrder): AsyncIterable<Batch> {
  const waiting = new Map<number, Uint8Array[]>();
  let current = 0;
  let highest = 0;
  for await (const { partition, block } of blocks) {
    highest = Math.max(highest, partition);
    waiting.set(partition, [...(waiting.get(partition) ?? []), block]);
    for (;;) {
      yield* take(waiting, current);
      // A block of a partition that was accepted later shows that those of `current` are all there.
      if (current === partition || !accepted.isBefore(current, partition)) break;
      current++;
    }
  }
  for (; current <= highest; current++) yield* take(waiting, current);
}

function* take(waiting: Map<number, Uint8Array[]>, partition: number): Iterable<Batch> {
  const blocks = waiting.get(partition) ?? [];
  waiting.delete(partition);
  for (const block of blocks) yield* decodeStream(block).batches;
}
