/** The three largest orders of each customer, with their place, their share of all that the customer paid, and the running total by day. */
import { col, expr, job, lag, rowNumber, sum, Window } from 'minispark';

export default job(
  {
    args: {
      orders: { description: 'Orders as CSV', default: 'jobs/data/orders.csv' },
      top: { description: 'Orders of each customer', type: 'int', default: 3 },
      output: { description: 'Directory for the result, as Parquet', default: 'out/best-orders' },
    },
  },
  async (spark, args) => {
    const customer = Window.partitionBy('customer_id');
    const byDay = customer.orderBy('day', 'order_id');
    const best = spark.read
      .option('header', true)
      .schema('order_id bigint, customer_id int, day date, amount decimal(10,2), state string')
      .csv(args.orders)
      .where(col('state').ne('cancelled'))
      .select(
        'customer_id',
        'day',
        'amount',
        rowNumber()
          .over(customer.orderBy(col('amount').desc(), 'order_id'))
          .as('place'),
        sum('amount').over(byDay.rowsBetween(Window.unboundedPreceding, Window.currentRow)).as('so_far'),
        lag('day').over(byDay).as('previous'),
        expr('round(100 * amount / sum(amount) OVER (PARTITION BY customer_id), 1)').as('percent'),
      )
      .where(col('place').le(args.top))
      .orderBy('customer_id', 'place');

    await best.show();
    await best.write.mode('overwrite').parquet(args.output);
  },
);
