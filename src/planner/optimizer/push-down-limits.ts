/** Owns: limits go below projects and, once more, into the parts of unions, so that they meet a sort (top-N) or a scan; a limit on a limit becomes one. */
import { NO_LIMIT } from '../../frontend/plan/logical.js';
import type { ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { mapSame, transformDown } from './tree.js';

export const pushDownLimits: Rule = {
  name: 'push down limits',
  apply: (plan) => transformDown(plan, push),
};

function push(node: ResolvedPlan): ResolvedPlan {
  if (node.kind !== 'limit') return node;
  const { child } = node;
  if (child.kind === 'project') return { ...child, child: push({ ...node, child: child.child }) };
  // What leaves out first rows alone bounds no part.
  if (child.kind === 'union' && node.limit !== NO_LIMIT) {
    const wanted = node.limit + node.offset;
    const limited = (part: ResolvedPlan): ResolvedPlan =>
      gives(part) <= wanted ? part : { kind: 'limit', child: part, limit: wanted, offset: 0 };
    const children = mapSame(child.children, limited);
    return children === child.children ? node : { ...node, child: { ...child, children } };
  }
  if (child.kind !== 'limit') return node;
  const limit = child.limit === NO_LIMIT ? node.limit : Math.max(0, Math.min(node.limit, child.limit - node.offset));
  return push({ kind: 'limit', child: child.child, limit, offset: child.offset + node.offset });
}

/** Most rows that a plan can give, where that is plain to see. */
function gives(plan: ResolvedPlan): number {
  switch (plan.kind) {
    case 'limit':
      return plan.limit;
    case 'local':
      return plan.batch.length;
    case 'project':
    case 'filter':
      return gives(plan.child);
    case 'union':
      return plan.children.reduce((sum, child) => sum + gives(child), 0);
    default:
      return Number.POSITIVE_INFINITY;
  }
}
