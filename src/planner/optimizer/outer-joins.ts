/**
 * Owns: outer joins that need not be: a condition above that is never true of the nulls which a join would fill in drops those rows, so the
 * join need not make them.
 */

import { findFunction } from '../../frontend/functions/registry.js';
import { conjuncts } from '../../frontend/plan/conditions.js';
import type { JoinType } from '../../frontend/plan/logical.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { transformUp } from './tree.js';

export const outerJoins: Rule = {
  name: 'outer joins to inner ones',
  apply: (plan) =>
    transformUp(plan, (node) => (node.kind === 'filter' && node.child.kind === 'join' ? lessened(node.condition, node) : node)),
};

function lessened(condition: ResolvedExpr, node: Extract<ResolvedPlan, { kind: 'filter' }>): ResolvedPlan {
  const join = node.child as Extract<ResolvedPlan, { kind: 'join' }>;
  const rejects = (side: ResolvedPlan): boolean => {
    const ids = new Set(outputOf(side).map((a) => a.id));
    return conjuncts(condition).some((each) => isNeverTrue(each, ids));
  };
  const how = lesser(join.how, rejects(join.left), rejects(join.right));
  return how === join.how ? node : { ...node, child: { ...join, how } };
}

/** `left`: rows that are null on the left side are dropped above; `right` likewise. */
function lesser(how: JoinType, left: boolean, right: boolean): JoinType {
  switch (how) {
    case 'left':
      return right ? 'inner' : how;
    case 'right':
      return left ? 'inner' : how;
    case 'full':
      return left && right ? 'inner' : left ? 'left' : right ? 'right' : how;
    default:
      return how;
  }
}

/** Whether the condition is null or false wherever all of these columns are null. */
function isNeverTrue(expr: ResolvedExpr, ids: ReadonlySet<number>): boolean {
  if (isNullThen(expr, ids)) return true;
  if (expr.kind !== 'call') return false;
  switch (expr.fn) {
    case 'isnotnull':
    case 'in':
      return isNullThen(expr.args[0], ids);
    case 'and':
      return expr.args.some((arg) => isNeverTrue(arg, ids));
    case 'or':
      return expr.args.every((arg) => isNeverTrue(arg, ids));
    default:
      return false;
  }
}

function isNullThen(expr: ResolvedExpr, ids: ReadonlySet<number>): boolean {
  if (expr.kind === 'attribute') return ids.has(expr.id);
  if (expr.kind !== 'call') return false;
  const definition = findFunction(expr.fn);
  return definition?.kind === 'scalar' && definition.nulls === 'propagate' && expr.args.some((arg) => isNullThen(arg, ids));
}
