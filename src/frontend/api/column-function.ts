/**
 * Owns: how functions of columns are made out of Spark's SQL names. An argument that is a column may be given by its name;
 * an argument that is a value (a pattern, a format, a length) is a plain value or a column.
 */
import { callSite } from '../../core/call-site.js';
import { type MinisparkError, userError } from '../../core/errors.js';
import type { Expr } from '../plan/expression.js';
import { Column, callExpr, exprOf, type Operand } from './column.js';
import type { CallName, ColumnOrName, NamesIn, NamesInOperand } from './column-names.js';

/** `*`, `relation.*` or the name of a column, maybe qualified. */
export function namedExpr(name: string): Expr {
  if (name === '*') return Object.freeze({ kind: 'star', qualifier: null });
  if (name.endsWith('.*')) return Object.freeze({ kind: 'star', qualifier: name.slice(0, -2) });
  return Object.freeze({ kind: 'column', name, site: callSite() });
}

/** The expression of a column argument. Throws a user error INVALID_COLUMN for anything but a column or a name. */
export function columnExpr(column: ColumnOrName): Expr {
  if (typeof column === 'string') return namedExpr(column);
  if (column instanceof Column) return column.expr;
  throw notColumn(column);
}

function notColumn(given: unknown): MinisparkError {
  const missing = given === undefined || given === null;
  return userError(
    'INVALID_COLUMN',
    `A column or the name of one was wanted, not ${missing ? given : `a value of type ${typeof given}`}.`,
    {
      hint: columnHint(given),
      site: callSite() ?? undefined,
    },
  );
}

function columnHint(given: unknown): string {
  if (given === undefined) return "A column is 'name' or col('name'); a DataFrame has no property for it";
  if (typeof given === 'function') return `Call it: ${given.name || 'f'}(…)`;
  if (Array.isArray(given)) return 'Write the columns one after the other: f(a, b), or f(...columns)';
  if (typeof given === 'object' && given !== null) {
    // PySpark's agg({ price: 'sum' }).
    const [name, fn] = Object.entries(given)[0] ?? [];
    if (typeof fn === 'string') return `An aggregate is a column: ${fn}('${name}')`;
  }
  return 'A value becomes a column by lit(value)';
}

export function call<T, N extends string = string, R extends string = string>(fn: string, ...args: readonly Expr[]): Column<T, N, R> {
  return new Column(callExpr(fn, args));
}

export const nullary =
  <T>(fn: string) =>
  (): Column<T, string, never> =>
    call(fn);

/** `F` is `fn` where the type of the column shall know its name, `fn(column)`. */
export const unary =
  <T, F extends string = never>(fn: string) =>
  <const C extends ColumnOrName>(column: C): Column<T, CallName<F, C>, NamesIn<C>> =>
    call(fn, columnExpr(column));

export const binary =
  <T>(fn: string) =>
  <const A extends ColumnOrName, const B extends ColumnOrName>(left: A, right: B): Column<T, string, NamesIn<A | B>> =>
    call(fn, columnExpr(left), columnExpr(right));

/** A column, then one value. */
export const withValue =
  <T>(fn: string) =>
  <const C extends ColumnOrName, V extends Operand>(column: C, value: V): Column<T, string, NamesIn<C> | NamesInOperand<V>> =>
    call(fn, columnExpr(column), exprOf(value));

/** A column, then values, of which Spark has defaults for those left out. */
export const withValues =
  <T>(fn: string) =>
  <const C extends ColumnOrName, V extends readonly Operand[]>(
    column: C,
    ...values: V
  ): Column<T, string, NamesIn<C> | NamesInOperand<V[number]>> =>
    call(fn, columnExpr(column), ...values.map(exprOf));

/** Any number of columns. */
export const variadic =
  <T>(fn: string) =>
  <const C extends readonly ColumnOrName[]>(...columns: C): Column<T, string, NamesIn<C[number]>> =>
    call(fn, ...columns.map(columnExpr));
