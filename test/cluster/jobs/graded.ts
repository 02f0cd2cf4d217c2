/** What lab grade is tried on: a job that is right whatever runs again, and one that counts beside its rows, where a task that runs again counts twice. */
import { appendFileSync, readFileSync } from 'node:fs';
import { job } from 'minispark';

const NUMBERS = Array.from({ length: 90 }, (_, n) => n);

export default job({ args: { aside: { description: 'File to count in' } } }, async (spark, { aside }) => {
  const pairs = spark.parallelize(NUMBERS, 9).map((n): [number, number] => {
    if (aside !== undefined) appendFileSync(aside, `${n % 3}\n`);
    return [n % 3, 1];
  });
  const sums = await pairs.reduceByKey((a, b) => a + b, 3).collect();
  if (aside === undefined) return sums;
  const lines = readFileSync(aside, 'utf8').trimEnd().split('\n');
  return [0, 1, 2].map((key) => [key, lines.filter((line) => Number(line) === key).length]);
});

export const oracle = () => [2, 1, 0].map((key) => [key, NUMBERS.filter((n) => n % 3 === key).length]);
