/** TPC-H 13, customer distribution: how many customers have how many orders, those with two words in the comment left out. */
import { coalesce, col, count, lit } from 'minispark';
import { tpch } from './tpch.js';

const ARGS = { word1: { default: 'special' }, word2: { default: 'requests' } } as const;

export default tpch(ARGS, ({ customer, orders }, { word1, word2 }) => {
  const counted = orders
    .where(col('o_comment').like(`%${word1}%${word2}%`).not())
    .groupBy('o_custkey')
    .agg(count('o_orderkey').as('orders'));
  return customer
    .select('c_custkey')
    .join(counted, col('c_custkey').eq(col('o_custkey')), 'left')
    .groupBy(coalesce(col('orders'), lit(0n)).as('c_count'))
    .agg(count().as('custdist'))
    .orderBy(col('custdist').desc(), col('c_count').desc());
});
