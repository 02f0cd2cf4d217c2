/** Owns: the exchange that a user asked for: by ranges, by a function of their own, by hash, or in turn. */
import type { ResolvedOf } from '../../frontend/plan/resolved.js';
import { bind } from './bind.js';
import type { Partitioning } from './operators.js';
import type { NodePlanner, Planned } from './planned.js';

export function planRepartition(planner: NodePlanner, plan: ResolvedOf<'repartition'>): Planned {
  const child = planner.plan(plan.child);
  const partitions = plan.partitions ?? planner.shufflePartitions;
  const exprs = plan.exprs.map((e) => bind(e, child.output));
  const wanted = { asked: plan.partitions === null ? 'keys' : 'partitions', ...(plan.writer && { writer: plan.writer }) } as const;
  if (plan.orders && partitions > 1) {
    const keys = plan.orders.map((order, i) => ({ ...order, expr: exprs[i] }));
    return planner.exchange(child, { kind: 'range', keys, partitions, bounds: null }, wanted);
  }
  if (plan.partitioner) {
    const ofKey = plan.partitioner.kind === 'key' ? plan.partitioner.fn : null;
    return planner.exchange(child, { kind: 'function', expr: exprs[0], ofKey, partitions }, wanted);
  }
  const partitioning: Partitioning = exprs.length > 0 ? { kind: 'hash', exprs, partitions } : { kind: 'roundRobin', partitions };
  return planner.exchange(child, partitioning, wanted);
}
