/**
 * Owns: what a worker and its task threads say to each other. Requests stay tiny: what the tasks of a stage share lies in a file that each
 * thread reads once (stage-file.ts). All of it passes structured cloning.
 */
import type { WireError } from '../../core/errors.js';
import type { AccumulatorUpdate, TaskMetrics } from '../../core/events.js';
import type { TaskKey, WorkerId } from '../../core/ids.js';
import type { ShuffleWritten } from '../rpc/messages.js';
import type { KeptBlock } from '../shuffle/kept-store.js';
import type { ServicePlace } from './service-link.js';

export interface KeptBytes {
  readonly home: string;
  readonly map: number;
  readonly bytes: Uint8Array;
}

export interface TaskRequest {
  /** Unique in the worker's life; blocks carry it. */
  readonly serial: number;
  readonly slot: number;
  readonly key: TaskKey;
  readonly stageFile: string;
  /** A TaskInput, as JSON text. */
  readonly input: string;
  /** What the task reads of partitions that are kept in this worker's memory, which is shared. */
  readonly kept: readonly KeptBytes[];
  /** Where its shuffle blocks go, if not into the worker's own directory. */
  readonly service: ServicePlace | null;
}

/** `blocks`: how many result blocks were handed over on the way. */
export type TaskReply =
  | {
      readonly ok: true;
      readonly metrics: TaskMetrics;
      readonly output: ShuffleWritten | null;
      /** Where the output is a partition to keep, for the worker to hold. */
      readonly kept: KeptBlock | null;
      readonly blocks: number;
      readonly accumulated: readonly AccumulatorUpdate[];
    }
  | { readonly ok: false; readonly metrics: TaskMetrics | null; readonly error: WireError };

/** A block of result rows on its way from a thread. */
export interface BlockMessage {
  readonly kind: 'block';
  readonly serial: number;
  readonly index: number;
  readonly rows: number;
  readonly block: Uint8Array;
}

/** What a thread is told once, at its start. */
export interface ThreadSetup {
  readonly worker: WorkerId;
  /** Root of the worker's BlockStore. */
  readonly root: string;
  /** FLAGS_PER_SLOT integers a slot, shared. */
  readonly flags: Int32Array;
}

/*
 * Flags of a slot, reset when a task takes it: `CANCELLED` is set by the worker and looked at by the task once a batch; `TAKEN` counts the
 * blocks that the worker has passed on, and the thread waits on it when it is too far ahead.
 */
export const FLAGS_PER_SLOT = 2;
export const CANCELLED = 0;
export const TAKEN = 1;
/** Result blocks that a task may be ahead of the worker. */
export const BLOCKS_AHEAD = 4;
