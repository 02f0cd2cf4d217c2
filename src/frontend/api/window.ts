/**
 * Owns: Window, where the specification of a window begins, and WindowSpec, its parts so far: partition, order, frame. Immutable.
 * `column.over(spec)` makes a window expression of it.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Expr, SortKey, WindowSpec as Spec } from '../plan/expression.js';
import type { Frame, FrameBound } from '../plan/window.js';
import { Column } from './column.js';
import { columnExpr } from './column-function.js';
import type { ColumnOrName, NamesIn } from './column-names.js';
import { literalOf } from './literal.js';
import { SortOrder } from './sort-order.js';

/** Rows, or for rangeBetween values of the sort key: negative ones lie before the current row, 0 is the row itself; or a constant column. */
export type FrameEnd = number | bigint | Column;

/** Its columns refer to the names R. */
export class WindowSpec<R extends string = string> {
  readonly spec: Spec;
  /** Never there at run time: it holds R for the compiler. */
  declare readonly names?: R;

  constructor(spec: Spec) {
    this.spec = Object.freeze(spec);
  }

  /** Rows that are equal in these columns make one partition; without any all rows do. */
  partitionBy<const C extends readonly ColumnOrName[]>(...columns: C): WindowSpec<R | NamesIn<C[number]>> {
    return new WindowSpec({ ...this.spec, partitionBy: Object.freeze(columns.map(columnExpr)) });
  }

  /** The order within a partition. A column alone is ascending, nulls first. */
  orderBy<const C extends readonly (ColumnOrName | SortOrder)[]>(...keys: C): WindowSpec<R | NamesIn<C[number]>> {
    const orderBy = keys.map((key): SortKey => {
      if (key instanceof SortOrder) return key.key;
      return Object.freeze({ expr: columnExpr(key), ascending: true, nullsFirst: true });
    });
    return new WindowSpec({ ...this.spec, orderBy: Object.freeze(orderBy) });
  }

  /** The frame of a row by places: from `start` rows after it (before, where negative) to `end` rows after it, both included. */
  rowsBetween(start: FrameEnd, end: FrameEnd): WindowSpec<R> {
    return this.framed('rows', start, end);
  }

  /** The frame of a row by values: the rows whose sort key lies between that of the row plus `start` and plus `end`. */
  rangeBetween(start: FrameEnd, end: FrameEnd): WindowSpec<R> {
    return this.framed('range', start, end);
  }

  private framed(unit: Frame<Expr>['unit'], start: FrameEnd, end: FrameEnd): WindowSpec<R> {
    return new WindowSpec({ ...this.spec, frame: Object.freeze({ unit, lower: boundOf(start), upper: boundOf(end) }) });
  }
}

function boundOf(end: FrameEnd): FrameBound<Expr> {
  if (end instanceof Column) return Object.freeze({ kind: 'following', offset: end.expr });
  if (end === Number.NEGATIVE_INFINITY) return Object.freeze({ kind: 'unboundedPreceding' });
  if (end === Number.POSITIVE_INFINITY) return Object.freeze({ kind: 'unboundedFollowing' });
  if (Number.isNaN(end) || (typeof end !== 'number' && typeof end !== 'bigint')) {
    throw userError('INVALID_ARGUMENT', `The end of a window frame is a number, not ${String(end)}.`, {
      hint: 'Give rows or values before (negative) or after the current row, or Window.unboundedPreceding, Window.unboundedFollowing',
      site: callSite() ?? undefined,
    });
  }
  return Object.freeze(Number(end) === 0 ? { kind: 'currentRow' } : { kind: 'following', offset: literalOf(end) });
}

const EMPTY = new WindowSpec<never>({ partitionBy: Object.freeze([]), orderBy: Object.freeze([]), frame: null });

/** `sum('price').over(Window.partitionBy('shop').orderBy('day').rowsBetween(-6, Window.currentRow))`. */
export const Window = Object.freeze({
  unboundedPreceding: Number.NEGATIVE_INFINITY,
  unboundedFollowing: Number.POSITIVE_INFINITY,
  currentRow: 0,
  partitionBy: <const C extends readonly ColumnOrName[]>(...columns: C): WindowSpec<NamesIn<C[number]>> => EMPTY.partitionBy(...columns),
  orderBy: <const C extends readonly (ColumnOrName | SortOrder)[]>(...keys: C): WindowSpec<NamesIn<C[number]>> => EMPTY.orderBy(...keys),
  rowsBetween: (start: FrameEnd, end: FrameEnd): WindowSpec<never> => EMPTY.rowsBetween(start, end),
  rangeBetween: (start: FrameEnd, end: FrameEnd): WindowSpec<never> => EMPTY.rangeBetween(start, end),
});
