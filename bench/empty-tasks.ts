import { col, job } from 'minispark';

/** As many tasks as wanted, with nothing to do: a row each, and that one is dropped. */
export default job(async (spark, args) => {
  const tasks = Number(args.tasks!);
  const rows = await spark.range(0, tasks, 1, tasks).where(col('id').lt(0)).collect();
  if (rows.length !== 0) throw new Error(`${rows.length} rows where none was expected`);
});
