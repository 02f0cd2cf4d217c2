/** Owns: what the planners of single nodes share: a planned operator, and the way to plan what lies below it. */
import type { Config } from '../../core/config.js';
import type { Attribute, ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Decision } from './decision.js';
import type { Hashed } from './distribution.js';
import type { Partitioning, PhysicalOf, PhysicalOp } from './operators.js';

export interface PlanningContext {
  readonly config: Config;
  /** Task slots of the place it will run in, at least 1. */
  readonly slots: number;
  /** Unique for each write: names the files of a query. */
  readonly query: string;
  /** Told of what is odd and no error. */
  readonly warn?: (text: string) => void;
}

/** An operator with what the planner knows of its rows. */
export interface Planned {
  readonly op: PhysicalOp;
  readonly output: readonly Attribute[];
  readonly partitions: number;
  /** By what its rows are hashed into the partitions, where that is known. */
  readonly hashed?: Hashed;
}

/** What the user asked of an exchange. */
export type Wanted = Pick<PhysicalOf<'exchange'>, 'writer' | 'asked'>;

export interface NodePlanner {
  readonly context: PlanningContext;
  /** Reduce partitions where the plan does not say. */
  readonly shufflePartitions: number;
  plan(plan: ResolvedPlan): Planned;
  /** Notes a choice and what decided it, for explain('why'). */
  decide(decision: Decision): void;
  /** The child's rows in other partitions. */
  exchange(child: Planned, partitioning: Partitioning, wanted?: Wanted): Planned;
}
