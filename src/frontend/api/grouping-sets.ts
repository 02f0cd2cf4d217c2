/** Owns: which sets of columns rollup() and cube() group by. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Expr } from '../plan/expression.js';

type Sets = readonly (readonly Expr[])[];

/** All columns, all but the last, …, none. */
export function rollupSets(columns: readonly Expr[]): Sets {
  return Object.freeze(Array.from({ length: columns.length + 1 }, (_, i) => Object.freeze(columns.slice(0, columns.length - i))));
}

/** Twice as many sets for each more; every row is looked at once for each set. */
const MAX_CUBE = 12;

/** Every subset, that of all columns first. Throws a user error GROUPING_SIZE_LIMIT_EXCEEDED. */
export function cubeSets(columns: readonly Expr[]): Sets {
  if (columns.length > MAX_CUBE) {
    throw userError('GROUPING_SIZE_LIMIT_EXCEEDED', `cube() takes at most ${MAX_CUBE} columns, not ${columns.length}.`, {
      hint: 'Name the sets that are wanted by groupingSets()',
      site: callSite() ?? undefined,
    });
  }
  const last = columns.length - 1;
  return Object.freeze(
    Array.from({ length: 2 ** columns.length }, (_, missing) =>
      Object.freeze(columns.filter((_column, i) => ((missing >> (last - i)) & 1) === 0)),
    ),
  );
}
