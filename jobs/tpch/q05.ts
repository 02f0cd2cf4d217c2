/** TPC-H 5, local supplier volume: a year's revenue by nation of a region, of orders where customer and supplier are of the same nation. */
import { col, sum } from 'minispark';
import { date, months, revenue, tpch } from './tpch.js';

const ARGS = { region: { default: 'ASIA' }, date: { default: '1994-01-01', description: 'First day of the year' } } as const;

export default tpch(ARGS, ({ customer, orders, lineitem, supplier, nation, region }, args) => {
  const nations = nation
    .join(region.where(col('r_name').eq(args.region)), col('n_regionkey').eq(col('r_regionkey')))
    .select('n_nationkey', 'n_name');
  const buyers = customer.join(nations, col('c_nationkey').eq(col('n_nationkey'))).select('c_custkey', 'c_nationkey', 'n_name');
  const placed = orders
    .where(months('o_orderdate', date(args.date), 12))
    .join(buyers, col('o_custkey').eq(col('c_custkey')))
    .select('o_orderkey', 'c_nationkey', 'n_name');
  return lineitem
    .join(placed, col('l_orderkey').eq(col('o_orderkey')))
    .join(
      supplier,
      col('l_suppkey')
        .eq(col('s_suppkey'))
        .and(col('c_nationkey').eq(col('s_nationkey'))),
    )
    .groupBy('n_name')
    .agg(sum(revenue).as('revenue'))
    .orderBy(col('revenue').desc());
});
