/** TPC-H 11, important stock: parts that make up more than a fraction of the value of a nation's stock. */
import { col, sum } from 'minispark';
import { decimal, tpch } from './tpch.js';

const ARGS = {
  nation: { default: 'GERMANY' },
  fraction: { default: '0.0001', description: '0.0001 divided by the scale factor' },
} as const;

export default tpch(ARGS, ({ partsupp, supplier, nation }, args) => {
  const sellers = supplier
    .join(nation.where(col('n_name').eq(args.nation)), col('s_nationkey').eq(col('n_nationkey')), 'semi')
    .select('s_suppkey');
  const stock = partsupp
    .join(sellers, col('ps_suppkey').eq(col('s_suppkey')), 'semi')
    .select('ps_partkey', col('ps_supplycost').times(col('ps_availqty')).as('worth'));
  const fraction = decimal(args.fraction, 'decimal(12,10)');
  const least = stock.agg(sum('worth').cast('decimal(24,2)').times(fraction).as('least'));
  return stock
    .groupBy('ps_partkey')
    .agg(sum('worth').as('value'))
    .join(least, col('value').gt(col('least')))
    .select('ps_partkey', 'value')
    .orderBy(col('value').desc());
});
