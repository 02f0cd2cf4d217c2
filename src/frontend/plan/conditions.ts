/** Owns: conditions as lists: taking the operands of AND apart, and putting conditions together. */
import type { BoundExpr, ResolvedExpr } from './resolved.js';

/** The operands of nested ANDs, from left to right. */
export function conjuncts<E extends ResolvedExpr | BoundExpr>(condition: E): E[] {
  return condition.kind === 'call' && condition.fn === 'and'
    ? (condition.args as readonly E[]).flatMap((arg) => conjuncts(arg))
    : [condition];
}

/** The AND of all, as a balanced tree: what walks it recurses. Null of none. */
export function conjunction(conditions: readonly ResolvedExpr[]): ResolvedExpr | null {
  if (conditions.length <= 1) return conditions[0] ?? null;
  const middle = conditions.length >> 1;
  const args = [conditions.slice(0, middle), conditions.slice(middle)].map((half) => conjunction(half) as ResolvedExpr);
  return { kind: 'call', fn: 'and', args, type: { kind: 'boolean' }, nullable: args.some((arg) => arg.nullable), site: null };
}
