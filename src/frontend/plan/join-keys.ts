/** Owns: taking a join's condition apart: equalities between the sides are keys, all else stays a condition over both. */
import { conjunction, conjuncts } from './conditions.js';
import type { Attribute, ResolvedExpr } from './resolved.js';

export interface JoinKeys {
  readonly leftKeys: readonly ResolvedExpr[];
  readonly rightKeys: readonly ResolvedExpr[];
  /** Of which keys a null is equal to a null (`<=>`). */
  readonly nullSafe: readonly boolean[];
  readonly rest: ResolvedExpr | null;
}

const EQUAL = '=';
const NULL_SAFE = '<=>';

/** `a = b` and `a <=> b` with one side's columns on each side become key pairs. */
export function joinKeys(condition: ResolvedExpr | null, left: readonly Attribute[], right: readonly Attribute[]): JoinKeys {
  const leftKeys: ResolvedExpr[] = [];
  const rightKeys: ResolvedExpr[] = [];
  const nullSafe: boolean[] = [];
  const rest: ResolvedExpr[] = [];
  const [leftIds, rightIds] = [left, right].map((side) => new Set(side.map((a) => a.id)));
  const within = (expr: ResolvedExpr, side: ReadonlySet<number>): boolean => {
    const ids = attributeIds(expr);
    return ids.length > 0 && ids.every((id) => side.has(id));
  };
  const add = (a: ResolvedExpr, b: ResolvedExpr, fn: string): void => {
    leftKeys.push(a);
    rightKeys.push(b);
    nullSafe.push(fn === NULL_SAFE && a.nullable && b.nullable);
  };
  for (const conjunct of condition ? conjuncts(condition) : []) {
    const isEquality = conjunct.kind === 'call' && (conjunct.fn === EQUAL || conjunct.fn === NULL_SAFE);
    const [a, b] = isEquality ? conjunct.args : [];
    if (isEquality && within(a, leftIds) && within(b, rightIds)) add(a, b, conjunct.fn);
    else if (isEquality && within(a, rightIds) && within(b, leftIds)) add(b, a, conjunct.fn);
    else rest.push(conjunct);
  }
  return { leftKeys, rightKeys, nullSafe, rest: conjunction(rest) };
}

function attributeIds(expr: ResolvedExpr): number[] {
  switch (expr.kind) {
    case 'attribute':
      return [expr.id];
    case 'literal':
    case 'variable':
      return [];
    default:
      return expr.args.flatMap(attributeIds);
  }
}
