/** Owns: making the expressions that SQL text stands for. */
import type { CallSite } from '../../core/errors.js';
import { type DataType, STRING } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Expr, SortKey } from '../plan/expression.js';

export const literal = (value: EngineValue | null, type: DataType): Expr => Object.freeze({ kind: 'literal', value, type });
export const text = (value: string): Expr => literal(value, STRING);

export interface Aggregation {
  readonly distinct: boolean;
  readonly filter: Expr | null;
  readonly within?: readonly SortKey[];
}

const PLAIN: Aggregation = { distinct: false, filter: null };

export function call(fn: string, args: readonly Expr[], site: CallSite | null, { distinct, filter, within }: Aggregation = PLAIN): Expr {
  return Object.freeze({ kind: 'call', fn, args: Object.freeze([...args]), distinct, filter, ...(within && { within }), site });
}

export const negated = (expr: Expr, site: CallSite | null): Expr => call('not', [expr], site);

/** `expr AS name`, `expr AS (a, b)`. */
export const aliased = (child: Expr, names: readonly string[]): Expr =>
  Object.freeze({ kind: 'alias', child, name: names[0] ?? '', ...(names.length !== 1 && { names: Object.freeze([...names]) }) });

/** A name of the parts: those that hold a dot or a back-quote are quoted. */
export function columnOf(parts: readonly string[], site: CallSite | null): Expr {
  const name = parts.map((part) => (/[.`]/.test(part) ? `\`${part.replaceAll('`', '``')}\`` : part)).join('.');
  return Object.freeze({ kind: 'column', name, site });
}
