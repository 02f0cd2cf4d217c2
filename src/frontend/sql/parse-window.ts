/** Owns: what follows a call and makes a window function of it: `OVER (PARTITION BY … ORDER BY … ROWS BETWEEN … AND …)`. */
import type { Expr, SortKey, WindowSpec } from '../plan/expression.js';
import type { Frame, FrameBound } from '../plan/window.js';
import type { Grammar } from './cursor.js';

/** At what may be OVER: `fn` over its window, or `fn` itself where nothing follows. Throws PARSE_SYNTAX_ERROR, UNSUPPORTED_FEATURE. */
export function parseOver(grammar: Grammar, fn: Expr): Expr {
  const { cursor } = grammar;
  if (!cursor.isWord('over')) return fn;
  if (cursor.peek(1).kind === 'word') {
    throw cursor.unsupported(cursor.peek(1).at, 'named windows are', 'Write the window itself: OVER (PARTITION BY … ORDER BY …)');
  }
  if (!cursor.isSign('(', 1)) return fn;
  cursor.next();
  cursor.next();
  const spec = windowSpec(grammar);
  cursor.expectSign(')');
  return Object.freeze({ kind: 'window', fn, spec, site: cursor.site });
}

function windowSpec(grammar: Grammar): WindowSpec {
  const { cursor } = grammar;
  const isPartitioned = cursor.skipWords('partition') || cursor.skipWords('distribute');
  if (isPartitioned) cursor.expectWord('by');
  const partitionBy = isPartitioned ? list(grammar, () => grammar.expression()) : [];
  const isOrdered = cursor.skipWords('order') || cursor.skipWords('sort');
  if (isOrdered) cursor.expectWord('by');
  const orderBy = isOrdered ? sortKeys(grammar) : [];
  return Object.freeze({ partitionBy: Object.freeze(partitionBy), orderBy: Object.freeze(orderBy), frame: frame(grammar) });
}

export const sortKeys = (grammar: Grammar): SortKey[] => list(grammar, () => sortKey(grammar));

function list<T>({ cursor }: Grammar, item: () => T): T[] {
  const items = [item()];
  while (cursor.skipSign(',')) items.push(item());
  return items;
}

/** `expr [ASC | DESC] [NULLS FIRST | LAST]`: nulls are smallest unless it says otherwise. */
function sortKey(grammar: Grammar): SortKey {
  const { cursor } = grammar;
  const expr = grammar.expression();
  const ascending = !cursor.skipWords('desc');
  if (ascending) cursor.skipWords('asc');
  let nullsFirst = ascending;
  if (cursor.skipWords('nulls', 'first')) nullsFirst = true;
  else if (cursor.skipWords('nulls', 'last')) nullsFirst = false;
  return Object.freeze({ expr, ascending, nullsFirst });
}

/** `ROWS BETWEEN a AND b`; one end alone is the lower one, and the other is the current row. */
function frame(grammar: Grammar): Frame<Expr> | null {
  const { cursor } = grammar;
  const unit = cursor.skipWords('rows') ? 'rows' : cursor.skipWords('range') ? 'range' : null;
  if (unit === null) return null;
  if (!cursor.skipWords('between')) return Object.freeze({ unit, lower: bound(grammar), upper: { kind: 'currentRow' } as const });
  const lower = bound(grammar);
  cursor.expectWord('and');
  return Object.freeze({ unit, lower, upper: bound(grammar) });
}

function bound(grammar: Grammar): FrameBound<Expr> {
  const { cursor } = grammar;
  if (cursor.skipWords('current', 'row')) return { kind: 'currentRow' };
  if (cursor.skipWords('unbounded', 'preceding')) return { kind: 'unboundedPreceding' };
  if (cursor.skipWords('unbounded', 'following')) return { kind: 'unboundedFollowing' };
  const offset = grammar.value();
  if (cursor.skipWords('preceding')) return Object.freeze({ kind: 'preceding', offset });
  if (cursor.skipWords('following')) return Object.freeze({ kind: 'following', offset });
  throw cursor.expected('PRECEDING or FOLLOWING');
}
