/**
 * Owns: where the session's time zone enters a plan: calls that depend on it carry it from here on, and so do the options of text files.
 * Tasks need no session, and plans in UTC are as they were.
 */
import { isZoned } from '../../frontend/functions/registry.js';
import type { ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { mapExprs, transformExpr, transformUp } from './tree.js';

/** Formats whose files hold timestamps as text. */
const TEXTS = ['csv', 'json'];

export const sessionTimeZone = (zone: string): Rule => ({
  name: 'session time zone',
  apply: (plan) => {
    if (zone === 'UTC') return plan;
    return transformUp(plan, (node) =>
      withOption(
        mapExprs(node, (expr) => transformExpr(expr, (part) => zoned(part, zone))),
        zone,
      ),
    );
  },
});

/** The call with the zone, if it depends on it. */
export function zoned(expr: ResolvedExpr, zone: string): ResolvedExpr {
  return expr.kind === 'call' && expr.zone === undefined && isZoned(expr.fn, expr.args, expr.type) ? { ...expr, zone } : expr;
}

/** An option that the user gave comes first. */
function withOption(node: ResolvedPlan, zone: string): ResolvedPlan {
  const isSet = (options: Readonly<Record<string, string>>) => Object.keys(options).some((name) => name.toLowerCase() === 'timezone');
  if (node.kind === 'scan' && TEXTS.includes(node.scan.format) && !isSet(node.scan.options))
    return { ...node, scan: { ...node.scan, options: { ...node.scan.options, timeZone: zone } } };
  if (node.kind === 'write' && !isSet(node.write.options))
    return { ...node, write: { ...node.write, options: { ...node.write.options, timeZone: zone } } };
  return node;
}
