/** Owns: a column together with how to sort by it. */
import type { Expr, SortKey } from '../plan/expression.js';

/** A column and how to sort by it; what orderBy() takes. */
export class SortOrder {
  readonly key: SortKey;

  constructor(expr: Expr, ascending: boolean, nullsFirst: boolean) {
    this.key = Object.freeze({ expr, ascending, nullsFirst });
  }
}
