/** TPC-H 9, product type profit measure: profit on parts of a colour, by nation of the supplier and year. */
import { col, sum, year } from 'minispark';
import { revenue, tpch } from './tpch.js';

const ARGS = { color: { default: 'green', description: 'What the name of the part has in it' } } as const;

export default tpch(ARGS, ({ part, supplier, lineitem, partsupp, orders, nation }, { color }) => {
  const parts = part.where(col('p_name').like(`%${color}%`)).select('p_partkey');
  const costs = partsupp.join(parts, col('ps_partkey').eq(col('p_partkey')), 'semi').select('ps_partkey', 'ps_suppkey', 'ps_supplycost');
  const sellers = supplier.join(nation, col('s_nationkey').eq(col('n_nationkey'))).select('s_suppkey', col('n_name').as('nation'));
  // The one key first: it leaves few rows for the two.
  return lineitem
    .join(parts, col('l_partkey').eq(col('p_partkey')), 'semi')
    .join(
      costs,
      col('l_partkey')
        .eq(col('ps_partkey'))
        .and(col('l_suppkey').eq(col('ps_suppkey'))),
    )
    .join(sellers, col('l_suppkey').eq(col('s_suppkey')))
    .join(orders, col('l_orderkey').eq(col('o_orderkey')))
    .groupBy('nation', year('o_orderdate').as('o_year'))
    .agg(sum(revenue.minus(col('ps_supplycost').times(col('l_quantity')))).as('sum_profit'))
    .orderBy('nation', col('o_year').desc());
});
