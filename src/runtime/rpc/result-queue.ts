/**
 * Owns: the driver's end of a job's results: blocks pushed by whoever receives them, pulled by the one consumer, then the job's end.
 * Not bounded of itself: the sender keeps to a window of bytes that the consumer has not taken yet.
 */
import type { MinisparkError } from '../../core/errors.js';
import type { JobResult } from './messages.js';

export class ResultQueue {
  private blocks: JobResult[] = [];
  private ended: { readonly error: MinisparkError | null } | null = null;
  private wake: (() => void) | null = null;

  push(block: JobResult): void {
    this.blocks.push(block);
    this.wake?.();
  }

  /** The job is over; an error overtakes blocks that wait. The first end counts. */
  end(error: MinisparkError | null): void {
    this.ended ??= { error };
    this.wake?.();
  }

  get isEnded(): boolean {
    return this.ended !== null;
  }

  /** Resolves when the job is over, whatever blocks wait. */
  async whenEnded(): Promise<void> {
    while (this.ended === null) await this.change();
  }

  /** The next block; null after the last. Throws the job's error. */
  async next(): Promise<JobResult | null> {
    for (;;) {
      if (this.ended?.error) throw this.ended.error;
      const block = this.blocks.shift();
      if (block) return block;
      if (this.ended) return null;
      await this.change();
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
