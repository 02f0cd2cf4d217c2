/** Owns: a project on a project becomes one, unless an expression would be computed twice. */
import type { Named, ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { isDeterministic, substitute, transformUp } from './tree.js';

export const collapseProjects: Rule = {
  name: 'collapse projects',
  apply: (plan) => transformUp(plan, collapse),
};

function collapse(node: ResolvedPlan): ResolvedPlan {
  if (node.kind !== 'project' || node.child.kind !== 'project') return node;
  const inner = node.child;
  const uses = new Map<number, number>();
  for (const { expr } of node.exprs) countUses(expr, uses);
  if (!inner.exprs.every((column) => canMove(column, uses.get(column.id) ?? 0))) return node;
  const by = new Map(inner.exprs.map(({ id, expr }) => [id, expr]));
  return { ...node, child: inner.child, exprs: node.exprs.map((column) => ({ ...column, expr: substitute(column.expr, by) })) };
}

const canMove = ({ expr }: Named, uses: number): boolean =>
  expr.kind === 'attribute' || expr.kind === 'literal' || (uses <= 1 && isDeterministic(expr));

function countUses(expr: ResolvedExpr, uses: Map<number, number>): void {
  if (expr.kind === 'attribute') uses.set(expr.id, (uses.get(expr.id) ?? 0) + 1);
  else if (expr.kind !== 'literal' && expr.kind !== 'variable') {
    for (const arg of expr.args) {
      countUses(arg, uses);
      // The body of a lambda runs once an element: what it reads is computed before.
      if (expr.kind === 'lambda') countUses(arg, uses);
    }
  }
}
