import { col, count, explode, job, split } from 'minispark';

/** The peers' word count: words between single spaces, as they are. */
export default job(async (spark, args) => {
  await spark.read
    .text(args.input!)
    .select(explode(split(col('value'), ' ')).as('word'))
    .groupBy('word')
    .agg(count().as('n'))
    .orderBy(col('n').desc(), col('word'))
    .write.mode('overwrite')
    .csv(args.output!);
});
