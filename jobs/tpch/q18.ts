/** TPC-H 18, large volume customer: the hundred dearest orders of more than some quantity, and who placed them. */
import { col, sum } from 'minispark';
import { tpch } from './tpch.js';

const ARGS = { quantity: { type: 'int', default: 300, description: 'More than these' } } as const;

export default tpch(ARGS, ({ customer, orders, lineitem }, { quantity }) => {
  const large = lineitem.groupBy('l_orderkey').agg(sum('l_quantity').as('quantity')).where(col('quantity').gt(quantity));
  const found = orders
    .select('o_orderkey', 'o_custkey', 'o_orderdate', 'o_totalprice')
    .join(large, col('o_orderkey').eq(col('l_orderkey')));
  return customer
    .join(found, col('o_custkey').eq(col('c_custkey')))
    .select('c_name', 'c_custkey', 'o_orderkey', 'o_orderdate', 'o_totalprice', col('quantity').as('sum_qty'))
    .orderBy(col('o_totalprice').desc(), 'o_orderdate')
    .limit(100);
});
