/** TPC-H 22, global sales opportunity: customers of seven country codes with more than the usual balance who never ordered, by code. */
import { avg, col, count, substring, sum } from 'minispark';
import { tpch } from './tpch.js';

const ARGS = {
  i1: { default: '13', description: 'Country code, the first two digits of the phone number' },
  i2: { default: '31' },
  i3: { default: '23' },
  i4: { default: '29' },
  i5: { default: '30' },
  i6: { default: '18' },
  i7: { default: '17' },
} as const;

export default tpch(ARGS, ({ customer, orders }, { i1, i2, i3, i4, i5, i6, i7 }) => {
  const candidates = customer
    .select('c_custkey', substring('c_phone', 1, 2).as('cntrycode'), 'c_acctbal')
    .where(col('cntrycode').isin(i1, i2, i3, i4, i5, i6, i7));
  const usual = candidates.where(col('c_acctbal').gt(0)).agg(avg('c_acctbal').as('usual'));
  return candidates
    .join(usual, col('c_acctbal').gt(col('usual')))
    .join(orders.select('o_custkey'), col('c_custkey').eq(col('o_custkey')), 'anti')
    .groupBy('cntrycode')
    .agg(count().as('numcust'), sum('c_acctbal').as('totacctbal'))
    .orderBy('cntrycode');
});
