/** TPC-H 1, pricing summary: what was shipped until some days before the last ship date, by return flag and line status. */
import { avg, col, count, dateSub, lit, sum } from 'minispark';
import { date, revenue, tpch } from './tpch.js';

const ARGS = { delta: { type: 'int', default: 90, description: 'Days before 1998-12-01' } } as const;

export default tpch(ARGS, ({ lineitem }, { delta }) =>
  lineitem
    .where(col('l_shipdate').le(dateSub(date('1998-12-01'), delta)))
    .groupBy('l_returnflag', 'l_linestatus')
    .agg(
      sum('l_quantity').as('sum_qty'),
      sum('l_extendedprice').as('sum_base_price'),
      sum(revenue).as('sum_disc_price'),
      sum(revenue.times(lit(1).plus(col('l_tax')))).as('sum_charge'),
      avg('l_quantity').as('avg_qty'),
      avg('l_extendedprice').as('avg_price'),
      avg('l_discount').as('avg_disc'),
      count().as('count_order'),
    )
    .orderBy('l_returnflag', 'l_linestatus'),
);
