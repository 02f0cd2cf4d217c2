/** Owns: limits go below projects, so that they meet a sort (top-N) or a scan; a limit on a limit becomes one. */
import type { ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { transformDown } from './tree.js';

export const pushDownLimits: Rule = {
  name: 'push down limits',
  apply: (plan) => transformDown(plan, push),
};

function push(node: ResolvedPlan): ResolvedPlan {
  if (node.kind !== 'limit') return node;
  const { child } = node;
  if (child.kind === 'project') return { ...child, child: push({ ...node, child: child.child }) };
  if (child.kind !== 'limit') return node;
  const limit = Math.max(0, Math.min(node.limit, child.limit - node.offset));
  return push({ kind: 'limit', child: child.child, limit, offset: child.offset + node.offset });
}
