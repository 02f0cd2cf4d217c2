/**
 * Owns: bringing result blocks into the order of their partitions.
 * Blocks come in the order in which their tasks were accepted, those of one task together.
 */
import { userError } from '../../core/errors.js';
import { formatBytes } from '../../core/units.js';
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

/**
 * Batches in partition order, each as soon as all before it are known to be there. Where one partition is so late that blocks of more than
 * `maxBytes` wait for it (0: no bound), throws a user error RESULT_TOO_LARGE.
 */
export async function* inPartitionOrder(blocks: AsyncIterable<ResultBlock>, accepted: AcceptOrder, maxBytes: number): AsyncIterable<Batch> {
  const waiting = new WaitingBlocks();
  let current = 0;
  let highest = 0;
  for await (const { partition, block } of blocks) {
    highest = Math.max(highest, partition);
    waiting.add(partition, block);
    for (;;) {
      yield* waiting.take(current);
      // A block of a partition that was accepted later shows that those of `current` are all there.
      if (current === partition || !accepted.isBefore(current, partition)) break;
      current++;
    }
    if (maxBytes > 0 && waiting.bytes > maxBytes) throw tooMuchWaits(current, maxBytes);
  }
  for (; current <= highest; current++) yield* waiting.take(current);
}

/** Blocks by partition, those of each in order. */
class WaitingBlocks {
  bytes = 0;
  private readonly blocks = new Map<number, Uint8Array[]>();

  add(partition: number, block: Uint8Array): void {
    this.bytes += block.length;
    const others = this.blocks.get(partition);
    if (others) others.push(block);
    else this.blocks.set(partition, [block]);
  }

  *take(partition: number): Iterable<Batch> {
    const blocks = this.blocks.get(partition) ?? [];
    this.blocks.delete(partition);
    for (const block of blocks) {
      this.bytes -= block.length;
      yield* decodeStream(block).batches;
    }
  }
}

function tooMuchWaits(partition: number, maxBytes: number) {
  return userError(
    'RESULT_TOO_LARGE',
    `Over ${formatBytes(maxBytes)} of results wait for those of partition ${partition}, which come first.`,
    {
      hint: 'Write large results to files with df.write, spread them more evenly, or raise driver.maxResultSize',
    },
  );
}
