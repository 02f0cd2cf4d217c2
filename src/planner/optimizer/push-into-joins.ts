/** Owns: conditions above and in a join move into the side that they read, as far as the kind of join allows; the others join or stay above. */

import { isFloat } from '../../data/types.js';
import { conjunction, conjuncts } from '../../frontend/plan/conditions.js';
import { joinKeys } from '../../frontend/plan/join-keys.js';
import type { JoinType } from '../../frontend/plan/logical.js';
import { outputOf } from '../../frontend/plan/output.js';
import type { ResolvedExpr, ResolvedOf, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { collectIds, filtered, hasUserFunction, isDeterministic, readsOnly, substitute } from './tree.js';

interface Allowed {
  /** Into which sides a condition above the join may move. */
  readonly above: readonly ('left' | 'right')[];
  /** Into which sides a part of the join's own condition may move. */
  readonly within: readonly ('left' | 'right')[];
}

/** The side whose rows a join must keep takes no condition of the join; the side that it may fill with nulls takes none from above. */
const ALLOWED: Readonly<Record<JoinType, Allowed>> = {
  inner: { above: ['left', 'right'], within: ['left', 'right'] },
  cross: { above: ['left', 'right'], within: ['left', 'right'] },
  left: { above: ['left'], within: ['right'] },
  right: { above: ['right'], within: ['left'] },
  full: { above: [], within: [] },
  semi: { above: ['left'], within: ['left', 'right'] },
  anti: { above: ['left'], within: ['right'] },
};

/** Sides whose rows come out of the join with or without a partner. */
const KEPT: Readonly<Record<JoinType, readonly ('left' | 'right')[]>> = {
  inner: [],
  cross: [],
  left: ['left'],
  right: ['right'],
  full: ['left', 'right'],
  semi: [],
  anti: ['left'],
};

/** What holds for a key of one side holds for its equal on the other: rows there for which it does not would find no partner. */
function inferAcross(join: ResolvedOf<'join'>, pushed: Record<'left' | 'right', ResolvedExpr[]>): void {
  const { leftKeys, rightKeys } = joinKeys(join.condition, outputOf(join.left), outputOf(join.right));
  const equals = (from: readonly ResolvedExpr[], to: readonly ResolvedExpr[]): Map<number, ResolvedExpr> =>
    new Map(
      from.flatMap((key, i) => (key.kind === 'attribute' && to[i].kind === 'attribute' && !isFloat(key.type) ? [[key.id, to[i]]] : [])),
    );
  const inferred = (conditions: readonly ResolvedExpr[], by: ReadonlyMap<number, ResolvedExpr>): ResolvedExpr[] =>
    conditions
      .filter((condition) => !hasUserFunction(condition) && collectIds(condition).size > 0 && readsOnly(condition, new Set(by.keys())))
      .map((condition) => substitute(condition, by));
  const toRight = KEPT[join.how].includes('right') ? [] : inferred(pushed.left, equals(leftKeys, rightKeys));
  const toLeft = KEPT[join.how].includes('left') ? [] : inferred(pushed.right, equals(rightKeys, leftKeys));
  pushed.left.push(...toLeft);
  pushed.right.push(...toRight);
}

/** The join under the conditions `above`; the same object where nothing moves and there are none. */
export function pushIntoJoin(join: ResolvedOf<'join'>, above: readonly ResolvedExpr[]): ResolvedPlan {
  const allowed = ALLOWED[join.how];
  const ids = {
    left: new Set(outputOf(join.left).map((a) => a.id)),
    right: new Set(outputOf(join.right).map((a) => a.id)),
  };
  const pushed: Record<'left' | 'right', ResolvedExpr[]> = { left: [], right: [] };
  const place = (conditions: readonly ResolvedExpr[], sides: readonly ('left' | 'right')[]): ResolvedExpr[] =>
    conditions.filter((condition) => {
      const side = isDeterministic(condition) ? sides.find((s) => readsOnly(condition, ids[s])) : undefined;
      if (side) pushed[side].push(condition);
      return !side;
    });
  const within = join.condition === null ? [] : conjuncts(join.condition);
  const kept = place(within, allowed.within);
  const rest = place(above, allowed.above);
  inferAcross(join, pushed);
  const isInner = join.how === 'inner' || join.how === 'cross';
  const joins = isInner ? rest.filter(isDeterministic) : [];
  if (pushed.left.length + pushed.right.length + joins.length === 0) return filtered(join, rest);
  const condition = conjunction([...kept, ...joins]);
  const next: ResolvedPlan = {
    ...join,
    how: join.how === 'cross' && condition !== null ? 'inner' : join.how,
    left: filtered(join.left, pushed.left),
    right: filtered(join.right, pushed.right),
    condition,
  };
  return filtered(
    next,
    rest.filter((condition) => !joins.includes(condition)),
  );
}
