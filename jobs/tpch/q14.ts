/** TPC-H 14, promotion effect: the percentage of a month's revenue that came from parts on promotion. */
import { addMonths, col, sum, when } from 'minispark';
import { date, decimal, revenue, tpch } from './tpch.js';

const ARGS = { date: { default: '1995-09-01', description: 'First day of the month' } } as const;

export default tpch(ARGS, ({ lineitem, part }, args) => {
  const from = date(args.date);
  const promoted = when(col('p_type').like('PROMO%'), revenue).otherwise(decimal('0', 'decimal(1,0)'));
  return lineitem
    .where(
      col('l_shipdate')
        .ge(from)
        .and(col('l_shipdate').lt(addMonths(from, 1))),
    )
    .join(part, col('l_partkey').eq(col('p_partkey')))
    .agg(decimal('100.00', 'decimal(5,2)').times(sum(promoted)).divide(sum(revenue)).as('promo_revenue'));
});
