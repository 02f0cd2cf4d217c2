/** Owns: how sorts and limits run: in one task or by ranges of the keys, and whether a limit above a sort makes it a top-N. */
import { NO_LIMIT } from '../../frontend/plan/logical.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { estimate } from '../statistics/estimate.js';
import { bindKeys } from './bind.js';
import type { Decision } from './decision.js';
import { chooseSortPartitions } from './partition-count.js';
import type { NodePlanner, Planned } from './planned.js';

const SMALL_SORT_BYTES = 32 << 20;
const MAX_TOP_ROWS = 1_000_000;

/** With a `limit`, each task keeps only its first rows. */
export function planSort(planner: NodePlanner, plan: ResolvedOf<'sort'>, limit: number | null = null): Planned {
  const schema = schemaOf(outputOf(plan));
  let child = planner.plan(plan.child);
  const keys = bindKeys(plan.keys, child.output);
  const sorted = (of: Planned): Planned => ({ ...of, op: { kind: 'sort', schema, child: of.op, keys, limit } });
  if (plan.global && child.partitions > 1) {
    if (limit !== null) child = sorted(child);
    const isRanged = limit === null && !isSmall(planner, plan.child);
    const partitions = isRanged ? chooseSortPartitions(planner.context, estimate(plan.child).bytes, planner.shufflePartitions) : 1;
    child = planner.exchange(child, partitions === 1 ? { kind: 'single' } : { kind: 'range', keys, partitions, bounds: null });
    if (limit === null) planner.decide(sortDecision(partitions, estimate(plan.child).bytes));
  }
  return sorted(child);
}

/** So few rows that bounds for ranges, for which the child runs a second time, would cost more than a task that sorts them all. */
function isSmall(planner: NodePlanner, plan: ResolvedPlan): boolean {
  return planner.context.config.get('shuffle.partitions') === 0 && estimate(plan).bytes <= SMALL_SORT_BYTES;
}

/** A limit right above a global sort becomes a top-N, unless it would keep too much in one task. */
export function planLimit(planner: NodePlanner, plan: ResolvedOf<'limit'>): Planned {
  const schema = schemaOf(outputOf(plan));
  const wanted = plan.limit + plan.offset;
  const limited = (of: Planned, limit: number, offset: number): Planned => ({
    ...of,
    op: { kind: 'limit', schema, child: of.op, limit, offset },
  });
  if (plan.child.kind === 'sort' && plan.child.global && wanted <= MAX_TOP_ROWS) {
    planner.decide(topDecision(wanted, 'TopN'));
    return limited(planSort(planner, plan.child, wanted), plan.limit, plan.offset);
  }
  if (plan.child.kind === 'sort' && plan.child.global) planner.decide(topDecision(wanted, 'Sort'));
  const child = planner.plan(plan.child);
  if (child.partitions === 1) return limited(child, plan.limit, plan.offset);
  const first = plan.limit === NO_LIMIT ? child : limited(child, wanted, 0);
  return limited(planner.exchange(first, { kind: 'single' }), plan.limit, plan.offset);
}

function topDecision(rows: number, operator: 'TopN' | 'Sort'): Decision {
  const numbers = { 'rows wanted': rows, 'most for a top-N': MAX_TOP_ROWS };
  return operator === 'TopN'
    ? { operator: `TopN ${rows}`, chosen: 'each task keeps its first rows', because: 'the limit above the sort is small', numbers }
    : { operator: 'Sort', chosen: 'sort everything', because: 'the limit above it would keep too much in one task', numbers };
}

function sortDecision(partitions: number, bytes: number): Decision {
  const numbers = { partitions, 'rows bytes': bytes };
  return partitions === 1
    ? { operator: 'Sort', chosen: 'one task sorts all rows', because: 'they are few, or there is one reduce partition', numbers }
    : { operator: 'Sort', chosen: 'partitions by ranges of the keys', because: 'a sample of the rows gives the bounds', numbers };
}
