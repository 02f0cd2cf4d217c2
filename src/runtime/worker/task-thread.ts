/**
 * Owns: the entry of a task thread: piscina calls its default export (through bin/task-thread.cjs), one task at a time.
 * Result blocks leave through the parent port, by transfer; the task waits while it is too many of them ahead.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { BlockStore } from '../shuffle/block-store.js';
import { runRequest } from './run-request.js';
import {
  BLOCKS_AHEAD,
  type BlockMessage,
  CANCELLED,
  FLAGS_PER_SLOT,
  TAKEN,
  type TaskReply,
  type TaskRequest,
  type ThreadSetup,
} from './task-request.js';
import type { TaskHost } from './task-run.js';

const { worker, root, flags } = workerData as ThreadSetup;
const store = new BlockStore(root);

export default function runInThread(request: TaskRequest): Promise<TaskReply> {
  return runRequest(request, hostOf(request));
}

function hostOf({ slot, serial }: TaskRequest): TaskHost {
  const base = slot * FLAGS_PER_SLOT;
  const isCancelled = () => Atomics.load(flags, base + CANCELLED) !== 0;
  return {
    worker,
    store,
    sharesThread: false,
    isCancelled,
    async emitBlock(index, rows, block) {
      const whole = block.byteLength === block.buffer.byteLength ? block : block.slice();
      const message: BlockMessage = { kind: 'block', serial, index, rows, block: whole };
      parentPort?.postMessage(message, [whole.buffer as ArrayBuffer]);
      for (;;) {
        const taken = Atomics.load(flags, base + TAKEN);
        if (index + 1 - taken < BLOCKS_AHEAD || isCancelled()) return;
        await changeOf(base + TAKEN, taken);
      }
    },
  };
}

/** Waits until a flag is no longer `value`, a second at most. Asynchronous, so that blocks of a shuffle keep coming in meanwhile. */
async function changeOf(index: number, value: number): Promise<void> {
  await (Atomics as AsyncAtomics).waitAsync(flags, index, value, 1000).value;
}

/** Of ES2024; Node has it since 16. */
type AsyncAtomics = typeof Atomics & {
  waitAsync(array: Int32Array, index: number, value: number, timeoutMs: number): { readonly value: string | Promise<string> };
};
