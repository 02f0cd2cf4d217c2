/**
 * Owns: the worker's task threads, in piscina pools. A thread serves one bundle for its life, so there is a pool a bundle; tasks without
 * code run in any. Receives requests one a free slot; gives replies, blocks as they come, or why the thread ended.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { packageRoot } from '../rpc/proto-path.js';
import type { BlockMessage, TaskReply, TaskRequest, ThreadSetup } from './task-request.js';

interface BundlePool {
  readonly threads: Piscina<TaskRequest, TaskReply>;
  /** Null until the first task with code. */
  bundle: string | null;
  /** For each task that runs, what fails it. */
  readonly running: Set<(error: Error) => void>;
}

/** Idle pools of other bundles are ended beyond so many: a session's next job most often has the bundle of its last. */
const KEPT_POOLS = 2;

export class ThreadPools {
  private readonly slots: number;
  private readonly setup: ThreadSetup;
  private readonly onBlock: (message: BlockMessage) => void;
  /** Most recently used last. */
  private readonly pools: BundlePool[] = [];
  private closed = false;

  /** Starts `slots` threads in the background, so that the first task finds one. */
  constructor(slots: number, setup: ThreadSetup, onBlock: (message: BlockMessage) => void) {
    this.slots = slots;
    this.setup = setup;
    this.onBlock = onBlock;
    this.addPool(null);
  }

  /** Rejects when the thread ended before it replied: by `signal`, which ends it at once, or of itself. */
  async run(request: TaskRequest, bundle: string | null, signal: AbortSignal): Promise<TaskReply> {
    const { running, threads } = this.poolFor(bundle);
    let fail = (_: Error): void => {};
    try {
      return await new Promise((resolve, reject) => {
        fail = reject;
        running.add(fail);
        threads.run(request, { signal }).then(resolve, reject);
      });
    } finally {
      running.delete(fail);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.pools.splice(0).map(({ threads }) => threads.destroy()));
  }

  private poolFor(bundle: string | null): BundlePool {
    const same = this.pools.findLast((pool) => bundle === null || pool.bundle === bundle);
    const pool = same ?? this.pools.find((candidate) => candidate.bundle === null) ?? this.addPool(bundle);
    pool.bundle ??= bundle;
    this.forget(pool);
    this.pools.push(pool);
    this.endIdle();
    return pool;
  }

  private addPool(bundle: string | null): BundlePool {
    const threads = new Piscina<TaskRequest, TaskReply>({
      filename: threadFile(),
      workerData: this.setup,
      minThreads: this.slots,
      maxThreads: this.slots,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
    });
    threads.on('message', (message: BlockMessage) => this.onBlock(message));
    const pool: BundlePool = { threads, bundle, running: new Set() };
    threads.on('error', (error) => {
      // A thread that dies idle is replaced; one that dies in a task rejects `run`. None is left where they fail at their start:
      // piscina would leave its tasks waiting.
      if (threads.threads.length > 0) return;
      this.forget(pool);
      for (const fail of pool.running) fail(error);
    });
    this.pools.push(pool);
    return pool;
  }

  private forget(pool: BundlePool): void {
    const at = this.pools.indexOf(pool);
    if (at >= 0) this.pools.splice(at, 1);
  }

  private endIdle(): void {
    while (this.pools.length > KEPT_POOLS && !this.closed) {
      const idle = this.pools.findIndex((pool, i) => pool.running.size === 0 && i < this.pools.length - 1);
      if (idle < 0) return;
      const [{ threads }] = this.pools.splice(idle, 1);
      void threads.destroy();
    }
  }
}

/** Loads dist/task-thread.js: threads always run the built file, for Node cannot load TypeScript in them. */
function threadFile(): string {
  return join(packageRoot(dirname(fileURLToPath(import.meta.url))), 'bin', 'task-thread.cjs');
}
