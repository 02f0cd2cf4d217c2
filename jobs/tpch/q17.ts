/** TPC-H 17, small-quantity-order revenue: a year's average revenue from orders of far fewer parts than is usual, of one brand and container. */
import { avg, col, sum } from 'minispark';
import { decimal, tpch } from './tpch.js';

const ARGS = { brand: { default: 'Brand#23' }, container: { default: 'MED BOX' } } as const;

export default tpch(ARGS, ({ lineitem, part }, args) => {
  const parts = part.where(col('p_brand').eq(args.brand).and(col('p_container').eq(args.container))).select('p_partkey');
  const lines = lineitem.select('l_partkey', 'l_quantity', 'l_extendedprice').join(parts, col('l_partkey').eq(col('p_partkey')), 'semi');
  const usual = lines.groupBy(col('l_partkey').as('partkey')).agg(decimal('0.2', 'decimal(1,1)').times(avg('l_quantity')).as('few'));
  return lines
    .join(
      usual,
      col('l_partkey')
        .eq(col('partkey'))
        .and(col('l_quantity').lt(col('few'))),
    )
    .agg(sum('l_extendedprice').divide(decimal('7.0', 'decimal(2,1)')).as('avg_yearly'));
});
