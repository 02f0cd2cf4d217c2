/** TPC-H 19, discounted revenue: from parts of three brands, in containers and quantities that go with each, shipped by air and handed over. */
import { type Column, col, sum } from 'minispark';
import { revenue, tpch } from './tpch.js';

const ARGS = {
  quantity1: { type: 'int', default: 1 },
  quantity2: { type: 'int', default: 10 },
  quantity3: { type: 'int', default: 20 },
  brand1: { default: 'Brand#12' },
  brand2: { default: 'Brand#23' },
  brand3: { default: 'Brand#34' },
} as const;

/** Ten more than the least quantity are wanted as well. */
const kind = (brand: string, containers: readonly string[], least: number, size: number): Column =>
  col('p_brand')
    .eq(brand)
    .and(col('p_container').isin(containers))
    .and(col('l_quantity').between(least, least + 10))
    .and(col('p_size').between(1, size));

export default tpch(ARGS, ({ lineitem, part }, args) => {
  const wanted = kind(args.brand1, ['SM CASE', 'SM BOX', 'SM PACK', 'SM PKG'], args.quantity1, 5)
    .or(kind(args.brand2, ['MED BAG', 'MED BOX', 'MED PKG', 'MED PACK'], args.quantity2, 10))
    .or(kind(args.brand3, ['LG CASE', 'LG BOX', 'LG PACK', 'LG PKG'], args.quantity3, 15));
  return lineitem
    .where(col('l_shipmode').isin('AIR', 'AIR REG').and(col('l_shipinstruct').eq('DELIVER IN PERSON')))
    .join(part, col('l_partkey').eq(col('p_partkey')).and(wanted))
    .agg(sum(revenue).as('revenue'));
});
