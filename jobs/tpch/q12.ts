/** TPC-H 12, shipping modes and order priority: whether goods that two modes brought late in a year were of urgent orders or not. */
import { col, sum, when } from 'minispark';
import { date, months, tpch } from './tpch.js';

const ARGS = {
  shipmode1: { default: 'MAIL' },
  shipmode2: { default: 'SHIP' },
  date: { default: '1994-01-01', description: 'First day of the year' },
} as const;

export default tpch(ARGS, ({ orders, lineitem }, args) => {
  const late = lineitem
    .where(col('l_shipmode').isin(args.shipmode1, args.shipmode2))
    .where(months('l_receiptdate', date(args.date), 12))
    .where(
      col('l_commitdate')
        .lt(col('l_receiptdate'))
        .and(col('l_shipdate').lt(col('l_commitdate'))),
    )
    .select('l_orderkey', 'l_shipmode');
  const urgent = col('o_orderpriority').isin('1-URGENT', '2-HIGH');
  return orders
    .select('o_orderkey', 'o_orderpriority')
    .join(late, col('o_orderkey').eq(col('l_orderkey')))
    .groupBy('l_shipmode')
    .agg(sum(when(urgent, 1).otherwise(0)).as('high_line_count'), sum(when(urgent, 0).otherwise(1)).as('low_line_count'))
    .orderBy('l_shipmode');
});
