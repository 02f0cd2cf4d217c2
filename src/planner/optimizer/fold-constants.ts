/** Owns: calls over constants alone become constants, and calls that a null argument makes null become null. What would fail is left to fail at run time. */
import { MinisparkError } from '../../core/errors.js';
import { constantValue, foldableFunction } from '../../frontend/functions/constant-call.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { mapExprs, transformExpr, transformUp } from './tree.js';

export const foldConstants: Rule = {
  name: 'fold constants',
  apply: (plan) => transformUp(plan, (node) => mapExprs(node, (expr) => transformExpr(expr, fold))),
};

/** Nested values stay calls: as literals they would be built anew for each row anyway. */
const NESTED = ['array', 'map', 'struct'];

export function fold(expr: ResolvedExpr): ResolvedExpr {
  if (expr.kind !== 'call' || NESTED.includes(expr.type.kind)) return expr;
  const definition = foldableFunction(expr.fn);
  if (definition === null) return expr;
  if (definition.nulls === 'propagate' && expr.args.some((arg) => arg.kind === 'literal' && arg.value === null)) {
    return { kind: 'literal', value: null, type: expr.type, nullable: true };
  }
  try {
    const value = constantValue(expr);
    return value === undefined ? expr : { kind: 'literal', value, type: expr.type, nullable: value === null };
  } catch (error) {
    if (error instanceof MinisparkError && error.kind === 'user') return expr;
    throw error;
  }
}
