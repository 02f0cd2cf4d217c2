/** Owns: an expression over constants alone as the constant that it gives: where a literal is asked for, `-1` and `CAST(2 AS INT)` will do. */
import { evaluatorOf, findFunction, inZone } from '../../frontend/functions/registry.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import { argumentOf, literalOf } from './build.js';

/** The literal, or the expression itself where it is no constant. `zone`: the session's. Throws what its functions throw. */
export function constantOf(expr: ResolvedExpr, zone = 'UTC'): ResolvedExpr {
  if (expr.kind !== 'call') return expr;
  const definition = findFunction(expr.fn);
  if (definition?.kind !== 'scalar' || definition.deterministic === false) return expr;
  const args = expr.args.map((arg) => constantOf(arg, zone));
  if (!args.every((arg) => arg.kind === 'literal')) return expr;
  const evaluate = evaluatorOf(inZone({ fn: expr.fn, args: args.map(argumentOf), type: expr.type }, zone));
  return literalOf(evaluate(...args.map((arg) => arg.value)), expr.type);
}
