/** TPC-H 4, order priority checking: orders of a quarter of which something came late, by priority. */
import { col, count } from 'minispark';
import { date, months, tpch } from './tpch.js';

const ARGS = { date: { default: '1993-07-01', description: 'First day of the three months' } } as const;

export default tpch(ARGS, ({ orders, lineitem }, args) => {
  const late = lineitem.where(col('l_commitdate').lt(col('l_receiptdate')));
  return orders
    .where(months('o_orderdate', date(args.date), 3))
    .join(late, col('o_orderkey').eq(col('l_orderkey')), 'semi')
    .groupBy('o_orderpriority')
    .agg(count().as('order_count'))
    .orderBy('o_orderpriority');
});
