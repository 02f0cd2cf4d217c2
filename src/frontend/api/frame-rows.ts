/**
 * Owns: transformations that keep the columns and choose rows, their order and their partitions: filters, sorts, limits, set operations, samples,
 * missing values. DataFrame extends it.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Derivation } from '../plan/derivation.js';
import type { Expr, SortKey } from '../plan/expression.js';
import { NO_LIMIT, type Plan } from '../plan/logical.js';
import { parseExpression } from '../sql/parse-expression.js';
import type { Column } from './column.js';
import { columnExpr } from './column-function.js';
import type { AllKnown, ColumnOrName, Known } from './column-names.js';
import type { DataFrame } from './dataframe.js';
import { FrameActions } from './frame-actions.js';
import {
  type DropOptions,
  dropMissing,
  type Filled,
  type FillValue,
  fillMissing,
  NaFunctions,
  type Replacements,
  replacement,
} from './na-functions.js';
import { encodeExpr } from './pending-closures.js';
import { type RepartitionOptions, repartitionArguments } from './repartition.js';
import type { NameIn, Present, SameNames, Selectable, UnionByName, United } from './row-types.js';
import { type Sampling, sampled, splits } from './sampling.js';
import { SortOrder } from './sort-order.js';
import { partitionCount, wholeNumber } from './whole-number.js';

export abstract class FrameRows<S> extends FrameActions<S> {
  /** The rows where the condition is true, neither false nor null. Text is SQL: `df.where('price > 10 AND kind IS NOT NULL')`. */
  where<C extends Column | string>(condition: C & Known<S, C>): DataFrame<S> {
    const site = callSite();
    const test = typeof condition === 'string' ? parseExpression(condition, site) : this.expr(condition);
    return this.next({ kind: 'filter', child: this.plan, condition: test, site });
  }

  filter<C extends Column | string>(condition: C & Known<S, C>): DataFrame<S> {
    return this.where<C>(condition);
  }

  distinct(): DataFrame<S> {
    return this.next({ kind: 'distinct', child: this.plan });
  }

  /** Of rows that are equal in these columns one, whichever comes first. Of all columns where none is named. */
  dropDuplicates(...names: readonly NameIn<S>[] | readonly [readonly NameIn<S>[]]): DataFrame<S> {
    const list = (Array.isArray(names[0]) ? names[0] : names) as readonly string[];
    return list.length === 0
      ? this.distinct()
      : this.next({ kind: 'distinct', child: this.plan, names: Object.freeze([...list]), site: callSite() });
  }

  limit(rows: number): DataFrame<S> {
    return this.next({ kind: 'limit', child: this.plan, limit: wholeNumber(rows, 'limit'), offset: 0 });
  }

  /** Leaves out the first rows. */
  offset(rows: number): DataFrame<S> {
    return this.next({ kind: 'limit', child: this.plan, limit: NO_LIMIT, offset: wholeNumber(rows, 'offset') });
  }

  /** Sorts all rows. A column alone is ascending, nulls first. */
  orderBy<const L extends readonly (Selectable<S> | SortOrder)[]>(...keys: AllKnown<S, L>): DataFrame<S> {
    return this.sorted(keys, true);
  }

  sort<const L extends readonly (Selectable<S> | SortOrder)[]>(...keys: AllKnown<S, L>): DataFrame<S> {
    return this.sorted(keys, true);
  }

  sortWithinPartitions<const L extends readonly (Selectable<S> | SortOrder)[]>(...keys: AllKnown<S, L>): DataFrame<S> {
    return this.sorted(keys, false);
  }

  /** Both sides' rows, columns by position, names of the first. Keeps duplicates. */
  union<R>(other: DataFrame<R> & SameNames<S, R>): DataFrame<United<S, R>> {
    return this.next({ kind: 'union', children: Object.freeze([this.plan, other.plan]), site: callSite() });
  }

  unionAll<R>(other: DataFrame<R> & SameNames<S, R>): DataFrame<United<S, R>> {
    return this.union<R>(other);
  }

  /** Both sides' rows, columns by name. With `allowMissing` a column may be on one side only: it is null in the other's rows. */
  unionByName<R>(other: DataFrame<R> & SameNames<S, R>, allowMissing?: false): DataFrame<United<S, R>>;
  unionByName<R>(other: DataFrame<R>, allowMissing: true): DataFrame<UnionByName<S, R>>;
  unionByName(other: DataFrame<unknown>, allowMissing = false): DataFrame<never> {
    const byName = allowMissing ? 'allowMissing' : 'all';
    return this.next({ kind: 'union', children: Object.freeze([this.plan, other.plan]), byName, site: callSite() });
  }

  /** The different rows that are in both. Columns match by position, nulls are equal. */
  intersect<R>(other: DataFrame<R> & SameNames<S, R>): DataFrame<S> {
    return this.setOperation('intersect', false, other);
  }

  /** As intersect(), each row as often as it is in both. */
  intersectAll<R>(other: DataFrame<R> & SameNames<S, R>): DataFrame<S> {
    return this.setOperation('intersect', true, other);
  }

  /** The different rows that are not in the other. Columns match by position, nulls are equal. */
  except<R>(other: DataFrame<R> & SameNames<S, R>): DataFrame<S> {
    return this.setOperation('except', false, other);
  }

  subtract<R>(other: DataFrame<R> & SameNames<S, R>): DataFrame<S> {
    return this.except<R>(other);
  }

  /** Each row as much more often as it is here than in the other. */
  exceptAll<R>(other: DataFrame<R> & SameNames<S, R>): DataFrame<S> {
    return this.setOperation('except', true, other);
  }

  /**
   * `repartition(8)`, `repartition(8, 'key')` or `repartition(col('key'))`: by hash of the columns, else in turn. Options come last:
   * `repartition(8, { writer: 'hash' })` has map tasks lay out their files by another strategy than `shuffle.writer`.
   * `repartition(8, (country: string) => …, 'country')` puts each row where the function of the columns' values says: a whole number from 0
   * to 7. It is called once a row. Anything else ends the job with INVALID_PARTITION at the function's line; nothing is wrapped around.
   */
  repartition(first: number | NameIn<S> | Column, ...rest: readonly (NameIn<S> | Column | RepartitionOptions)[]): DataFrame<S>;
  repartition<A extends readonly unknown[]>(
    partitions: number,
    partitioner: (...values: A) => number,
    column: NameIn<S> | Column,
    ...more: readonly (NameIn<S> | Column | RepartitionOptions)[]
  ): DataFrame<S>;
  repartition(...given: readonly unknown[]): DataFrame<S> {
    const [first] = given;
    const { columns, isByFunction, writer } = repartitionArguments(given);
    return this.next({
      kind: 'repartition',
      child: this.plan,
      partitions: typeof first === 'number' ? partitionCount(first, 'repartition') : null,
      exprs: this.exprs(columns),
      ...(isByFunction && { partitioner: Object.freeze({ kind: 'columns' as const }) }),
      ...(writer && { writer }),
      site: callSite(),
    });
  }

  /** As repartition(), by ranges of the columns: a partition holds all rows between two keys. A column alone is ascending, nulls first. */
  repartitionByRange(
    first: number | NameIn<S> | Column | SortOrder,
    ...columns: readonly (NameIn<S> | Column | SortOrder)[]
  ): DataFrame<S> {
    const partitions = typeof first === 'number' ? partitionCount(first, 'repartitionByRange') : null;
    const keys = this.sortKeys(typeof first === 'number' ? columns : [first, ...columns]);
    if (keys.length === 0) {
      throw userError('INVALID_ARGUMENT', 'repartitionByRange() takes at least one column.', { site: callSite() ?? undefined });
    }
    const exprs = Object.freeze(keys.map(({ expr }) => expr));
    const orders = Object.freeze(keys.map(({ ascending, nullsFirst }) => Object.freeze({ ascending, nullsFirst })));
    return this.next({ kind: 'repartition', child: this.plan, partitions, exprs, orders, site: callSite() });
  }

  /** At most so many partitions, made without a shuffle. */
  coalesce(partitions: number): DataFrame<S> {
    return this.next({ kind: 'coalesce', child: this.plan, partitions: partitionCount(partitions, 'coalesce') });
  }

  // Samples

  /** About this share of the rows, drawn by chance; the same ones for the same seed. With replacement, a row may come several times. */
  sample(fraction: number, sampling?: Sampling | number): DataFrame<S> {
    return this.derive(sampled(fraction, sampling));
  }

  /** Parts of about these shares of the rows, which together are all of them: `const [train, test] = df.randomSplit([0.8, 0.2])`. */
  randomSplit(weights: readonly number[], seed?: number | bigint): DataFrame<S>[] {
    return splits(weights, seed).map((part) => this.derive(part));
  }

  // Missing values

  /** The rows that lack no value: neither null nor NaN. `{ how: 'all' }` drops those that lack all, `{ thresh: n }` those with fewer than n values. */
  dropna(): DataFrame<Present<S, keyof S>>;
  dropna<const N extends NameIn<S>>(options: {
    readonly how?: 'any';
    readonly thresh?: never;
    readonly subset: readonly N[];
  }): DataFrame<Present<S, N>>;
  dropna(options: DropOptions<NameIn<S>>): DataFrame<S>;
  dropna(options: DropOptions<NameIn<S>> = {}): DataFrame<never> {
    return this.derive(dropMissing(options));
  }

  /** The value in place of null and NaN, in the columns of its kind: numbers, text or booleans. `{ a: 0, b: '?' }` has one for each column. */
  fillna<const V extends FillValue, const N extends NameIn<S>>(value: V, columns?: readonly N[]): DataFrame<Filled<S, V, N>>;
  fillna(value: { readonly [K in NameIn<S>]?: FillValue }): DataFrame<S>;
  fillna(value: FillValue | Readonly<Record<string, FillValue | undefined>>, columns?: readonly string[]): DataFrame<never> {
    return this.derive(fillMissing(value, columns));
  }

  /** Values for others, in the columns of their kind: `df.replace('?', null)`, `df.replace(new Map([[1, 10], [2, 20]]), ['n'])`. */
  replace<K extends FillValue>(from: K, to: FillValue | null, columns?: readonly NameIn<S>[]): DataFrame<S>;
  replace(pairs: Replacements, columns?: readonly NameIn<S>[]): DataFrame<S>;
  replace(from: FillValue | Replacements, ...rest: readonly unknown[]): DataFrame<S> {
    return this.derive(replacement(from, rest));
  }

  /** Spark's names for the three above: `df.na.drop()`, `df.na.fill(0)`, `df.na.replace(…)`. */
  get na(): NaFunctions<S> {
    return new NaFunctions(this);
  }

  // For this room

  /** A DataFrame of the same session over another plan. */
  abstract next<T>(plan: Plan): DataFrame<T>;

  /** A DataFrame that the analyzer will write in terms of this one's columns. */
  derive<T>(derivation: Derivation): DataFrame<T> {
    return this.next({ kind: 'derive', child: this.plan, derivation: Object.freeze(derivation), site: callSite() });
  }

  /** Expressions as plans hold them: names made columns, user functions encoded now. */
  exprs(columns: readonly ColumnOrName[]): readonly Expr[] {
    return Object.freeze(columns.map((column) => this.expr(column)));
  }

  protected expr(column: ColumnOrName): Expr {
    return encodeExpr(columnExpr(column), this.session.backend);
  }

  private setOperation(op: 'intersect' | 'except', all: boolean, other: { readonly plan: Plan }): DataFrame<S> {
    return this.next({ kind: 'setOperation', op, all, left: this.plan, right: other.plan, site: callSite() });
  }

  private sorted(keys: readonly (string | Column | SortOrder)[], global: boolean): DataFrame<S> {
    return this.next({ kind: 'sort', child: this.plan, keys: this.sortKeys(keys), global, site: callSite() });
  }

  private sortKeys(keys: readonly (string | Column | SortOrder)[]): readonly SortKey[] {
    const sortKeys = keys.map((key): SortKey => {
      if (key instanceof SortOrder) return Object.freeze({ ...key.key, expr: encodeExpr(key.key.expr, this.session.backend) });
      return Object.freeze({ expr: this.expr(key), ascending: true, nullsFirst: true });
    });
    return Object.freeze(sortKeys);
  }
}
