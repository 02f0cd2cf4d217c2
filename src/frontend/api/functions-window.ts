/** Owns: functions of a row's place among the rows of its window: they mean something only before `.over(window)`. */
import type { Column, Operand } from './column.js';
import { exprOf } from './column.js';
import { call, columnExpr, nullary } from './column-function.js';
import type { ColumnOrName, NamesIn } from './column-names.js';
import { literalOf } from './literal.js';
import type { ValueOf } from './row-types.js';

/** 1, 2, 3, … in the order of the window. */
export const rowNumber = nullary<number>('row_number');
/** The number of the first row that is equal in the order, so 1, 1, 3. */
export const rank = nullary<number>('rank');
/** As rank(), without gaps: 1, 1, 2. */
export const denseRank = nullary<number>('dense_rank');
/** (rank - 1) / (rows - 1), from 0 to 1. */
export const percentRank = nullary<number>('percent_rank');
/** The share of the rows that come before the row or are equal to it. */
export const cumeDist = nullary<number>('cume_dist');

/** The number, from 1, of the part that a row falls in, of `parts` parts as equal as may be. */
export function ntile(parts: number): Column<number, string, never> {
  return call('ntile', literalOf(parts));
}

/** The value `offset` rows before; `fallback` where there is no such row. `ignoreNulls` counts only rows where the column is not null. */
export const lag = shifted('lag');
/** The value `offset` rows after; `fallback` where there is no such row. `ignoreNulls` counts only rows where the column is not null. */
export const lead = shifted('lead');

function shifted(fn: string) {
  return <const C extends ColumnOrName>(
    column: C,
    offset = 1,
    fallback: Operand | null = null,
    ignoreNulls = false,
  ): Column<ValueOf<C> | null, string, NamesIn<C>> => {
    const args = [columnExpr(column), literalOf(offset), exprOf(fallback)];
    return call(fn, ...args, ...(ignoreNulls ? [literalOf(true)] : []));
  };
}

/** The value of the n-th row of the frame, from 1; null where it has fewer. */
export function nthValue<const C extends ColumnOrName>(
  column: C,
  n: number,
  ignoreNulls = false,
): Column<ValueOf<C> | null, string, NamesIn<C>> {
  return call('nth_value', columnExpr(column), literalOf(n), ...(ignoreNulls ? [literalOf(true)] : []));
}

/** The value of the first row of the frame. */
export const firstValue = oneOf('first_value');
/** The value of the last row of the frame. */
export const lastValue = oneOf('last_value');

function oneOf(fn: string) {
  return <const C extends ColumnOrName>(column: C, ignoreNulls = false): Column<ValueOf<C>, string, NamesIn<C>> =>
    call(fn, columnExpr(column), ...(ignoreNulls ? [literalOf(true)] : []));
}
