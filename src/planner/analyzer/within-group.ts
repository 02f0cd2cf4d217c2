/** Owns: `WITHIN GROUP (ORDER BY …)`: the order of an aggregate becomes arguments that its function takes. */
import { userError } from '../../core/errors.js';
import { BOOLEAN, NULL, STRING } from '../../data/types.js';
import type { AggregateFunction } from '../../frontend/functions/definition.js';
import { directionText } from '../../frontend/functions/directions.js';
import type { Expr } from '../../frontend/plan/expression.js';
import { expressionText } from '../../frontend/plan/expression-text.js';
import { type CallExpr, type Place, resolveExpr } from './expressions.js';
import { sameExpr } from './same-expr.js';

const literal = (value: string | boolean | null, type: typeof STRING | typeof BOOLEAN | typeof NULL): Expr => ({
  kind: 'literal',
  value,
  type,
});

/**
 * percentile_cont(0.5) over x is percentile_cont(x, 0.5, whether it descends), mode() over x is mode(x, whether it ascends), and listagg(x, ',')
 * takes directions and keys at its end. Throws INVALID_WITHIN_GROUP_EXPRESSION.…, INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX.
 */
export function withOrderArgs(call: CallExpr, { name }: AggregateFunction, place: Place): CallExpr {
  if (call.within === undefined) return call;
  const { args, within } = call;
  const [key] = within;
  switch (name) {
    case 'percentile_cont':
    case 'percentile_disc':
    case 'mode': {
      const fail = (condition: string, reason: string) =>
        userError(`INVALID_WITHIN_GROUP_EXPRESSION.${condition}`, `${reason}: ${expressionText(call)}.`, {
          site: call.site ?? place.site ?? undefined,
        });
      if (call.distinct) throw fail('DISTINCT_UNSUPPORTED', `${name} takes no DISTINCT`);
      if (within.length !== 1) throw fail('WRONG_NUM_ORDERINGS', `${name} is over one ordering, not ${within.length}`);
      const flag = literal(name === 'mode' ? key.ascending : !key.ascending, BOOLEAN);
      return { ...call, args: [key.expr, ...args, flag] };
    }
    case 'listagg': {
      const value = args[0];
      const resolved = (expr: Expr) => resolveExpr(expr, place);
      if (call.distinct && !(within.length === 1 && sameExpr(resolved(value), resolved(key.expr)))) {
        throw userError(
          'INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT',
          `Under DISTINCT listagg can only be ordered by what it joins: ${expressionText(call)}.`,
          { hint: `Order by ${expressionText(value)}`, site: call.site ?? place.site ?? undefined },
        );
      }
      const directions = literal(directionText(within), STRING);
      return { ...call, args: [value, args[1] ?? literal(null, NULL), directions, ...within.map((each) => each.expr)] };
    }
    default:
      throw userError(
        'INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX',
        `${name} takes no WITHIN GROUP (ORDER BY …): ${expressionText(call)}.`,
        { hint: 'listagg, mode, percentile_cont and percentile_disc do', site: call.site ?? place.site ?? undefined },
      );
  }
}
