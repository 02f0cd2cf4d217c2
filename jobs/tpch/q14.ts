/** TPC-H 14, promotion effect: the percentage of a month's revenue that came from parts on promotion. */
import { col, sum, when } from 'minispark';
import { date, decimal, months, revenue, tpch } from './tpch.js';

const ARGS = { date: { default: '1995-09-01', description: 'First day of the month' } } as const;

export default tpch(ARGS, ({ lineitem, part }, args) => {
  const promoted = when(col('p_type').like('PROMO%'), revenue).otherwise(decimal('0', 'decimal(1,0)'));
  return lineitem
    .where(months('l_shipdate', date(args.date), 1))
    .join(part, col('l_partkey').eq(col('p_partkey')))
    .agg(decimal('100.00', 'decimal(5,2)').times(sum(promoted)).divide(sum(revenue)).as('promo_revenue'));
});
