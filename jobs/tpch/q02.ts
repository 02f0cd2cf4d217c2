/** TPC-H 2, minimum cost supplier: who in a region supplies parts of a size and type at the region's lowest cost. */
import { col, min } from 'minispark';
import { tpch } from './tpch.js';

const ARGS = {
  size: { type: 'int', default: 15 },
  type: { default: 'BRASS', description: 'What the type ends in' },
  region: { default: 'EUROPE' },
} as const;

export default tpch(ARGS, ({ part, supplier, partsupp, nation, region }, args) => {
  const suppliers = supplier
    .join(nation, col('s_nationkey').eq(col('n_nationkey')))
    .join(region.where(col('r_name').eq(args.region)), col('n_regionkey').eq(col('r_regionkey')))
    .select('s_suppkey', 's_acctbal', 's_name', 'n_name', 's_address', 's_phone', 's_comment');
  const parts = part
    .where(
      col('p_size')
        .eq(args.size)
        .and(col('p_type').like(`%${args.type}`)),
    )
    .select('p_partkey', 'p_mfgr');
  const offers = partsupp
    .select('ps_partkey', 'ps_suppkey', 'ps_supplycost')
    .join(parts, col('ps_partkey').eq(col('p_partkey')))
    .join(suppliers, col('ps_suppkey').eq(col('s_suppkey')));
  const lowest = offers.groupBy(col('p_partkey').as('lowest_partkey')).agg(min('ps_supplycost').as('lowest_cost'));
  return offers
    .join(
      lowest,
      col('p_partkey')
        .eq(col('lowest_partkey'))
        .and(col('ps_supplycost').eq(col('lowest_cost'))),
    )
    .select('s_acctbal', 's_name', 'n_name', 'p_partkey', 'p_mfgr', 's_address', 's_phone', 's_comment')
    .orderBy(col('s_acctbal').desc(), 'n_name', 's_name', 'p_partkey')
    .limit(100);
});
