/** Owns: what rows are exchanged by: expressions whose values are equal or different, or in order; maps are neither. */
import { userError } from '../../core/errors.js';
import { isOrderable, mapOrHolder } from '../../data/types.js';
import { expressionText } from '../../frontend/plan/expression-text.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import { resolveExpr } from './expressions.js';
import type { Analyzed } from './state.js';

/** Throws DATATYPE_MISMATCH.HASH_MAP_TYPE, and INVALID_ORDERING_TYPE where rows would go by range. */
export function analyzeRepartition(plan: PlanOf<'repartition'>, child: Analyzed): Analyzed {
  const { partitions, writer, orders, partitioner, site } = plan;
  const exprs = plan.exprs.map((expr) => {
    const resolved = resolveExpr(expr, { scope: child.scope, site, name: 'a repartition' });
    // A function that places rows takes whatever there is.
    if (partitioner || isOrderable(resolved.type)) return resolved;
    throw userError(
      `DATATYPE_MISMATCH.${orders ? 'INVALID_ORDERING_TYPE' : 'HASH_MAP_TYPE'}`,
      `Rows cannot be partitioned by ${expressionText(expr)}, which ${mapOrHolder(resolved.type)}.`,
      { hint: 'Use map_entries() of it, or a key or value', site: site ?? undefined },
    );
  });
  const options = { ...(orders && { orders }), ...(partitioner && { partitioner }), ...(writer && { writer }) };
  return { plan: { kind: 'repartition', child: child.plan, partitions, exprs, ...options }, scope: child.scope };
}
