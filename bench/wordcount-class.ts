import { col, count, explode, job, lower, split } from 'minispark';

/** Lower-cased words of letters only. */
export default job(async (spark, args) => {
  await spark.read
    .text(args.input!)
    .select(explode(split(lower(col('value')), '[^a-z]+')).as('word'))
    .where(col('word').ne(''))
    .groupBy('word')
    .agg(count().as('n'))
    .orderBy(col('n').desc(), col('word'))
    .write.mode('overwrite')
    .csv(args.output!);
});
