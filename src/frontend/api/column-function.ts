/**
 * Owns: how functions of columns are made out of Spark's SQL names. An argument that is a column may be given by its name;
 * an argument that is a value (a pattern, a format, a length) is a plain value or a column.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Expr } from '../plan/expression.js';
import { Column, callExpr, exprOf, type Operand } from './column.js';
import type { ColumnOrName } from './row-types.js';

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
  throw userError(
    'INVALID_COLUMN',
    `A column or the name of one was wanted, not ${column === null ? 'null' : `a value of type ${typeof column}`}.`,
    {
      hint: 'A value becomes a column by lit(value)',
      site: callSite() ?? undefined,
    },
  );
}

export function call<T>(fn: string, ...args: readonly Expr[]): Column<T> {
  return new Column(callExpr(fn, args));
}

export const nullary =
  <T>(fn: string) =>
  (): Column<T> =>
    call(fn);

export const unary =
  <T>(fn: string) =>
  (column: ColumnOrName): Column<T> =>
    call(fn, columnExpr(column));

export const binary =
  <T>(fn: string) =>
  (left: ColumnOrName, right: ColumnOrName): Column<T> =>
    call(fn, columnExpr(left), columnExpr(right));

/** A column, then one value. */
export const withValue =
  <T>(fn: string) =>
  (column: ColumnOrName, value: Operand): Column<T> =>
    call(fn, columnExpr(column), exprOf(value));

/** A column, then values, of which Spark has defaults for those left out. */
export const withValues =
  <T>(fn: string) =>
  (column: ColumnOrName, ...values: readonly Operand[]): Column<T> =>
    call(fn, columnExpr(column), ...values.map(exprOf));

/** Any number of columns. */
export const variadic =
  <T>(fn: string) =>
  (...columns: readonly ColumnOrName[]): Column<T> =>
    call(fn, ...columns.map(columnExpr));
