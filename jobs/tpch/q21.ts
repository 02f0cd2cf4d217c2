/**
 * TPC-H 21, suppliers who kept orders waiting: how often each supplier of a nation alone was late on a finished order of several suppliers.
 * Alone means: the first and the last supplier (by key) of the order's late lines are the same, those of all its lines are not.
 */
import { col, count, max, min, sum, when } from 'minispark';
import { tpch } from './tpch.js';

const ARGS = { nation: { default: 'SAUDI ARABIA' } } as const;

export default tpch(ARGS, ({ supplier, lineitem, orders, nation }, args) => {
  const isLate = col('l_receiptdate').gt(col('l_commitdate'));
  const sellers = supplier
    .join(nation.where(col('n_name').eq(args.nation)), col('s_nationkey').eq(col('n_nationkey')), 'semi')
    .select('s_suppkey', 's_name');
  const finished = orders.where(col('o_orderstatus').eq('F')).select('o_orderkey');
  // Few orders: only their lines are worth a group.
  const waiting = lineitem
    .where(isLate)
    .join(sellers, col('l_suppkey').eq(col('s_suppkey')), 'semi')
    .join(finished, col('l_orderkey').eq(col('o_orderkey')), 'semi')
    .select(col('l_orderkey').as('orderkey'));
  const lateOne = when(isLate, col('l_suppkey'));
  return lineitem
    .join(waiting, col('l_orderkey').eq(col('orderkey')), 'semi')
    .groupBy('l_orderkey')
    .agg(
      min('l_suppkey').as('first'),
      max('l_suppkey').as('last'),
      min(lateOne).as('first_late'),
      max(lateOne).as('last_late'),
      count(lateOne).as('late'),
    )
    .where(
      col('first')
        .ne(col('last'))
        .and(col('first_late').eq(col('last_late'))),
    )
    .join(sellers, col('first_late').eq(col('s_suppkey')))
    .groupBy('s_name')
    .agg(sum('late').as('numwait'))
    .orderBy(col('numwait').desc(), 's_name')
    .limit(100);
});
