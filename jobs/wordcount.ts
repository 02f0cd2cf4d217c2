/** Counts words with the DataFrame API: `minispark submit jobs/wordcount.ts --input 'books/*.txt' --output out/words`. */
import { col, count, explode, job, lower, split } from 'minispark';

export default job(
  {
    args: {
      input: { description: 'Text files', default: 'jobs/data/*.txt' },
      output: { description: 'Directory for the counts as CSV, the most frequent word first', default: 'out/wordcount' },
    },
  },
  async (spark, args) => {
    await spark.read
      .text(args.input)
      .select(explode(split(lower(col('value')), '\\W+')).as('word'))
      .where(col('word').ne(''))
      .groupBy('word')
      .agg(count().as('n'))
      .orderBy(col('n').desc(), col('word'))
      .write.mode('overwrite')
      .csv(args.output);
  },
);
