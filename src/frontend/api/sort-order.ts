/** Owns: a column together with how to sort by it. */
import type { Expr, SortKey } from '../plan/expression.js';

/** A column, which refers to the names R, and how to sort by it; what orderBy() takes. */
export class SortOrder<R extends string = string> {
  readonly key: SortKey;
  /** Never there at run time: it holds R for the compiler. */
  declare readonly names?: R;

  constructor(expr: Expr, ascending: boolean, nullsFirst: boolean) {
    this.key = Object.freeze({ expr, ascending, nullsFirst });
  }
}
