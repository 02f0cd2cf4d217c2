/** Owns: window expressions as text, as Spark names the columns that they make: with the frame that applies, whether it was written or not. */
import { INT32, NULL } from '../../data/types.js';
import type { Expr, SortKey } from './expression.js';
import { defaultFrame, type Frame, frameText, OFFSET_SIGN, RANKING, windowText } from './window.js';

type WindowExpr = Extract<Expr, { kind: 'window' }>;

export const sortKeyText = <E>(key: SortKey<E>, text: (expr: E) => string): string =>
  `${text(key.expr)} ${key.ascending ? 'ASC' : 'DESC'} NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`;

/** `inner` gives the text of the expressions inside. */
export function overText(expr: WindowExpr, inner: (expr: Expr) => string): string {
  const { fn, spec } = withOffset(expr);
  const frame: Frame<Expr> = spec.frame ?? frameOf(fn) ?? defaultFrame(spec.orderBy.length > 0);
  const order = spec.orderBy.map((key) => sortKeyText(key, inner));
  return `${inner(fn)} OVER ${windowText(spec.partitionBy.map(inner), order, frameText(frame, inner))}`;
}

/** lag(x) is lag(x, 1, NULL), which is how Spark names it. */
function withOffset(expr: WindowExpr): WindowExpr {
  const { fn } = expr;
  if (fn.kind !== 'call' || !(fn.fn in OFFSET_SIGN) || fn.args.length > 2 || fn.args.length === 0) return expr;
  const offset: Expr = { kind: 'literal', value: 1, type: INT32 };
  const missing: Expr = { kind: 'literal', value: null, type: NULL };
  return { ...expr, fn: { ...fn, args: [fn.args[0], fn.args[1] ?? offset, missing] } };
}

/** The frame that a function has whatever the order is. */
function frameOf(fn: Expr): Frame<Expr> | null {
  if (fn.kind !== 'call') return null;
  if (RANKING.has(fn.fn)) return { unit: 'rows', lower: { kind: 'unboundedPreceding' }, upper: { kind: 'currentRow' } };
  const offset = fn.args[1];
  if (!(fn.fn in OFFSET_SIGN) || offset?.kind !== 'literal' || typeof offset.value !== 'number') return null;
  const end = { kind: 'following', offset: { ...offset, value: OFFSET_SIGN[fn.fn] * offset.value } } as const;
  return { unit: 'rows', lower: end, upper: end };
}
