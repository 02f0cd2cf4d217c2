/** Owns: df.stat: figures of a DataFrame's columns, some of them at once (async), others as DataFrames. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Column } from './column.js';
import { call } from './column-function.js';
import type { DataFrame } from './dataframe.js';
import type { AnyRow } from './ddl-types.js';
import { DRIVER_ONLY } from './driver-only.js';
import { corr, covarSamp } from './functions-aggregate.js';
import { coalesce, col, lit, nanvl, when } from './functions-core.js';
import { rand } from './functions-rows.js';
import { approxPercentile } from './functions-statistics.js';
import type { Plain } from './literal.js';
import type { NameIn } from './row-types.js';
import { seedOf } from './sampling.js';

/** The accuracy that stands for no error at all: an int's most. */
const EXACT = 2 ** 31 - 1;

const orZero = (name: string): Column => coalesce(col(name).cast('double'), lit(0).cast('double'));

export class StatFunctions<S> {
  readonly [DRIVER_ONLY] = 'StatFunctions';
  private readonly frame: DataFrame<S>;

  constructor(frame: DataFrame<S>) {
    this.frame = frame;
  }

  /** Pearson's correlation; null of fewer than two rows. A null counts as 0, as in Spark's; the function corr() leaves its row out. */
  async corr(a: NameIn<S>, b: NameIn<S>): Promise<number | null> {
    return this.figure(corr(orZero(a), orZero(b)));
  }

  /** The sample covariance; null of fewer than two rows. A null counts as 0, as in Spark's; the function covarSamp() leaves its row out. */
  async cov(a: NameIn<S>, b: NameIn<S>): Promise<number | null> {
    return this.figure(covarSamp(orZero(a), orZero(b)));
  }

  /** Values of the column at these shares (0 to 1) of its order, ranks right within `error` × count; null and NaN are left out; none of no values. */
  async approxQuantile(column: NameIn<S>, shares: readonly number[], error: number): Promise<number[]> {
    if (!(error >= 0)) {
      throw userError('INVALID_ARGUMENT', `approxQuantile() takes an error of at least 0, not ${error}.`, {
        site: callSite() ?? undefined,
      });
    }
    const accuracy = error === 0 ? EXACT : Math.min(EXACT, Math.max(1, Math.ceil(1 / error)));
    const value = col<string>(column).cast('double');
    const values = await this.figure(approxPercentile(nanvl(value, lit(null).cast('double')), shares, accuracy));
    return (values as unknown as number[] | null) ?? [];
  }

  /** How often each pair of values occurs: a row for each value of `a`, a column for each of `b`, 0 where there is none. */
  crosstab(a: NameIn<S>, b: NameIn<S>): DataFrame<AnyRow> {
    const text = (name: string): Column => coalesce(col(name).cast('string'), lit('null'));
    const frame = this.frame as unknown as DataFrame<AnyRow>;
    return frame
      .groupBy(text(a).as(`${a}_${b}`))
      .pivot(text(b))
      .count()
      .fillna(0);
  }

  /**
   * Candidates for the values that at least this share of the rows has (0.0001 to 1), as arrays `<name>_freqItems` in one row: none of those is
   * missing, but rarer ones may be among them.
   */
  freqItems<const N extends NameIn<S>>(columns: readonly N[], support = 0.01): DataFrame<{ [K in N as `${K}_freqItems`]: S[K][] }> {
    if (columns.length === 0 || !(support >= 1e-4 && support <= 1)) {
      throw userError(
        'INVALID_ARGUMENT',
        `freqItems() takes columns, and a share from 0.0001 to 1: not ${columns.length} columns and ${support}.`,
        {
          site: callSite() ?? undefined,
        },
      );
    }
    const size = lit(Math.floor(1 / support)).expr;
    const items = columns.map((name) => call('collect_frequent_items', col<string>(name).expr, size).as(`${name}_freqItems`));
    return this.frame.agg(...(items as unknown as [Column])) as unknown as DataFrame<{ [K in N as `${K}_freqItems`]: S[K][] }>;
  }

  /** Of the rows with a value about the share that is given for it; none of those with other values. */
  sampleBy(
    column: NameIn<S>,
    fractions: ReadonlyMap<Plain, number> | Readonly<Record<string, number>>,
    seed?: number | bigint,
  ): DataFrame<S> {
    const shares: readonly (readonly [Plain, number])[] = fractions instanceof Map ? [...fractions] : Object.entries(fractions);
    const share = shares.reduceRight<Column>((rest, [value, fraction]) => {
      if (!(fraction >= 0 && fraction <= 1)) {
        throw userError('INVALID_ARGUMENT', `sampleBy() takes fractions from 0 to 1, not ${fraction}.`, { site: callSite() ?? undefined });
      }
      return when(col<string>(column).eqNullSafe(value), lit(fraction).cast('double')).otherwise(rest);
    }, lit(0).cast('double'));
    return this.frame.where(rand(seedOf(seed)).lt(share));
  }

  private async figure<T>(aggregate: Column<T>): Promise<T | null> {
    const [row] = await this.frame.agg(aggregate.as('figure') as Column).collect();
    return (row as unknown as { readonly figure: T | null }).figure;
  }
}
