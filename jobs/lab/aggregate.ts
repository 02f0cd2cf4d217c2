/** One grouping of made-up rows: each of `keys` comes as often as any other. Labs vary what is done before, and what in place of, the shuffle. */
import { col, count, job, sum } from 'minispark';

export default job(
  {
    args: {
      rows: { description: 'Rows that are grouped', type: 'int', default: 1_000_000 },
      maps: { description: 'Map tasks', type: 'int', default: 8 },
      keys: { description: 'Different keys; every map task meets all of them', type: 'int', default: 1000 },
    },
  },
  async (spark, args) => {
    const rows = spark.range(0, args.rows, 1, args.maps).select(col('id').mod(args.keys).as('key'), 'id');
    const groups = rows.groupBy('key').agg(count().as('n'), sum('id').as('ids'));
    console.log(await groups.agg(count().as('groups'), sum('n').as('rows'), sum('ids').as('ids')).collect());
  },
);
