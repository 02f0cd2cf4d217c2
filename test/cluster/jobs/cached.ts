/** Sums over cached rows, again and again: before each round it prints what it has and waits for a file that the test makes. */
import { existsSync } from 'node:fs';
import { col, count, job, sum } from 'minispark';

const LONGEST_MS = 60_000;

export default job(
  {
    args: {
      gate: { required: true, doc: 'Round i waits for this path with i behind it' },
      rounds: { type: 'int', default: 3 },
      level: { default: 'MEMORY_AND_DISK' },
      cache: { type: 'boolean', default: true },
      checkpoint: { type: 'boolean', default: false, doc: 'Instead: a local checkpoint before the rounds' },
    },
  },
  async (spark, { gate, rounds, level, cache, checkpoint }) => {
    const computed = spark.longAccumulator('rows computed');
    const rows = spark
      .range(0, 60_000, 1, 8)
      .toDataset()
      .map(({ id }) => {
        computed.add(1);
        return { id: Number(id), k: Number(id) % 10 };
      })
      .toDF('id double, k double');
    const computedAnew = rows.repartition(12, 'k');
    const spread = checkpoint ? await computedAnew.localCheckpoint() : computedAnew;
    if (cache && !checkpoint) spread.persist(level as 'DISK_ONLY');
    for (let round = 0; round < rounds; round++) {
      await appears(`${gate}${round}`);
      const [answer] = await spread.where(col('k').lt(5)).agg(count().as('n'), sum('id').as('s')).collect();
      console.log(`round ${round}: ${answer.n} rows, sum ${answer.s}, computed ${computed.value}`);
    }
  },
);

async function appears(path: string): Promise<void> {
  const until = Date.now() + LONGEST_MS;
  while (!existsSync(path)) {
    if (Date.now() > until) throw new Error(`No ${path} after ${LONGEST_MS} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
