/** TPC-H 16, parts and suppliers: how many suppliers without complaints offer the parts of eight sizes, one brand and one type left out. */
import { col, countDistinct } from 'minispark';
import { tpch } from './tpch.js';

const ARGS = {
  brand: { default: 'Brand#45' },
  type: { default: 'MEDIUM POLISHED', description: 'What the type begins with' },
  size1: { type: 'int', default: 49 },
  size2: { type: 'int', default: 14 },
  size3: { type: 'int', default: 23 },
  size4: { type: 'int', default: 45 },
  size5: { type: 'int', default: 19 },
  size6: { type: 'int', default: 3 },
  size7: { type: 'int', default: 36 },
  size8: { type: 'int', default: 9 },
} as const;

export default tpch(ARGS, ({ partsupp, part, supplier }, args) => {
  const sizes = [args.size1, args.size2, args.size3, args.size4, args.size5, args.size6, args.size7, args.size8];
  const parts = part
    .where(
      col('p_brand')
        .ne(args.brand)
        .and(col('p_type').like(`${args.type}%`).not())
        .and(col('p_size').isin(sizes)),
    )
    .select('p_partkey', 'p_brand', 'p_type', 'p_size');
  const complained = supplier.where(col('s_comment').like('%Customer%Complaints%')).select('s_suppkey');
  return partsupp
    .select('ps_partkey', 'ps_suppkey')
    .join(parts, col('ps_partkey').eq(col('p_partkey')))
    .join(complained, col('ps_suppkey').eq(col('s_suppkey')), 'anti')
    .groupBy('p_brand', 'p_type', 'p_size')
    .agg(countDistinct('ps_suppkey').as('supplier_cnt'))
    .orderBy(col('supplier_cnt').desc(), 'p_brand', 'p_type', 'p_size');
});
