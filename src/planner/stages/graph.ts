/**
 * Owns: the stage graph of one job: what a stage computes, what its tasks read, where its rows go. JSON-plain.
 * Made by `cut.ts`, run by runtime/scheduler, executed a task at a time by engine/exec.
 */
import type { Schema } from '../../data/types.js';
import type { PhysicalOp, ShuffleOutput, TaskInput } from '../physical/operators.js';

export type StageOutput =
  /** A map stage: rows go to the blocks of a shuffle. */
  | ShuffleOutput
  /** The result stage: rows go to the driver as Arrow IPC blocks, in order within a partition. A `write` at the root gives its commit messages as rows. */
  | { readonly kind: 'rows' };

export interface StageDefinition {
  readonly stage: number;
  /** For people: `scan text → explode → partial aggregate`. */
  readonly name: string;
  /** Ends at leaves: no exchange inside. */
  readonly plan: PhysicalOp;
  readonly schema: Schema;
  readonly output: StageOutput;
  /** One entry a task. */
  readonly tasks: readonly TaskInput[];
  /** Stages whose shuffles this one reads, including range bounds. */
  readonly parents: readonly number[];
  /** Where each task reads a kept partition: which one of which parent's. It runs best at the worker that has it. */
  readonly near?: { readonly stage: number; readonly partitions: readonly number[] };
}

export interface StageGraph {
  /** Topologically ordered; `stages[i].stage === i`. The last one is the result stage. */
  readonly stages: readonly StageDefinition[];
}

/** The caches that a graph's stages make. */
export function cachesMadeBy({ stages }: StageGraph): string[] {
  return stages.flatMap(({ output }) => cacheOf(output) ?? []);
}

/** The cache that a stage makes. */
export function cacheOf(output: StageOutput): string | null {
  return output.kind === 'shuffle' && output.keep ? output.keep.cache : null;
}
