/** TPC-H 6, forecasting revenue change: what a year's small orders would have brought without their discounts, of about one percentage. */
import { col, sum } from 'minispark';
import { date, decimal, months, tpch } from './tpch.js';

const ARGS = {
  date: { default: '1994-01-01', description: 'First day of the year' },
  discount: { default: '0.06', description: 'Middle of the discounts, one percent either way' },
  quantity: { type: 'int', default: 24, description: 'Fewer than these' },
} as const;

export default tpch(ARGS, ({ lineitem }, args) => {
  const discount = decimal(args.discount, 'decimal(4,2)');
  const around = decimal('0.01', 'decimal(4,2)');
  return lineitem
    .where(months('l_shipdate', date(args.date), 12))
    .where(col('l_discount').between(discount.minus(around), discount.plus(around)))
    .where(col('l_quantity').lt(args.quantity))
    .agg(sum(col('l_extendedprice').times(col('l_discount'))).as('revenue'));
});
