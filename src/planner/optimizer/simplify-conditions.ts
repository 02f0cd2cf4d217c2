/** Owns: logic that is known without a row: constants in AND, OR, NOT, IF and CASE, null tests of columns that are never null, filters that keep all. */
import { BOOLEAN } from '../../data/types.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { mapExprs, transformExpr, transformUp } from './tree.js';

export const simplifyConditions: Rule = {
  name: 'simplify conditions',
  apply: (plan) =>
    transformUp(plan, (node) => {
      const simpler = mapExprs(node, (expr) => transformExpr(expr, simplify));
      return simpler.kind === 'filter' && isLiteral(simpler.condition, true) ? simpler.child : simpler;
    }),
};

type Call = Extract<ResolvedExpr, { kind: 'call' }>;

const literal = (value: boolean | null): ResolvedExpr => ({ kind: 'literal', value, type: BOOLEAN, nullable: value === null });
const isLiteral = (expr: ResolvedExpr, value: boolean | null): boolean => expr.kind === 'literal' && expr.value === value;

/** NOT of a comparison; total orders make this right for NaN, and null stays null. */
const OPPOSITE: Readonly<Record<string, string>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  isnull: 'isnotnull',
  isnotnull: 'isnull',
};

export function simplify(expr: ResolvedExpr): ResolvedExpr {
  if (expr.kind !== 'call') return expr;
  switch (expr.fn) {
    case 'and':
      return connective(expr, true);
    case 'or':
      return connective(expr, false);
    case 'not':
      return negation(expr);
    case 'isnull':
    case 'isnotnull':
      return expr.args[0].nullable ? expr : literal(expr.fn === 'isnotnull');
    case 'if':
    case 'case':
      return choice(expr);
    case 'coalesce':
      return expr.args[0].nullable ? expr : expr.args[0];
    default:
      return expr;
  }
}

/** `neutral` is what changes nothing: true for AND, false for OR. */
function connective(expr: Call, neutral: boolean): ResolvedExpr {
  const [a, b] = expr.args;
  if (isLiteral(a, neutral)) return b;
  if (isLiteral(b, neutral)) return a;
  if (isLiteral(a, !neutral) || isLiteral(b, !neutral)) return literal(!neutral);
  return expr;
}

function negation(expr: Call): ResolvedExpr {
  const [inner] = expr.args;
  if (inner.kind === 'literal') return typeof inner.value === 'boolean' ? literal(!inner.value) : inner;
  if (inner.kind !== 'call') return expr;
  if (inner.fn === 'not') return inner.args[0];
  const opposite = OPPOSITE[inner.fn];
  return opposite === undefined ? expr : { ...inner, fn: opposite };
}

/** Branches that are never taken go; a branch that is always taken ends the list. */
function choice(expr: Call): ResolvedExpr {
  const kept: ResolvedExpr[] = [];
  const { args } = expr;
  for (let i = 0; i < args.length; i += 2) {
    if (i + 1 === args.length) kept.push(args[i]);
    else if (isLiteral(args[i], true)) {
      kept.push(args[i + 1]);
      break;
    } else if (!isLiteral(args[i], false) && !isLiteral(args[i], null)) kept.push(args[i], args[i + 1]);
  }
  if (kept.length === args.length) return expr;
  if (kept.length === 0) return { kind: 'literal', value: null, type: expr.type, nullable: true };
  return kept.length === 1 ? kept[0] : { ...expr, fn: 'case', args: kept };
}
