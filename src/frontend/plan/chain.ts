/** Owns: chains of AND and of OR as lists. Programs make them of thousands of parts, so what walks expressions by recursion must not walk them so. */
import type { Expr } from './expression.js';

type CallExpr = Extract<Expr, { kind: 'call' }>;

const isLink = (expr: Expr, fn: string): expr is CallExpr =>
  expr.kind === 'call' && expr.fn === fn && expr.args.length === 2 && expr.filter === null && !expr.distinct;

/** `a AND b AND c` → a, b, c; null of what is no chain. Only the first operand of a link may be a link: such are chains as they are written. */
export function chainParts(expr: Expr): readonly Expr[] | null {
  if (expr.kind !== 'call' || (expr.fn !== 'and' && expr.fn !== 'or') || !isLink(expr, expr.fn)) return null;
  const parts: Expr[] = [];
  let left: Expr = expr;
  for (; isLink(left, expr.fn); left = left.args[0]) parts.push(left.args[1]);
  parts.push(left);
  return parts.reverse();
}
