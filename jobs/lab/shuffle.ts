/** One shuffle, and little besides: made-up rows are exchanged by key, then counted. Labs vary how the shuffle is written. */
import { col, count, job, length, sum } from 'minispark';

export default job(
  {
    args: {
      rows: { description: 'Rows that are shuffled', type: 'int', default: 1_000_000 },
      maps: { description: 'Map tasks', type: 'int', default: 8 },
      partitions: { description: 'Reduce partitions', type: 'int', default: 64 },
    },
  },
  async (spark, args) => {
    const rows = spark.range(0, args.rows, 1, args.maps).select('id', col('id').times(31).cast('string').as('text'));
    const shuffled = rows.repartition(args.partitions, 'id');
    const totals = await shuffled.agg(count().as('rows'), sum('id').as('ids'), sum(length('text')).as('letters')).collect();
    for (const row of totals) console.log(row);
  },
);
