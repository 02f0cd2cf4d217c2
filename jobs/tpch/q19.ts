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

/** Parts, and how many of them. Ten more than the least quantity are wanted as well. */
interface Kind {
  readonly part: Column;
  readonly quantity: Column;
}

const kind = (brand: string, containers: readonly string[], least: number, size: number): Kind => ({
  part: col('p_brand').eq(brand).and(col('p_container').isin(containers)).and(col('p_size').between(1, size)),
  quantity: col('l_quantity').between(least, least + 10),
});

export default tpch(ARGS, ({ lineitem, part }, args) => {
  const small = kind(args.brand1, ['SM CASE', 'SM BOX', 'SM PACK', 'SM PKG'], args.quantity1, 5);
  const medium = kind(args.brand2, ['MED BAG', 'MED BOX', 'MED PKG', 'MED PACK'], args.quantity2, 10);
  const large = kind(args.brand3, ['LG CASE', 'LG BOX', 'LG PACK', 'LG PKG'], args.quantity3, 15);
  const parts = part.where(small.part.or(medium.part).or(large.part));
  const wanted = small.part.and(small.quantity).or(medium.part.and(medium.quantity)).or(large.part.and(large.quantity));
  return lineitem
    .where(col('l_shipmode').isin('AIR', 'AIR REG').and(col('l_shipinstruct').eq('DELIVER IN PERSON')))
    .join(parts, col('l_partkey').eq(col('p_partkey')).and(wanted))
    .agg(sum(revenue).as('revenue'));
});
