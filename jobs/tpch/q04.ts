/** TPC-H 4, order priority checking: orders of a quarter of which something came late, by priority. */
import { addMonths, col, count } from 'minispark';
import { date, tpch } from './tpch.js';

const ARGS = { date: { default: '1993-07-01', description: 'First day of the three months' } } as const;

export default tpch(ARGS, ({ orders, lineitem }, args) => {
  const from = date(args.date);
  const late = lineitem.where(col('l_commitdate').lt(col('l_receiptdate'))).select('l_orderkey');
  return orders
    .where(
      col('o_orderdate')
        .ge(from)
        .and(col('o_orderdate').lt(addMonths(from, 3))),
    )
    .join(late, col('o_orderkey').eq(col('l_orderkey')), 'semi')
    .groupBy('o_orderpriority')
    .agg(count().as('order_count'))
    .orderBy('o_orderpriority');
});
