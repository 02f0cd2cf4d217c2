/** TPC-H 15, top supplier: who brought in most revenue in three months. */
import { col, max, sum } from 'minispark';
import { date, months, revenue, tpch } from './tpch.js';

const ARGS = { date: { default: '1996-01-01', description: 'First day of the three months' } } as const;

export default tpch(ARGS, ({ lineitem, supplier }, args) => {
  const revenues = lineitem
    .where(months('l_shipdate', date(args.date), 3))
    .groupBy(col('l_suppkey').as('supplier_no'))
    .agg(sum(revenue).as('total_revenue'));
  const most = revenues.agg(max('total_revenue').as('most'));
  return supplier
    .join(revenues.join(most, col('total_revenue').eq(col('most'))), col('s_suppkey').eq(col('supplier_no')))
    .select('s_suppkey', 's_name', 's_address', 's_phone', 'total_revenue')
    .orderBy('s_suppkey');
});
