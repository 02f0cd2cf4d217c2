/** One shuffle, and little besides: made-up rows are exchanged by key, then counted. Labs vary how the shuffle is written. */
import { count, expr, job, length, sum } from 'minispark';

/** What a row carries besides its number: how far it can be compressed is the difference. */
const TEXTS: Record<string, string> = {
  digits: 'CAST(31 * id AS STRING)',
  words: "ELT(1 + id % 5, 'the quick brown', 'fox jumps', 'over', 'the lazy dog', 'and is gone')",
  digests: 'SHA2(CAST(id AS STRING), 256)',
};

export default job(
  {
    args: {
      rows: { description: 'Rows that are shuffled', type: 'int', default: 1_000_000 },
      maps: { description: 'Map tasks', type: 'int', default: 8 },
      text: { description: `What each row carries: ${Object.keys(TEXTS).join(', ')}`, default: 'digits' },
      partitions: { description: 'Reduce partitions', type: 'int', default: 64 },
    },
  },
  async (spark, args) => {
    const rows = spark.range(0, args.rows, 1, args.maps).select('id', expr(TEXTS[args.text]).as('text'));
    const shuffled = rows.repartition(args.partitions, 'id');
    const totals = await shuffled.agg(count().as('rows'), sum('id').as('ids'), sum(length('text')).as('letters')).collect();
    for (const row of totals) console.log(row);
  },
);
