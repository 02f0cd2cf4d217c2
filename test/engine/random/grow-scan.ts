/** What stands right above a scan of many rows: a condition that few rows pass, and a join with a small table. */
import type { Expr } from '../../../src/frontend/plan/expression.js';
import type { JoinType } from '../../../src/frontend/plan/logical.js';
import { type Choices, call, column, type GrownColumn, literal } from './grow-expression.js';
import type { Grown } from './grow-plan.js';
import { textOf } from './reference-values.js';
import { type Kind, POOLS, type Table, TYPE_OF } from './tables.js';

const ORDERED: readonly Kind[] = ['boolean', 'int', 'long', 'double', 'decimal', 'string', 'date', 'timestamp'];
const COMPARISONS = ['=', '=', '=', '<', '>', '<=', '>=', '<>', '<=>'];

/** One to three tests of single columns against values of their pools. */
export function narrowFilter(columns: readonly GrownColumn[], choices: Choices): Expr {
  const tests = Array.from({ length: 1 + choices.below(3) }, () => testOf(choices.of(columns), choices));
  return tests.reduce((all, test) => call(choices.below(6) === 5 ? 'or' : 'and', all, test));
}

function testOf({ name, kind }: GrownColumn, choices: Choices): Expr {
  if (!ORDERED.includes(kind)) return call(choices.of(['isnull', 'isnotnull']), column(name));
  // The first of a pool is what most rows have.
  const value = (): Expr => literal(choices.of(choices.below(4) > 0 ? POOLS[kind].slice(1) : POOLS[kind]), TYPE_OF[kind]);
  switch (choices.below(8)) {
    case 5:
      return call('in', column(name), value(), value());
    case 6:
      return call(choices.of(['isnull', 'isnotnull']), column(name));
    case 7:
      return call('not', call(choices.of(COMPARISONS), column(name), value()));
    default: {
      const [a, b] = choices.below(4) === 3 ? [value(), column(name)] : [column(name), value()];
      return call(choices.of(COMPARISONS), a, b);
    }
  }
}

const JOINS: readonly JoinType[] = ['inner', 'semi', 'anti', 'left', 'inner', 'right'];
const MOST_ROWS = 5000;

/** By one column or two; where too many pairs would come out, no right columns do. */
export function joinOnScan(left: Grown, right: Grown, [large, small]: readonly [Table, Table], choices: Choices): Grown {
  const pairs = left.columns.flatMap((l, i) => right.columns.flatMap((r, k) => (r.kind === l.kind ? [[i, k] as const] : [])));
  if (pairs.length === 0) return left;
  const [i, k] = choices.of(pairs);
  const equal = (a: number, b: number): Expr => call('=', column(left.columns[a].name), column(right.columns[b].name));
  const on = choices.below(3) === 2 ? call('and', equal(i, k), equal(...choices.of(pairs))) : equal(i, k);
  const wanted = choices.of(JOINS);
  const rows = partners(large, i, small, k) + large.rows.length + small.rows.length;
  const how = rows > MOST_ROWS && wanted !== 'anti' ? 'semi' : wanted;
  const isHalf = how === 'semi' || how === 'anti';
  return {
    plan: { kind: 'join', left: left.plan, right: right.plan, how, on, site: null },
    columns: isHalf ? left.columns : [...left.columns, ...right.columns],
    rows: isHalf ? left.rows : rows,
  };
}

/** How many pairs of rows are equal in the two columns. */
function partners(left: Table, i: number, right: Table, k: number): number {
  const counts = new Map<string, number>();
  for (const row of right.rows) counts.set(textOf(row[k]), (counts.get(textOf(row[k])) ?? 0) + 1);
  return left.rows.reduce((sum, row) => sum + (counts.get(textOf(row[i])) ?? 0), 0);
}
