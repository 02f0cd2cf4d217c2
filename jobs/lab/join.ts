/**
 * Orders meet their customers, and are counted by nation. Labs vary how the two are brought together, how unevenly the orders fall on the
 * customers, and what is done about it.
 */
import { col, count, explodeSalt, expr, job, lit, salt, sum } from 'minispark';

/** For a fraction between 0 and 1 that looks random, and is the same for the same id. */
const FINE = 1_000_003;

export default job(
  {
    args: {
      rows: { description: 'Orders', type: 'int', default: 1_000_000 },
      maps: { description: 'Map tasks that make the orders', type: 'int', default: 8 },
      keys: { description: 'Customers', type: 'int', default: 1000 },
      skew: { description: '1: all customers order alike; s: the first has keys^(-1/s) of all orders', type: 'number', default: 1 },
      parts: { description: 'Parts into which the orders of each customer are dealt; 1: none', type: 'int', default: 1 },
      dear: { description: 'Make each order that has met its customer cost more', type: 'boolean', default: false },
      width: { description: 'Letters of the text that each customer carries', type: 'int', default: 10 },
    },
  },
  async (spark, { rows, maps, keys, skew, parts, dear, width }) => {
    const orders = spark
      .range(0, rows, 1, maps)
      .selectExpr('id', `CAST(FLOOR(${keys} * POWER(PMOD(HASH(id), ${FINE}) / ${FINE}, ${skew})) AS BIGINT) AS customer`);
    const customers = spark
      .range(0, keys, 1, maps)
      .select(col('id').as('key'), col('id').mod(25).as('nation'), expr(`RPAD(CAST(id AS STRING), ${width}, 'x')`).as('name'));
    const joined =
      parts === 1
        ? orders.join(customers, col('customer').eq(col('key')))
        : // An order goes to one of the customer's parts; the customer is copied to each.
          orders.withColumn('part', salt(parts)).join(
            customers.withColumn('copy', explodeSalt(parts)),
            col('customer')
              .eq(col('key'))
              .and(col('part').eq(col('copy'))),
          );
    const pair = "CONCAT(name, '/', CAST(id AS STRING))";
    const worth = joined.select('nation', expr(dear ? `CRC32(SHA2(${pair}, 256))` : `CRC32(${pair})`).as('worth'));
    const nations = worth.groupBy('nation').agg(count(lit(1)).as('orders'), sum('worth').as('worth'));
    console.log(await nations.orderBy('nation').collect());
  },
);
