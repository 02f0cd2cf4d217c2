/** TPC-H 3, shipping priority: the ten orders of a market segment, not shipped at a date, that are worth most. */
import { col, sum } from 'minispark';
import { date, revenue, tpch } from './tpch.js';

const ARGS = { segment: { default: 'BUILDING' }, date: { default: '1995-03-15' } } as const;

export default tpch(ARGS, ({ customer, orders, lineitem }, args) => {
  const buyers = customer.where(col('c_mktsegment').eq(args.segment)).select('c_custkey');
  const open = orders
    .where(col('o_orderdate').lt(date(args.date)))
    .join(buyers, col('o_custkey').eq(col('c_custkey')), 'semi')
    .select('o_orderkey', 'o_orderdate', 'o_shippriority');
  return lineitem
    .where(col('l_shipdate').gt(date(args.date)))
    .join(open, col('l_orderkey').eq(col('o_orderkey')))
    .groupBy('l_orderkey', 'o_orderdate', 'o_shippriority')
    .agg(sum(revenue).as('revenue'))
    .select('l_orderkey', 'revenue', 'o_orderdate', 'o_shippriority')
    .orderBy(col('revenue').desc(), 'o_orderdate')
    .limit(10);
});
