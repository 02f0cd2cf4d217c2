/**
 * Owns: DataFrame, an immutable query: a session and a logical plan whose names are not resolved yet. Transformations give new DataFrames
 * and run nothing; actions (frame-actions.ts) are async and run the plan on the session's backend. `S` maps column names to JavaScript types.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { Schema } from '../../data/types.js';
import type { Expr, SortKey } from '../plan/expression.js';
import type { JoinType, Plan } from '../plan/logical.js';
import { parseExpression, parseNamedExpression } from '../sql/parse-expression.js';
import { Column } from './column.js';
import { columnExpr } from './column-function.js';
import { Dataset } from './dataset.js';
import type { AnyRow, RowOf } from './ddl-types.js';
import { DRIVER_ONLY } from './driver-only.js';
import { FrameActions } from './frame-actions.js';
import { GroupedData } from './grouped-data.js';
import { cubeSets, rollupSets } from './grouping-sets.js';
import { type BatchMapper, batchMap } from './map-batches.js';
import { encodeExpr } from './pending-closures.js';
import { type RepartitionOptions, repartitionArguments } from './repartition.js';
import type {
  ColumnOrName,
  Joined,
  NameIn,
  Nulled,
  Renamed,
  Selectable,
  Selected,
  SelectedAny,
  UnionByName,
  WithColumn,
  Without,
} from './row-types.js';
import { SortOrder } from './sort-order.js';
import { wholeNumber } from './whole-number.js';
import { DataFrameWriter } from './writer.js';

const JOIN_TYPES: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'];

export class DataFrame<S = AnyRow> extends FrameActions<S> {
  readonly [DRIVER_ONLY] = 'DataFrame';

  // Columns

  /** Columns by name, `'*'`, or expressions. */
  select<const L extends readonly (Selectable<S> | '*')[]>(...columns: L): DataFrame<Selected<S, L>> {
    return this.next({ kind: 'select', child: this.plan, exprs: this.exprs(columns), site: callSite() });
  }

  /** Columns from SQL text: `df.selectExpr('*', 'price * 2 AS twice')`. Throws a user error PARSE_SYNTAX_ERROR that shows the place. */
  selectExpr(...columns: readonly string[]): DataFrame {
    const site = callSite();
    const exprs = Object.freeze(columns.map((sql) => parseNamedExpression(sql, site)));
    return this.next({ kind: 'select', child: this.plan, exprs, site });
  }

  /** Adds a column, or replaces the one of that name. */
  withColumn<const N extends string, T>(name: N, column: Column<T>): DataFrame<WithColumn<S, N, T>> {
    const columns = [Object.freeze({ name, expr: this.expr(column) })];
    return this.next({ kind: 'withColumns', child: this.plan, columns, site: callSite() });
  }

  withColumnRenamed<const From extends NameIn<S>, const To extends string>(from: From, to: To): DataFrame<Renamed<S, From, To>> {
    return this.next({ kind: 'rename', child: this.plan, from, to });
  }

  drop<const N extends NameIn<S>>(...names: readonly N[]): DataFrame<Without<S, N>> {
    return this.next({ kind: 'drop', child: this.plan, names });
  }

  /** Names it, so that columns can be told apart after a join: `a.alias('x')`, then `col('x.id')`. */
  alias(name: string): DataFrame<S> {
    return this.next({ kind: 'alias', child: this.plan, name });
  }

  // Rows

  /** The rows where the condition is true, neither false nor null. Text is SQL: `df.where('price > 10 AND kind IS NOT NULL')`. */
  where(condition: Column | string): DataFrame<S> {
    const site = callSite();
    const test = typeof condition === 'string' ? parseExpression(condition, site) : this.expr(condition);
    return this.next({ kind: 'filter', child: this.plan, condition: test, site });
  }

  filter(condition: Column | string): DataFrame<S> {
    return this.where(condition);
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

  /** Sorts all rows. A column alone is ascending, nulls first. */
  orderBy(...keys: readonly (NameIn<S> | Column | SortOrder)[]): DataFrame<S> {
    return this.sorted(keys, true);
  }

  sort(...keys: readonly (NameIn<S> | Column | SortOrder)[]): DataFrame<S> {
    return this.sorted(keys, true);
  }

  sortWithinPartitions(...keys: readonly (NameIn<S> | Column | SortOrder)[]): DataFrame<S> {
    return this.sorted(keys, false);
  }

  /** Both sides' rows, columns by position, names of the first. Keeps duplicates. */
  union(other: DataFrame<S>): DataFrame<S> {
    return this.next({ kind: 'union', children: Object.freeze([this.plan, other.plan]), site: callSite() });
  }

  unionAll(other: DataFrame<S>): DataFrame<S> {
    return this.union(other);
  }

  /** Both sides' rows, columns by name. With `allowMissing` a column may be on one side only: it is null in the other's rows. */
  unionByName<R extends S>(other: DataFrame<R>, allowMissing?: false): DataFrame<S>;
  unionByName<R>(other: DataFrame<R>, allowMissing: true): DataFrame<UnionByName<S, R>>;
  unionByName(other: DataFrame<unknown>, allowMissing = false): DataFrame<never> {
    const byName = allowMissing ? 'allowMissing' : 'all';
    return this.next({ kind: 'union', children: Object.freeze([this.plan, other.plan]), byName, site: callSite() });
  }

  /** The different rows that are in both. Columns match by position, nulls are equal. */
  intersect(other: DataFrame<S>): DataFrame<S> {
    return this.setOperation('intersect', false, other);
  }

  /** As intersect(), each row as often as it is in both. */
  intersectAll(other: DataFrame<S>): DataFrame<S> {
    return this.setOperation('intersect', true, other);
  }

  /** The different rows that are not in the other. Columns match by position, nulls are equal. */
  except(other: DataFrame<S>): DataFrame<S> {
    return this.setOperation('except', false, other);
  }

  subtract(other: DataFrame<S>): DataFrame<S> {
    return this.except(other);
  }

  /** Each row as much more often as it is here than in the other. */
  exceptAll(other: DataFrame<S>): DataFrame<S> {
    return this.setOperation('except', true, other);
  }

  /**
   * `repartition(8)`, `repartition(8, 'key')` or `repartition(col('key'))`: by hash of the columns, else in turn. Options come last:
   * `repartition(8, { writer: 'hash' })` has map tasks lay out their files by another strategy than `shuffle.writer`.
   */
  repartition(first: number | NameIn<S> | Column, ...rest: readonly (NameIn<S> | Column | RepartitionOptions)[]): DataFrame<S> {
    const { columns, writer } = repartitionArguments<NameIn<S> | Column>([first, ...rest]);
    const partitions = typeof first === 'number' ? wholeNumber(first, 'repartition', 1) : null;
    return this.next({
      kind: 'repartition',
      child: this.plan,
      partitions,
      exprs: this.exprs(columns),
      ...(writer && { writer }),
      site: callSite(),
    });
  }

  /** At most so many partitions, made without a shuffle. */
  coalesce(partitions: number): DataFrame<S> {
    return this.next({ kind: 'coalesce', child: this.plan, partitions: wholeNumber(partitions, 'coalesce', 1) });
  }

  // Groups and joins

  groupBy<const L extends readonly Selectable<S>[]>(...columns: L): GroupedData<S, Selected<S, L>> {
    return new GroupedData(this, this.exprs(columns));
  }

  /** Groups by all columns, by all but the last, and so on to no column: subtotals and a total. What a row is not grouped by is null in it. */
  rollup<const L extends readonly Selectable<S>[]>(...columns: L): GroupedData<S, Nulled<Selected<S, L>>> {
    const exprs = this.exprs(columns);
    return new GroupedData(this, exprs, rollupSets(exprs));
  }

  /** Groups by every subset of the columns. */
  cube<const L extends readonly Selectable<S>[]>(...columns: L): GroupedData<S, Nulled<Selected<S, L>>> {
    const exprs = this.exprs(columns);
    return new GroupedData(this, exprs, cubeSets(exprs));
  }

  /** Groups by each of the sets: `groupingSets([['a', 'b'], ['a'], []])`. Columns named after the sets put the grouping columns in their order. */
  groupingSets<const L extends readonly (readonly Selectable<S>[])[], const M extends readonly Selectable<S>[]>(
    sets: L,
    ...columns: M
  ): GroupedData<S, Nulled<SelectedAny<S, M[number] | L[number][number]>>> {
    const groupingSets = Object.freeze(sets.map((set) => this.exprs(set)));
    return new GroupedData(this, Object.freeze([...this.exprs(columns), ...groupingSets.flat()]), groupingSets);
  }

  /** Aggregates over all rows: one row, also of none. */
  agg<const L extends readonly [Column, ...Column[]]>(...aggregates: L): DataFrame<Selected<S, L>> {
    return this.next({
      kind: 'aggregate',
      child: this.plan,
      groupings: Object.freeze([]),
      aggregates: this.exprs(aggregates),
      site: callSite(),
    });
  }

  /**
   * On columns of one name on both sides, which come out once, or on a condition over both.
   * `semi` and `anti` give this side's rows with and without a partner.
   */
  join<R, const N extends NameIn<S> & NameIn<R>, How extends JoinType = 'inner'>(
    other: DataFrame<R>,
    on: N | readonly N[],
    how?: How,
  ): DataFrame<Joined<S, R, N, How>>;
  join<R, How extends JoinType = 'inner'>(other: DataFrame<R>, on: Column, how?: How): DataFrame<Joined<S, R, never, How>>;
  join(other: DataFrame<unknown>, on: string | readonly string[] | Column, how: JoinType = 'inner'): DataFrame<never> {
    if (!JOIN_TYPES.includes(how)) {
      throw userError('UNSUPPORTED_JOIN_TYPE', `There is no join type '${how}'.`, {
        hint: didYouMean(how, JOIN_TYPES) || `There are ${JOIN_TYPES.join(', ')}`,
      });
    }
    const using = on instanceof Column ? this.expr(on) : Object.freeze(typeof on === 'string' ? [on] : [...on]);
    return this.next({ kind: 'join', left: this.plan, right: other.plan, how, on: using, site: callSite() });
  }

  /**
   * Asks how a join with these rows should run: `broadcast`, `merge`, `shuffle_hash` or `shuffle_replicate_nl`. What the kind of join does
   * not permit is not done; a name that is unknown is warned of.
   */
  hint(name: string): DataFrame<S> {
    return this.next({ kind: 'hint', child: this.plan, name, site: callSite() });
  }

  /** Every row with every row. */
  crossJoin<R>(other: DataFrame<R>): DataFrame<Joined<S, R, never, 'cross'>> {
    return this.next({ kind: 'join', left: this.plan, right: other.plan, how: 'cross', on: null, site: callSite() });
  }

  /**
   * The columns that `fn` makes of each batch of rows, of the types that `schema` says: `df.mapBatches(({ columns }) => ({ … }), 'x double')`.
   * `fn` gets views over typed arrays, and gives arrays, typed arrays or views by name, or an iterable of such batches.
   */
  mapBatches<const D extends string | Schema>(fn: BatchMapper<S, RowOf<D>>, schema: D): DataFrame<RowOf<D>> {
    return this.next({ kind: 'mapBatches', child: this.plan, ...batchMap(this.session.backend, fn, schema), site: callSite() });
  }

  /** Its rows as objects, for functions of your own: map, flatMap, reduceByKey, … */
  toDataset(): Dataset<S> {
    return new Dataset(this.session, this.plan, 'row');
  }

  /** `df.write.mode('overwrite').parquet(path)`. */
  get write(): DataFrameWriter {
    return new DataFrameWriter(this.session, this.plan);
  }

  // For this room

  /** A DataFrame of the same session over another plan. */
  next<T>(plan: Plan): DataFrame<T> {
    return new DataFrame(this.session, plan);
  }

  /** Expressions as plans hold them: names made columns, user functions encoded now. */
  exprs(columns: readonly ColumnOrName[]): readonly Expr[] {
    return Object.freeze(columns.map((column) => this.expr(column)));
  }

  private expr(column: ColumnOrName): Expr {
    return encodeExpr(columnExpr(column), this.session.backend);
  }

  private setOperation(op: 'intersect' | 'except', all: boolean, other: DataFrame<S>): DataFrame<S> {
    return this.next({ kind: 'setOperation', op, all, left: this.plan, right: other.plan, site: callSite() });
  }

  private sorted(keys: readonly (string | Column | SortOrder)[], global: boolean): DataFrame<S> {
    const sortKeys = keys.map((key): SortKey => {
      if (key instanceof SortOrder) return Object.freeze({ ...key.key, expr: encodeExpr(key.key.expr, this.session.backend) });
      return Object.freeze({ expr: this.expr(key), ascending: true, nullsFirst: true });
    });
    return this.next({ kind: 'sort', child: this.plan, keys: Object.freeze(sortKeys), global, site: callSite() });
  }
}
