/** Owns: the clock of a query: every `current_timestamp()` and its like in a plan stands for one instant, the one at which the plan is optimised. */
import { clockOf, secondsOf, type Zone, zoneOf } from '../../data/zone.js';
import type { ResolvedExpr } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { mapExprs, transformExpr, transformUp } from './tree.js';

/** What each clock shows, of microseconds since 1970 and in a time zone. */
const CLOCKS: Readonly<Record<string, (micros: bigint, zone: Zone) => bigint | number>> = {
  current_timestamp: (micros) => micros,
  localtimestamp: clockOf,
  current_date: (micros, zone) => Math.floor(secondsOf(clockOf(micros, zone)) / 86_400),
  unix_timestamp: (micros) => BigInt(secondsOf(micros)),
};

export const currentTime: Rule = {
  name: 'current time',
  apply: (plan) => {
    const now = BigInt(Date.now()) * 1000n;
    const settle = (expr: ResolvedExpr): ResolvedExpr => {
      if (expr.kind !== 'call' || expr.args.length > 0 || !Object.hasOwn(CLOCKS, expr.fn)) return expr;
      return { kind: 'literal', value: CLOCKS[expr.fn](now, zoneOf(expr.zone ?? 'UTC')), type: expr.type, nullable: false };
    };
    return transformUp(plan, (node) => mapExprs(node, (expr) => transformExpr(expr, settle)));
  },
};
