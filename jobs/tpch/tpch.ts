/**
 * Owns: what the 22 TPC-H jobs share: the tables, one Parquet file (or directory of them) each, and the job around a query. The questions are
 * those of the TPC-H specification; its substitution parameters are the jobs' arguments, its validation values their defaults.
 */
import { type ArgSpecs, addMonths, type Column, col, type DataFrame, type Job, type JobArgs, job, lit, type Session } from 'minispark';

const TABLES = ['customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier'] as const;

export type Tables = Readonly<Record<(typeof TABLES)[number], DataFrame>>;

/** The tables below `dir`: `dir/lineitem.parquet` and so on. Nothing is read yet. */
export function tablesIn(spark: Session, dir: string): Tables {
  return Object.fromEntries(TABLES.map((name) => [name, spark.read.parquet(`${dir}/${name}.parquet`)])) as Tables;
}

const COMMON = {
  data: { description: 'Directory of the tables: lineitem.parquet, orders.parquet, …', required: true },
  output: { description: 'Directory for the answer, one CSV file with a header; without it the answer is printed' },
} as const;

/** A job of one query. `query` stands on it as well, for those that want its DataFrame. */
export interface TpchJob<A extends ArgSpecs> extends Job {
  query(tables: Tables, args: JobArgs<A>): DataFrame;
}

/** The job that answers `query`, which takes `args` besides `--data` and `--output`. */
export function tpch<const A extends ArgSpecs>(args: A, query: (tables: Tables, args: JobArgs<A>) => DataFrame): TpchJob<A> {
  const made = job({ args: { ...args, ...COMMON } as ArgSpecs }, async (spark, given) => {
    const { data, output } = given as unknown as { data: string; output?: string };
    const answer = query(tablesIn(spark, data), given as unknown as JobArgs<A>);
    if (output === undefined) await answer.show(Number.MAX_SAFE_INTEGER - 1, false);
    else await answer.coalesce(1).write.mode('overwrite').option('header', true).csv(output);
  });
  return Object.freeze({ ...made, query });
}

/** What a line item brings in: its price less the discount. */
export const revenue = col('l_extendedprice').times(lit(1).minus(col('l_discount')));

export const date = (text: string): Column => lit(text).cast('date');

/** Whether a date lies in the `count` months from a day on. */
export const months = (column: string, from: Column, count: number): Column =>
  col(column)
    .ge(from)
    .and(col(column).lt(addMonths(from, count)));

/** Decimals are arguments as text, so that none is rounded. */
export const decimal = (text: string, type: string): Column => lit(text).cast(type);
