/** Owns: plans whose rows are kept: the same columns as before, read instead of computed. */
import { userError } from '../../core/errors.js';
import { sameType } from '../../data/types.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { Attribute, KeptRows, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { scopeOf } from './scope.js';
import type { Analyzed, Ids } from './state.js';

/** `analyzed` with its rows read from where they are kept. A node above that reaches for hidden columns computes anew, as they are not kept. */
export function readKept(analyzed: Analyzed, kept: KeptRows): Analyzed {
  const output = outputOf(analyzed.plan);
  const { fields } = kept.schema;
  // Files may have other columns by now than when the rows were kept.
  const same = output.length === fields.length && output.every(({ type }, i) => sameType(type, fields[i].type));
  return same ? { ...analyzed, plan: cached(kept, output) } : analyzed;
}

/** Throws a user error CHECKPOINT_RELEASED where its rows are kept no more. */
export function analyzeCheckpoint({ cache, site }: PlanOf<'checkpoint'>, kept: KeptRows | null, ids: Ids): Analyzed {
  if (kept === null) {
    throw userError('CHECKPOINT_RELEASED', `The rows of the local checkpoint ${cache} were released.`, {
      hint: 'Call unpersist() on a checkpointed DataFrame after its last use',
      site: site ?? undefined,
    });
  }
  const output = kept.schema.fields.map(({ name, type, nullable }): Attribute => ({ id: ids.fresh(), name, type, nullable }));
  return { plan: cached(kept, output), scope: scopeOf(output) };
}

const cached = (kept: KeptRows, output: readonly Attribute[]): ResolvedPlan => ({
  kind: 'cached',
  kept,
  output,
  columns: output.map((_, i) => i),
});
