/** TPC-H 7, volume shipping: revenue of goods shipped between two nations in 1995 and 1996, by direction and year. */
import { col, sum, year } from 'minispark';
import { date, revenue, tpch } from './tpch.js';

const ARGS = { nation1: { default: 'FRANCE' }, nation2: { default: 'GERMANY' } } as const;

export default tpch(ARGS, ({ supplier, lineitem, orders, customer, nation }, { nation1, nation2 }) => {
  const both = nation.where(col('n_name').isin(nation1, nation2));
  const sellers = supplier.join(both, col('s_nationkey').eq(col('n_nationkey'))).select('s_suppkey', col('n_name').as('supp_nation'));
  const buyers = customer.join(both, col('c_nationkey').eq(col('n_nationkey'))).select('c_custkey', col('n_name').as('cust_nation'));
  const placed = orders.join(buyers, col('o_custkey').eq(col('c_custkey'))).select('o_orderkey', 'cust_nation');
  return lineitem
    .where(col('l_shipdate').between(date('1995-01-01'), date('1996-12-31')))
    .join(sellers, col('l_suppkey').eq(col('s_suppkey')))
    .join(
      placed,
      col('l_orderkey')
        .eq(col('o_orderkey'))
        .and(col('supp_nation').ne(col('cust_nation'))),
    )
    .groupBy('supp_nation', 'cust_nation', year('l_shipdate').as('l_year'))
    .agg(sum(revenue).as('revenue'))
    .orderBy('supp_nation', 'cust_nation', 'l_year');
});
