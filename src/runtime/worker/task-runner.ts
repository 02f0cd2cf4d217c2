/**
 * Owns: the two places where a worker's tasks run: its task threads, or the thread that holds the worker itself.
 * Receives one request a free slot at a time; gives the reply after all its blocks were handed on.
 */
import { toWireError, type WireError } from '../../core/errors.js';
import type { WorkerId } from '../../core/ids.js';
import type { BlockStore } from '../shuffle/block-store.js';
import { type BlockMessage, CANCELLED, FLAGS_PER_SLOT, TAKEN, type TaskReply, type TaskRequest } from './task-request.js';
import { ThreadPools } from './thread-pools.js';

export interface TaskRunner {
  /**
   * Runs a task. `signal` ends it at once where that is possible; the promise rejects when its thread ended before it replied.
   * Further blocks of the task are held back until those handed on before have resolved; where `onBlock` fails, the task fails with its error.
   */
  run(request: TaskRequest, bundle: string | null, signal: AbortSignal, onBlock: OnBlock): Promise<TaskReply>;
  /** Lets the task on this slot know that it should end. */
  cancel(slot: number): void;
  close(): Promise<void>;
}

export type OnBlock = (message: BlockMessage) => void | Promise<void>;

/** Blocks come by another port than replies, and may be behind them. */
interface Receiving {
  readonly slot: number;
  readonly onBlock: OnBlock;
  handedOn: number;
  /** Why a block could not be handed on. */
  failure: WireError | null;
  wake: () => void;
}

export class ThreadRunner implements TaskRunner {
  private readonly flags: Int32Array;
  private readonly pools: ThreadPools;
  private readonly receiving = new Map<number, Receiving>();

  constructor(worker: WorkerId, store: BlockStore, slots: number) {
    this.flags = new Int32Array(new SharedArrayBuffer(slots * FLAGS_PER_SLOT * 4));
    this.pools = new ThreadPools(slots, { worker, root: store.root, flags: this.flags }, (message) => void this.receive(message));
  }

  async run(request: TaskRequest, bundle: string | null, signal: AbortSignal, onBlock: OnBlock): Promise<TaskReply> {
    const { slot, serial } = request;
    Atomics.store(this.flags, slot * FLAGS_PER_SLOT + CANCELLED, 0);
    Atomics.store(this.flags, slot * FLAGS_PER_SLOT + TAKEN, 0);
    const receiving: Receiving = { slot, onBlock, handedOn: 0, failure: null, wake: () => {} };
    this.receiving.set(serial, receiving);
    try {
      const reply = await this.pools.run(request, bundle, signal);
      while (reply.ok && receiving.failure === null && receiving.handedOn < reply.blocks) await nextBlock(receiving, signal);
      return receiving.failure === null ? reply : { ok: false, metrics: reply.metrics, error: receiving.failure };
    } finally {
      this.receiving.delete(serial);
    }
  }

  cancel(slot: number): void {
    Atomics.store(this.flags, slot * FLAGS_PER_SLOT + CANCELLED, 1);
    Atomics.notify(this.flags, slot * FLAGS_PER_SLOT + TAKEN);
  }

  close(): Promise<void> {
    return this.pools.close();
  }

  /** Never rejects: what fails is the task's. */
  private async receive(message: BlockMessage): Promise<void> {
    const receiving = this.receiving.get(message.serial);
    // The task was ended meanwhile, or one of its blocks could not be handed on.
    if (!receiving || receiving.failure) return;
    try {
      await receiving.onBlock(message);
      receiving.handedOn++;
    } catch (thrown) {
      receiving.failure ??= toWireError(thrown);
    }
    receiving.wake();
    if (this.receiving.get(message.serial) !== receiving) return;
    // Either way the task may be waiting.
    if (receiving.failure) return this.cancel(receiving.slot);
    Atomics.add(this.flags, receiving.slot * FLAGS_PER_SLOT + TAKEN, 1);
    Atomics.notify(this.flags, receiving.slot * FLAGS_PER_SLOT + TAKEN);
  }
}

/** Holds the process meanwhile: a thread that has replied does not, and in a local session nothing else may. */
function nextBlock(receiving: Receiving, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const hold = setInterval(() => {}, 60_000);
    const stop = () => {
      clearInterval(hold);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    receiving.wake = () => {
      clearInterval(hold);
      signal.removeEventListener('abort', stop);
      resolve();
    };
  });
}

/** Tasks notice that they were cancelled at their next batch, and cannot be ended before. */
export class InlineRunner implements TaskRunner {
  private readonly worker: WorkerId;
  private readonly store: BlockStore;
  private readonly cancelled = new Set<number>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(worker: WorkerId, store: BlockStore) {
    this.worker = worker;
    this.store = store;
  }

  run(request: TaskRequest, _bundle: string | null, _signal: AbortSignal, onBlock: OnBlock): Promise<TaskReply> {
    const { serial, slot } = request;
    this.cancelled.delete(slot);
    const run = async () => {
      const { runRequest } = await import('./run-request.js');
      return runRequest(request, {
        worker: this.worker,
        store: this.store,
        sharesThread: true,
        isCancelled: () => this.cancelled.has(slot),
        emitBlock: async (index, rows, block) => onBlock({ kind: 'block', serial, index, rows, block }),
      });
    };
    const reply = this.last.then(run);
    this.last = reply.catch(() => {});
    return reply;
  }

  cancel(slot: number): void {
    this.cancelled.add(slot);
  }

  async close(): Promise<void> {
    await this.last;
  }
}
