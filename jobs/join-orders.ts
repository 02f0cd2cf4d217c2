/** Joins orders with customers: revenue and orders of each city, cancelled ones left out, and the customers who never ordered. */
import { avg, col, count, job, round, sum } from 'minispark';

export default job(
  {
    args: {
      orders: { description: 'Orders as CSV', default: 'jobs/data/orders.csv' },
      customers: { description: 'Customers as CSV', default: 'jobs/data/customers.csv' },
      output: { description: 'Directory for cities/ and idle/, as Parquet', default: 'out/join-orders' },
    },
  },
  async (spark, args) => {
    const read = spark.read.option('header', true);
    const orders = read.schema('order_id bigint, customer_id int, day date, amount decimal(10,2), state string').csv(args.orders);
    const customers = read.schema('customer_id int, name string, city string').csv(args.customers);

    const cities = orders
      .where(col('state').ne('cancelled'))
      .join(customers, 'customer_id')
      .groupBy('city')
      .agg(sum('amount').as('revenue'), count().as('orders'), round(avg('amount'), 2).as('mean'))
      .orderBy(col('revenue').desc());

    await cities.show();
    await cities.write.mode('overwrite').parquet(`${args.output}/cities`);
    await customers.join(orders, 'customer_id', 'anti').orderBy('customer_id').write.mode('overwrite').parquet(`${args.output}/idle`);
  },
);
