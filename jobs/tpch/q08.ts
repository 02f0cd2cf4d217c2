/** TPC-H 8, national market share: which part of a region's revenue from one type of part a nation's suppliers had, in 1995 and 1996. */
import { col, sum, when, year } from 'minispark';
import { date, decimal, revenue, tpch } from './tpch.js';

const ARGS = { nation: { default: 'BRAZIL' }, region: { default: 'AMERICA' }, type: { default: 'ECONOMY ANODIZED STEEL' } } as const;

export default tpch(ARGS, ({ part, supplier, lineitem, orders, customer, nation, region }, args) => {
  const parts = part.where(col('p_type').eq(args.type)).select('p_partkey');
  const nations = nation.join(region.where(col('r_name').eq(args.region)), col('n_regionkey').eq(col('r_regionkey')), 'semi');
  const buyers = customer.join(nations, col('c_nationkey').eq(col('n_nationkey')), 'semi').select('c_custkey');
  const placed = orders
    .where(col('o_orderdate').between(date('1995-01-01'), date('1996-12-31')))
    .join(buyers, col('o_custkey').eq(col('c_custkey')), 'semi')
    .select('o_orderkey', 'o_orderdate');
  const sellers = supplier.join(nation, col('s_nationkey').eq(col('n_nationkey'))).select('s_suppkey', 'n_name');
  const volume = lineitem
    .join(parts, col('l_partkey').eq(col('p_partkey')), 'semi')
    .join(placed, col('l_orderkey').eq(col('o_orderkey')))
    .join(sellers, col('l_suppkey').eq(col('s_suppkey')))
    .select(year('o_orderdate').as('o_year'), revenue.as('volume'), 'n_name');
  const own = when(col('n_name').eq(args.nation), col('volume')).otherwise(decimal('0', 'decimal(1,0)'));
  return volume
    .groupBy('o_year')
    .agg(sum(own).divide(sum('volume')).as('mkt_share'))
    .orderBy('o_year');
});
