/** Window nodes as SQL for DuckDB; expressions in them are attributes and literals. */
import type { DataType } from '../../../src/data/types.js';
import type { ResolvedExpr, ResolvedOf, Windowed } from '../../../src/frontend/plan/resolved.js';
import type { Bound } from '../../../src/frontend/plan/window.js';

/** Columns after those of the child: `sum(a1) OVER (…) AS a7`. `aggregate` gives the SQL of a call with what stands behind it. */
export function windowColumns(
  plan: ResolvedOf<'window'>,
  exprSql: (expr: ResolvedExpr) => string,
  typeSql: (type: DataType) => string,
  aggregate: (call: Windowed, over: string) => string,
): string[] {
  const partition = plan.partitionBy.length === 0 ? '' : `PARTITION BY ${plan.partitionBy.map(exprSql).join(', ')} `;
  const keys = plan.orderBy.map((k) => `${exprSql(k.expr)} ${k.ascending ? 'ASC' : 'DESC'} NULLS ${k.nullsFirst ? 'FIRST' : 'LAST'}`);
  const order = keys.length === 0 ? '' : `ORDER BY ${keys.join(', ')} `;
  return plan.calls.map((call) => {
    const { lower, upper, unit } = call.frame;
    const sql = RANKED.has(call.fn)
      ? `${call.fn}(${call.args.map(exprSql).join(', ')}) OVER (${partition}${order})`
      : aggregate(call, ` OVER (${partition}${order}${unit.toUpperCase()} BETWEEN ${bound(lower)} AND ${bound(upper)})`);
    return `CAST(${sql} AS ${typeSql(call.type)}) AS a${call.id}`;
  });
}

/** Functions that take no frame. */
const RANKED = new Set(['row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'ntile', 'lag', 'lead']);

function bound(end: Bound): string {
  if (end === 'unboundedPreceding') return 'UNBOUNDED PRECEDING';
  if (end === 'unboundedFollowing') return 'UNBOUNDED FOLLOWING';
  if (end === 'currentRow' || Number(end.offset) === 0) return 'CURRENT ROW';
  return end.offset < 0 ? `${-end.offset} PRECEDING` : `${end.offset} FOLLOWING`;
}
