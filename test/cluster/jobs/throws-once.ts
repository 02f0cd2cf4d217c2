/** Would succeed at a second attempt, which it must not get: it is the user's code that throws. */
import { job } from 'minispark';

export default job({ args: { output: { required: true } } }, async (spark, { output }) => {
  const numbers = spark.parallelize([1, 2, 3, 4], 4).map((n, { attempt }) => {
    if (n === 3 && attempt === 0) throw new Error('only at first');
    return n;
  });
  await numbers.saveAsTextFile(output);
});
