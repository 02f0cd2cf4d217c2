/** Shuffles `--rows` rows of 120 bytes: `--op` repartition, sort, aggregate or join. Prints the number of rows that came out, checked on the way. */
import { col, type DataFrame, expr, job, sum } from 'minispark';

export default job(async (spark, args) => {
  const rows = Number(args.rows ?? 1_000_000);
  const partitions = Number(args.partitions ?? 64);
  const maps = Number(args.maps ?? 16);
  // A permutation of the ids: every sort key and group comes from everywhere.
  const wide = spark
    .range(0, rows, 1, maps)
    .select(expr(`(id * 7919) % ${rows} AS k`), expr("lpad(CAST(id AS STRING), 112, 'x') AS pad"))
    .repartition(partitions, 'k') as DataFrame;
  const out = (() => {
    switch (args.op ?? 'sort') {
      case 'repartition':
        return wide.mapBatches(({ length }) => ({ n: [length] }), 'n bigint');
      case 'sort':
        return wide.orderBy('k').mapBatches(({ length, columns }) => {
          const keys = columns.k.values as BigInt64Array;
          for (let i = 1; i < length; i++) if (keys[i - 1] > keys[i]) throw new Error('out of order');
          return { n: [length] };
        }, 'n bigint');
      case 'aggregate':
        return wide
          .groupBy('pad')
          .agg(sum('k').as('s'))
          .mapBatches(({ length }) => ({ n: [length] }), 'n bigint');
      case 'join': {
        const right = spark
          .range(0, rows, 1, maps)
          .select(expr('id AS j'), expr("rpad(CAST(id AS STRING), 112, 'y') AS dap"))
          .repartition(partitions, 'j') as DataFrame;
        return wide.join(right, col('k').eq(col('j'))).mapBatches(({ length }) => ({ n: [length] }), 'n bigint');
      }
      default:
        throw new Error(`--op takes repartition, sort, aggregate or join, not ${args.op}`);
    }
  })();
  const [{ n }] = await out.agg(sum('n').as('n')).collect();
  if (n !== BigInt(rows)) throw new Error(`${n} of ${rows} rows came out`);
  console.log(String(n));
});
