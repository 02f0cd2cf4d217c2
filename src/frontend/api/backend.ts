/**
 * Owns: the seam between what a user holds and what runs it. A backend takes *logical* plans: the engine in this process,
 * a cluster behind gRPC, or later a Spark Connect server. The API knows nothing else of the engine.
 */
import type { EventListener } from '../../core/events.js';
import type { Batch } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import type { Closure } from '../plan/expression.js';
import type { Plan } from '../plan/logical.js';
import type { Keeper } from './keeper.js';

export const EXPLAIN_MODES = ['simple', 'extended', 'codegen', 'why'] as const;
export type ExplainMode = (typeof EXPLAIN_MODES)[number];

/** A running action. Iterate `batches` to its end, or `return()` early to cancel what is left; errors come out of the iteration. */
export interface Execution {
  readonly schema: Schema;
  /** In partition order; rows of a sorted plan are in order. */
  readonly batches: AsyncIterable<Batch>;
}

export interface Backend {
  /** Schema of the plan's rows. Throws user errors for unknown names, wrong types and missing files. */
  analyze(plan: Plan): Promise<Schema>;
  /** `write` plans run now, and give no batches. */
  execute(plan: Plan): Promise<Execution>;
  explain(plan: Plan, mode: ExplainMode): Promise<string>;
  /** A function as it travels; reads its captures now. Throws CLOSURE_NOT_SHIPPABLE with the user's line. */
  encodeClosure(fn: (...args: never[]) => unknown): Closure;
  onEvent(listener: EventListener): void;
  /** Absent where nothing runs. */
  readonly keeper?: Keeper;
  /** Executions give no rows: plans are shown in their place. */
  readonly onlyExplains?: boolean;
  stop(): Promise<void>;
}

export interface BackendOptions {
  /** `local`, `local[4]`, `local[*]`, `local-cluster[2,1]` or `grpc://host:port`. */
  readonly master: string;
  readonly config: Readonly<Record<string, string>>;
  /** What the user calls the application, for logs and the UI. */
  readonly appName?: string;
}
