/** Owns: Spark's functions that say how to sort by a column; its methods of the same names say the same. */
import type { SortKey } from '../plan/expression.js';
import { columnExpr } from './column-function.js';
import type { ColumnOrName, NamesIn } from './column-names.js';
import { SortOrder } from './sort-order.js';

const order =
  ({ ascending, nullsFirst }: Pick<SortKey, 'ascending' | 'nullsFirst'>) =>
  <const C extends ColumnOrName>(column: C): SortOrder<NamesIn<C>> =>
    new SortOrder(columnExpr(column), ascending, nullsFirst);

/** Ascending, nulls first. */
export const asc = order({ ascending: true, nullsFirst: true });
export const ascNullsFirst = asc;
export const ascNullsLast = order({ ascending: true, nullsFirst: false });
/** Descending, nulls last. */
export const desc = order({ ascending: false, nullsFirst: false });
export const descNullsFirst = order({ ascending: false, nullsFirst: true });
export const descNullsLast = desc;
