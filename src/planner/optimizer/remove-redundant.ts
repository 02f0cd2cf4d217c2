/** Owns: what changes nothing: casts to the type that a value has, projects that give their child's columns, sorts and distincts that a later one undoes. */
import { sameType } from '../../data/types.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { ResolvedExpr, ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { mapExprs, transformExpr, transformUp } from './tree.js';

export const removeRedundant: Rule = {
  name: 'remove redundant nodes',
  apply: (plan) => transformUp(plan, (node) => simpler(mapExprs(node, (expr) => transformExpr(expr, withoutCast)))),
};

function withoutCast(expr: ResolvedExpr): ResolvedExpr {
  const isCast = expr.kind === 'call' && (expr.fn === 'cast' || expr.fn === 'try_cast');
  return isCast && sameType(expr.args[0].type, expr.type) ? expr.args[0] : expr;
}

function simpler(node: ResolvedPlan): ResolvedPlan {
  if (node.kind === 'project') return isIdentity(node) ? node.child : node;
  // The order of rows that are then sorted, grouped or spread anew is lost anyway.
  if (node.kind === 'sort' && node.global && node.child.kind === 'sort') return { ...node, child: node.child.child };
  if (node.kind === 'repartition' && (node.child.kind === 'repartition' || node.child.kind === 'coalesce'))
    return { ...node, child: node.child.child };
  if (node.kind === 'aggregate') return simplerAggregate(node);
  return node;
}

/** What does not tell in which order its rows came. */
const ORDERLESS = new Set(['count', 'min', 'max', 'bool_and', 'bool_or', 'count_if', 'approx_count_distinct']);

function simplerAggregate(node: ResolvedOf<'aggregate'>): ResolvedPlan {
  const { child, groupings, aggregates } = node;
  if (child.kind === 'sort' && aggregates.every(({ fn }) => ORDERLESS.has(fn))) return { ...node, child: child.child };
  // Distinct rows of groups that are told apart by columns among them.
  const ids = new Set(groupings.map(({ expr }) => (expr.kind === 'attribute' ? expr.id : null)));
  const isDistinct = aggregates.length === 0 && child.kind === 'aggregate' && child.groupings.length > 0;
  return isDistinct && child.groupings.every(({ id }) => ids.has(id)) ? { kind: 'project', child, exprs: groupings } : node;
}

function isIdentity({ exprs, child }: Extract<ResolvedPlan, { kind: 'project' }>): boolean {
  const output = outputOf(child);
  return (
    exprs.length === output.length &&
    exprs.every(({ id, name, expr }, i) => expr.kind === 'attribute' && expr.id === id && id === output[i].id && name === output[i].name)
  );
}
