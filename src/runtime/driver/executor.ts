/**
 * Owns: the seam between the driver and where tasks run: an executor takes a stage graph and gives result blocks and events.
 * Three implement it: local (this process's threads), local-cluster (spawned workers on loopback), grpc (a standing cluster).
 */
import type { Config } from '../../core/config.js';
import type { EventListener } from '../../core/events.js';
import type { JobId } from '../../core/ids.js';
import type { StageGraph } from '../../planner/stages/graph.js';
import type { Faults } from './faults.js';

export interface JobSubmission {
  readonly job: JobId;
  /** For people: the job file and the action's line. */
  readonly name: string;
  readonly graph: StageGraph;
  readonly config: Readonly<Record<string, string>>;
  readonly bundle: { readonly hash: string; readonly code: string } | null;
  /** Some closure exists in this process's own thread only: run there, never in a task thread. */
  readonly opaque: boolean;
  readonly signal: AbortSignal;
  /** Broadcast values that its functions read; shared before. */
  readonly blobs: readonly string[];
}

/** Rows of one partition of the result stage, from its successful attempt only; blocks of a partition come in order, partitions in any order. */
export interface ResultBlock {
  readonly partition: number;
  readonly block: Uint8Array;
  readonly rows: number;
}

export interface ExecutorOptions {
  readonly config: Config;
  /** Of a grpc:// cluster that asks for one. */
  readonly tokenFile?: string;
  /** Ends the attempt to reach a cluster. */
  readonly signal?: AbortSignal;
  /** What a local cluster is put through; null for nothing. */
  readonly faults?: Faults | null;
}

export interface Executor {
  /** Slots that could run a task now; 0 when no worker is there yet. */
  slots(): Promise<number>;
  /** Ends after all partitions; throws the job's error, or JOB_CANCELLED once `signal` aborted and everything was cleaned up. */
  run(submission: JobSubmission, onEvent: EventListener): AsyncIterable<ResultBlock>;
  /** Hands over a broadcast value, from where each worker gets it once. The bytes must not change. */
  share(id: string, bytes: Uint8Array): Promise<void>;
  /** Frees what was shared, everywhere, once no running job uses it. Never rejects: what a lost cluster held is gone. */
  release(ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
