/** A table that is dear to make, and several questions to it: kept after the first, or made anew for each. */
import { col, count, expr, job, sum } from 'minispark';

export default job(
  {
    args: {
      rows: { description: 'Rows of the table', type: 'int', default: 1_000_000 },
      maps: { description: 'Map tasks', type: 'int', default: 16 },
      partitions: { description: 'Partitions of the table', type: 'int', default: 16 },
      questions: { description: 'Actions that read the table', type: 'int', default: 4 },
      cache: { description: 'Keep the table', type: 'boolean', default: false },
    },
  },
  async (spark, { rows, maps, partitions, questions, cache }) => {
    const made = spark
      .range(0, rows, 1, maps)
      .select('id', expr("CRC32(CONCAT('row ', CAST(id AS STRING)))").as('code'))
      .repartition(partitions, 'id');
    const table = cache ? made.cache() : made;
    for (let question = 0; question < questions; question++) {
      const answer = table.where(col('code').mod(questions).eq(question)).agg(count().as('rows'), sum('code').as('codes'));
      console.log(await answer.collect());
    }
  },
);
