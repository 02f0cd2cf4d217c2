/**
 * Owns: the result blocks of one job on their way from workers to the driver.
 * Blocks of an attempt wait until its `finished` is accepted; accepted ones go out while the driver has taken all but a window of bytes.
 * When more than a window waits for the driver, the service holds the result stage's launches: memory stays near
 * two windows plus what the tasks under way give. A job that outgrows `driver.maxResultSize` even so is ended.
 */
import type { TaskKey } from '../../core/ids.js';
import type { JobResult } from '../rpc/messages.js';
import { Fifo } from './fifo.js';

export class JobResults {
  /** By partition: the blocks of the one attempt that runs now. */
  private readonly waiting = new Map<number, { readonly attempt: number; readonly blocks: JobResult[] }>();
  private readonly accepted = new Fifo<JobResult>();
  private readonly window: number;
  private readonly deliver: (block: JobResult) => void;
  private waitingBytes = 0;
  private acceptedBytes = 0;
  private untakenBytes = 0;

  constructor(window: number, deliver: (block: JobResult) => void) {
    this.window = window;
    this.deliver = deliver;
  }

  /** Bytes here, whether accepted or not. */
  get bytes(): number {
    return this.waitingBytes + this.acceptedBytes;
  }

  /** The driver has a window to take and another one waits for it. */
  get isBehind(): boolean {
    return this.acceptedBytes > this.window;
  }

  get isDelivered(): boolean {
    return this.accepted.length === 0;
  }

  add(key: TaskKey, rows: number, block: Uint8Array): void {
    let entry = this.waiting.get(key.partition);
    if (entry?.attempt !== key.attempt) {
      this.drop(key.partition);
      entry = { attempt: key.attempt, blocks: [] };
      this.waiting.set(key.partition, entry);
    }
    entry.blocks.push({ partition: key.partition, rows, block });
    this.waitingBytes += block.length;
  }

  /** How many blocks of this attempt are here. */
  count(key: TaskKey): number {
    const entry = this.waiting.get(key.partition);
    return entry?.attempt === key.attempt ? entry.blocks.length : 0;
  }

  accept(key: TaskKey): void {
    const entry = this.waiting.get(key.partition);
    if (entry?.attempt !== key.attempt) return;
    this.drop(key.partition);
    for (const block of entry.blocks) {
      this.accepted.push(block);
      this.acceptedBytes += block.block.length;
    }
    this.send();
  }

  discard(key: TaskKey): void {
    if (this.waiting.get(key.partition)?.attempt === key.attempt) this.drop(key.partition);
  }

  taken(bytes: number): void {
    this.untakenBytes -= bytes;
    this.send();
  }

  private send(): void {
    while (this.untakenBytes < this.window) {
      const block = this.accepted.shift();
      if (!block) return;
      this.acceptedBytes -= block.block.length;
      this.untakenBytes += block.block.length;
      this.deliver(block);
    }
  }

  private drop(partition: number): void {
    for (const { block } of this.waiting.get(partition)?.blocks ?? []) this.waitingBytes -= block.length;
    this.waiting.delete(partition);
  }
}
