/** TPC-H 10, returned item reporting: the twenty customers whose returns of a quarter's orders cost most revenue. */
import { col, sum } from 'minispark';
import { date, months, revenue, tpch } from './tpch.js';

const ARGS = { date: { default: '1993-10-01', description: 'First day of the three months' } } as const;

export default tpch(ARGS, ({ customer, orders, lineitem, nation }, args) => {
  const placed = orders.where(months('o_orderdate', date(args.date), 3)).select('o_orderkey', 'o_custkey');
  const lost = lineitem
    .where(col('l_returnflag').eq('R'))
    .join(placed, col('l_orderkey').eq(col('o_orderkey')))
    .groupBy('o_custkey')
    .agg(sum(revenue).as('revenue'))
    .orderBy(col('revenue').desc())
    .limit(20);
  return customer
    .join(lost, col('c_custkey').eq(col('o_custkey')))
    .join(nation, col('c_nationkey').eq(col('n_nationkey')))
    .select('c_custkey', 'c_name', 'revenue', 'c_acctbal', 'n_name', 'c_address', 'c_phone', 'c_comment')
    .orderBy(col('revenue').desc());
});
