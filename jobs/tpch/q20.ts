/** TPC-H 20, potential part promotion: suppliers of a nation that hold more than half a year's sales of some part of a colour. */
import { col, sum } from 'minispark';
import { date, decimal, months, tpch } from './tpch.js';

const ARGS = {
  color: { default: 'forest', description: 'What the name of the part begins with' },
  date: { default: '1994-01-01', description: 'First day of the year' },
  nation: { default: 'CANADA' },
} as const;

export default tpch(ARGS, ({ supplier, nation, partsupp, part, lineitem }, args) => {
  const parts = part.where(col('p_name').like(`${args.color}%`)).select('p_partkey');
  const sold = lineitem
    .where(months('l_shipdate', date(args.date), 12))
    .join(parts, col('l_partkey').eq(col('p_partkey')), 'semi')
    .groupBy('l_partkey', 'l_suppkey')
    .agg(sum('l_quantity').times(decimal('0.5', 'decimal(1,1)')).as('half'));
  const plenty = partsupp
    .join(parts, col('ps_partkey').eq(col('p_partkey')), 'semi')
    .join(
      sold,
      col('ps_partkey')
        .eq(col('l_partkey'))
        .and(col('ps_suppkey').eq(col('l_suppkey')))
        .and(col('ps_availqty').gt(col('half'))),
      'semi',
    )
    .select('ps_suppkey');
  return supplier
    .join(nation.where(col('n_name').eq(args.nation)), col('s_nationkey').eq(col('n_nationkey')), 'semi')
    .join(plenty, col('s_suppkey').eq(col('ps_suppkey')), 'semi')
    .select('s_name', 's_address')
    .orderBy('s_name');
});
