/** One piece of work on TPC-H's lineitem or a range, as often as asked in one session: a line of JSON a run with its seconds and rows. */
import { type Column, col, count, expr, job, type Session, udf } from 'minispark';

const ARGS = {
  work: { required: true, description: 'sort, repartition, udf or shuffle' },
  data: { default: '', description: 'Directory of lineitem.parquet' },
  output: { default: '', description: 'Where sort and repartition write' },
  runs: { type: 'int', default: 2 },
} as const;

/** Upper case to lower, and a mark for large quantities: what PySpark is given as a function of Python. */
const marked = udf((mode: string, quantity: number) => mode.toLowerCase() + (quantity > 25 ? '!' : ''), 'string');

export default job({ args: ARGS }, async (spark, { work, data, output, runs }) => {
  const run = WORKS[work];
  if (run === undefined) throw new Error(`There is no work ${work}: ${Object.keys(WORKS).join(', ')}`);
  for (let n = 1; n <= runs; n++) {
    const start = performance.now();
    const rows = await run(spark, `${data}/lineitem.parquet`, output);
    console.log(JSON.stringify({ work, run: n, seconds: (performance.now() - start) / 1000, rows }));
  }
});

/** Gives the rows that came back: [key, count], or none where they were written. */
type Work = (spark: Session, lineitem: string, output: string) => Promise<(readonly [string, number])[]>;

const counted = async (spark: Session, lineitem: string, key: Column): Promise<(readonly [string, number])[]> => {
  const rows = await spark.read.parquet(lineitem).select(key.as('k')).groupBy('k').agg(count().as('n')).collect();
  return rows.map(({ k, n }) => [String(k), Number(n)]);
};

const WORKS: Readonly<Record<string, Work>> = {
  async sort(spark, lineitem, output) {
    await spark.read.parquet(lineitem).orderBy('l_extendedprice', 'l_orderkey').write.mode('overwrite').parquet(output);
    return [];
  },
  async repartition(spark, lineitem, output) {
    await spark.read.parquet(lineitem).repartition(64, 'l_partkey').write.mode('overwrite').parquet(output);
    return [];
  },
  udf: (spark, lineitem) => counted(spark, lineitem, marked(col('l_shipmode'), col('l_quantity').cast('double'))),
  async shuffle(spark) {
    const rows = await spark
      .range(0, 20_000_000, 1, 64)
      .repartition(512, 'id')
      .groupBy(expr('id % 1000').as('k'))
      .agg(count().as('n'))
      .collect();
    return rows.map(({ k, n }) => [String(k), Number(n)]);
  },
};
