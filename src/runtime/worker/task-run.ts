/**
 * Owns: what a task has while it runs in this thread: its context, over the worker's shuffles, functions and files, and what it leaves there.
 * Receives a request, its stage and the place; gives the context, and afterwards what the reply must tell.
 */
import { rmSync } from 'node:fs';
import { fatalError, retryableError } from '../../core/errors.js';
import type { WorkerId } from '../../core/ids.js';
import type { MutableMetrics, TaskContext } from '../../engine/exec/task-context.js';
import { BlockStore } from '../shuffle/block-store.js';
import type { KeptBlock } from '../shuffle/kept-store.js';
import { type KeptTaskWriter, openKeptWriter } from './kept-tasks.js';
import { closureKey, type LoadedStage, shareInStage } from './loaded-stage.js';
import { partitionRows } from './partition-rows.js';
import { openWriter, readKeptPartition, readShuffle } from './shuffle-access.js';
import type { TaskRequest } from './task-request.js';

/** The place where tasks run: a task thread, or the worker's own thread. */
export interface TaskHost {
  readonly worker: WorkerId;
  readonly store: BlockStore;
  /** Whether the driver's own code runs in this thread, in between. */
  readonly sharesThread: boolean;
  isCancelled(): boolean;
  /** Hands a result block on; waits where too many are under way. */
  emitBlock(index: number, rows: number, block: Uint8Array): Promise<void>;
}

export interface TaskRun {
  readonly context: TaskContext;
  /** How many result blocks were handed on. */
  blocks(): number;
  /** The partition that it made to be kept. */
  kept(): KeptBlock | null;
  removeSpillFiles(): void;
}

export function openTaskRun(request: TaskRequest, stage: LoadedStage, host: TaskHost, metrics: MutableMetrics): TaskRun {
  const { key, slot, service } = request;
  let blocks = 0;
  let kept: KeptTaskWriter | null = null;
  // Most tasks never ask for it.
  let spillDir: string | null = null;
  const context: TaskContext = {
    key,
    config: stage.config,
    metrics,
    get spillDir() {
      spillDir ??= host.store.taskDir(key);
      return spillDir;
    },
    checkCancelled() {
      if (host.isCancelled()) throw retryableError('TASK_CANCELLED', 'The task was cancelled.');
    },
    readShuffle: (...of) => readShuffle(stage, context, ...of),
    partitionRows: (partitioning, keys, length, start, bounds) => partitionRows(partitioning, keys, length, start + key.partition, bounds),
    readKept: (...of) => readKeptPartition(stage, context, request.kept, ...of),
    openShuffleWriter(output, schema) {
      if (!output.keep)
        return openWriter(output, schema, context, { host, slot, outputs: service ? new BlockStore(service.dir) : host.store });
      kept = openKeptWriter(output.keep, schema, context, host);
      return kept;
    },
    once: (name, make) => shareInStage(stage, name, make),
    closure(closure) {
      const fn = stage.functions.get(closureKey(closure));
      if (!fn) throw fatalError('INTERNAL_ERROR', `The function ${closure.id} is not part of stage ${key.stage}.`);
      return fn as (...args: never[]) => unknown;
    },
    async emitResult(block, rows) {
      await host.emitBlock(blocks++, rows, block);
      context.checkCancelled();
    },
  };
  return {
    context,
    blocks: () => blocks,
    kept: () => kept?.written() ?? null,
    removeSpillFiles() {
      if (spillDir !== null) rmSync(spillDir, { recursive: true, force: true });
    },
  };
}
