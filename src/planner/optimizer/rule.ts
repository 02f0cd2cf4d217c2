/** Owns: what a rule of the optimizer is. */
import type { ResolvedPlan } from '../../frontend/plan/resolved.js';

export interface Rule {
  /** As explain's trace prints it. */
  readonly name: string;
  /** The same rows by a better plan; the very same object where nothing changes. Ids and names of the output stay. */
  apply(plan: ResolvedPlan): ResolvedPlan;
}
