/**
 * Owns: how deep an expression may nest: what comes after walks it by recursion, and a stack that overflows names no line of the user. Looks at
 * every part once, without recursion.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import { chainParts } from '../plan/chain.js';
import type { Expr } from '../plan/expression.js';
import { partsOf } from '../plan/expression-parts.js';

/** A sum of n columns has n - 1 levels; functions and conditions inside each other count twice, as they take more of the stack. */
const MAX_LEVELS = 1000;
const OPERATORS = new Set(['+', '-', '*', '/', '%', 'concat']);

function weightOf(expr: Expr): number {
  if (expr.kind === 'alias') return 0;
  return expr.kind === 'call' && OPERATORS.has(expr.fn) ? 1 : 2;
}

/** Whether a function of the user is in it. Throws EXPRESSION_TOO_DEEP. */
export function holdsUserCode(root: Expr): boolean {
  const open: { readonly expr: Expr; readonly level: number; readonly links: number }[] = [{ expr: root, level: 1, links: 0 }];
  let found = false;
  let longest = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { expr, level, links } = next;
    if (level > MAX_LEVELS) throw tooDeep();
    if (expr.kind === 'udf' || (expr.kind === 'call' && expr.user)) found = true;
    longest = Math.max(longest, links);
    // The analyzer balances such chains, however long they are.
    const chain = chainParts(expr);
    const below = { level: level + weightOf(expr), links: links + (chain === null ? 0 : chain.length - 2) };
    for (const part of chain ?? partsOf(expr)) open.push({ expr: part, ...below });
  }
  if (found && longest > MAX_LEVELS) throw tooDeep();
  return found;
}

const tooDeep = () =>
  userError(
    'EXPRESSION_TOO_DEEP',
    `An expression nests more than ${MAX_LEVELS} operators, or ${MAX_LEVELS / 2} functions, inside each other.`,
    {
      hint: 'Compute parts of it with withColumn() first; a sum of many columns is aggregate(array(…), lit(0), (sum, x) => sum.plus(x))',
      site: callSite() ?? undefined,
    },
  );
