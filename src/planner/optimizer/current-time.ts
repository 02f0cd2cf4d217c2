/** Owns: the clock of a query: every `current_timestamp()` and its like in a plan stands for one instant, the one at which the plan is optimised. */
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { mapExprs, transformExpr, transformUp } from './tree.js';

/** What each clock shows, of milliseconds since 1970. */
const CLOCKS: Readonly<Record<string, (millis: number) => bigint | number>> = {
  current_timestamp: (millis) => BigInt(millis) * 1000n,
  current_date: (millis) => Math.floor(millis / 86_400_000),
  unix_timestamp: (millis) => BigInt(Math.floor(millis / 1000)),
};

export const currentTime: Rule = {
  name: 'current time',
  apply: (plan) => {
    const now = Date.now();
    const settle = (expr: ResolvedExpr): ResolvedExpr => {
      if (expr.kind !== 'call' || expr.args.length > 0 || !Object.hasOwn(CLOCKS, expr.fn)) return expr;
      return { kind: 'literal', value: CLOCKS[expr.fn](now), type: expr.type, nullable: false };
    };
    return transformUp(plan, (node) => mapExprs(node, (expr) => transformExpr(expr, settle)));
  },
};
