/** Owns: an expression over constants alone as the constant that it gives: where a literal is asked for, `-1` and `CAST(2 AS INT)` will do. */
import { evaluatorOf, findFunction } from '../../frontend/functions/registry.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import { argumentOf, literalOf } from './build.js';

/** The literal, or the expression itself where it is no constant. Throws what its functions throw. */
export function constantOf(expr: ResolvedExpr): ResolvedExpr {
  if (expr.kind !== 'call') return expr;
  const definition = findFunction(expr.fn);
  if (definition?.kind !== 'scalar' || definition.deterministic === false) return expr;
  const args = expr.args.map(constantOf);
  if (!args.every((arg) => arg.kind === 'literal')) return expr;
  const evaluate = evaluatorOf({ fn: expr.fn, args: args.map(argumentOf), type: expr.type });
  return literalOf(evaluate(...args.map((arg) => arg.value)), expr.type);
}
