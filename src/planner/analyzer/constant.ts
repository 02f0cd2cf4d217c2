/** Owns: an expression over constants alone as the constant that it gives: where a literal is asked for, `-1` and `CAST(2 AS INT)` will do. */
import { constantValue, foldableFunction } from '../../frontend/functions/constant-call.js';
import { inZone } from '../../frontend/functions/registry.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import { literalOf } from './build.js';

/** The literal, or the expression itself where it is no constant. `zone`: the session's. Throws what its functions throw. */
export function constantOf(expr: ResolvedExpr, zone = 'UTC'): ResolvedExpr {
  if (expr.kind !== 'call' || foldableFunction(expr.fn) === null) return expr;
  const args = expr.args.map((arg) => constantOf(arg, zone));
  const value = constantValue(inZone({ ...expr, args }, zone));
  return value === undefined ? expr : literalOf(value, expr.type);
}
