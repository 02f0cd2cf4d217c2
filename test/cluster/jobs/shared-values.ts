/** Broadcast variables and accumulators in tasks of which one dies at its first attempt. Prints what came of it as one line of JSON. */
import { type Dataset, Decimal, job, type MinisparkError } from 'minispark';

const BIG_WORDS = 13_000_000;

export default job({ args: { big: { type: 'boolean', default: false } } }, async (spark, { big }) => {
  const names = spark.broadcast({
    of: new Map([
      [0, 'zero'],
      [1, 'one'],
      [2, 'two'],
    ]),
    price: Decimal.parse('1.50'),
  });
  const table = spark.broadcast(big ? new Float64Array(BIG_WORDS).fill(0.5) : new Float64Array(4).fill(0.5));
  const seen = spark.longAccumulator('rows seen');
  const halves = spark.accumulator(0);
  const nines = spark.collectionAccumulator<{ n: number }>('nines');
  const named = spark
    .parallelize(
      Array.from({ length: 40 }, (_, n) => n),
      8,
    )
    .map((n, { attempt }) => {
      seen.add(1);
      halves.add(table.value[n % 4] * n);
      if (n % 10 === 9) nines.add({ n });
      if (n === 17 && attempt === 0) process.exit(3);
      return `${names.value.of.get(n % 3)} ${names.value.price}`;
    });
  const first = await named.collect();
  const counted = { seen: seen.value, halves: halves.value, nines: nines.value.map(({ n }) => n).sort((a, b) => a - b) };
  await names.unpersist();
  const again = await named.take(3);
  const read = await conditionOf(spark.parallelize([1]).map(() => String(seen.value)));
  await names.destroy();
  const destroyed = await conditionOf(named);
  const captured = conditionOfCall(() => named.map(() => names.value.of.size));
  const result = { first: first.slice(0, 4), rows: first.length, again, counted, read, destroyed, captured, bytes: table.value.byteLength };
  console.log(JSON.stringify(result, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));
});

async function conditionOf(dataset: Dataset<unknown>): Promise<string> {
  try {
    await dataset.collect();
    return 'none';
  } catch (error) {
    return (error as MinisparkError).condition;
  }
}

function conditionOfCall(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    return (error as MinisparkError).condition;
  }
}
