/**
 * Owns: DataFrame, an immutable query: a session and a logical plan whose names are not resolved yet. Transformations give new DataFrames
 * and run nothing: those that choose rows lie in frame-rows.ts, columns, groups and joins here. Actions (frame-actions.ts) are async and run
 * the plan on the session's backend. `S` maps column names to JavaScript types.
 */
import { callSite } from '../../core/call-site.js';
import type { Schema } from '../../data/types.js';
import type { Plan } from '../plan/logical.js';
import { parseNamedExpression } from '../sql/parse-expression.js';
import { Column } from './column.js';
import { namedExpr } from './column-function.js';
import type { AllKnown, Known } from './column-names.js';
import { Dataset } from './dataset.js';
import type { AnyRow, RowOf } from './ddl-types.js';
import { DRIVER_ONLY } from './driver-only.js';
import { FrameRows } from './frame-rows.js';
import { aggregateColumns, type FunctionsByColumn, GroupedData } from './grouped-data.js';
import { cubeSets, rollupSets } from './grouping-sets.js';
import { type JoinName, type JoinTypeOf, joinTypeOf } from './join-types.js';
import { type BatchMapper, batchMap } from './map-batches.js';
import type {
  AllAggregate,
  Joined,
  NameIn,
  Nulled,
  Renamed,
  RenamedAll,
  Selectable,
  Selected,
  SelectedAny,
  Summary,
  TypeIn,
  Unpivoted,
  WithColumn,
  WithColumns,
  Without,
} from './row-types.js';
import { explodeSalt, SALT, type SaltedJoinOptions, type SaltedJoinType, salt, saltedHow } from './salt.js';
import { StatFunctions } from './stat-functions.js';
import { wholeNumber } from './whole-number.js';
import { DataFrameWriter } from './writer.js';

export class DataFrame<S = AnyRow> extends FrameRows<S> {
  readonly [DRIVER_ONLY] = 'DataFrame';

  // Columns

  /** Columns by name, `'*'`, or expressions. */
  select<const L extends readonly (Selectable<S> | '*')[]>(...columns: AllKnown<S, L>): DataFrame<Selected<S, L>> {
    return this.next({ kind: 'select', child: this.plan, exprs: this.exprs(columns), site: callSite() });
  }

  /** Columns from SQL text: `df.selectExpr('*', 'price * 2 AS twice')`. Throws a user error PARSE_SYNTAX_ERROR that shows the place. */
  selectExpr(...columns: readonly string[]): DataFrame {
    const site = callSite();
    const exprs = Object.freeze(columns.map((sql) => parseNamedExpression(sql, site)));
    return this.next({ kind: 'select', child: this.plan, exprs, site });
  }

  /** The columns whose names match a Java regular expression in back-quotes, case ignored: `df.select(df.colRegex('`price_.*`'))`. */
  colRegex(name: string): Column {
    const quoted = /^(?:(.+)\.)?`(.+)`$/s.exec(name);
    if (quoted === null) return new Column(namedExpr(name));
    return new Column(Object.freeze({ kind: 'star', qualifier: quoted[1] ?? null, pattern: quoted[2] }));
  }

  /** Adds a column, or replaces the one of that name. */
  withColumn<const N extends string, C extends Column>(name: N, column: C & Known<S, C>): DataFrame<WithColumn<S, N, TypeIn<C>>> {
    const columns = [Object.freeze({ name, expr: this.expr(column) })];
    return this.next({ kind: 'withColumns', child: this.plan, columns, site: callSite() });
  }

  /** Adds or replaces several columns at once: none of them sees another. */
  withColumns<const C extends Readonly<Record<string, Column>>>(columns: AllKnown<S, C>): DataFrame<WithColumns<S, C>> {
    const list = Object.entries<Column>(columns).map(([name, column]) => Object.freeze({ name, expr: this.expr(column) }));
    return this.next({ kind: 'withColumns', child: this.plan, columns: Object.freeze(list), site: callSite() });
  }

  withColumnRenamed<const From extends NameIn<S>, const To extends string>(from: From, to: To): DataFrame<Renamed<S, From, To>> {
    return this.next({ kind: 'rename', child: this.plan, from, to });
  }

  /** Several at once: `{ old: 'new', … }`. */
  withColumnsRenamed<const M extends { readonly [K in NameIn<S>]?: string }>(names: M): DataFrame<RenamedAll<S, M>> {
    const pairs = Object.entries(names).map(([from, to]) => Object.freeze([from, to as string] as const));
    return this.derive({ op: 'renameAll', names: Object.freeze(pairs) });
  }

  /** New names for all columns, in their order. */
  toDF<const L extends readonly string[]>(...names: L): DataFrame<{ [N in L[number]]: S[keyof S] }> {
    return this.derive({ op: 'toDF', names: Object.freeze([...names]) });
  }

  /** Leaves out the columns of these names, all of them where there are several; a name that is not there is no error. */
  drop<const N extends NameIn<S>>(...names: readonly N[]): DataFrame<Without<S, N>>;
  /** A column leaves out the one that it means: `drop(col('b.id'))` after a join. The static type keeps it. */
  drop(...columns: readonly (NameIn<S> | Column)[]): DataFrame<S>;
  drop(...columns: readonly (string | Column)[]): DataFrame<never> {
    const names = Object.freeze(columns.filter((column) => typeof column === 'string'));
    const exprs = this.exprs(columns.filter((column) => typeof column !== 'string'));
    return this.next({ kind: 'drop', child: this.plan, names, ...(exprs.length > 0 && { exprs, site: callSite() }) });
  }

  /** Names it, so that columns can be told apart after a join: `a.alias('x')`, then `col('x.id')`. */
  alias(name: string): DataFrame<S> {
    return this.next({ kind: 'alias', child: this.plan, name });
  }

  // What is kept: cache() and persist() stand in keepable.ts

  /** Computes the rows into files below `checkpoint.dir`, which stay; gives a DataFrame that reads them. Throws a user error CHECKPOINT_DIR_NOT_SET. */
  async checkpoint(): Promise<DataFrame<S>> {
    return this.next(await this.checkpointPlan());
  }

  /** Computes the rows into the workers' storage; gives a DataFrame that reads them and cannot compute them again. unpersist() frees it. */
  async localCheckpoint(): Promise<DataFrame<S>> {
    return this.next(await this.localCheckpointPlan());
  }

  // Reshaped and described

  /**
   * Columns become rows: one of each of `values`, with the name in column `variable` and what it held in column `value`. The columns `ids` stay;
   * without `values` all others become rows. Values get their common type.
   */
  unpivot<const I extends NameIn<S>, const A extends string, const B extends string, const V extends NameIn<S> = never>(
    ids: I | readonly (I | Column)[],
    values: readonly (V | Column)[] | null,
    variable: A,
    value: B,
  ): DataFrame<Unpivoted<S, I, V, A, B>> {
    const kept = this.exprs(typeof ids === 'string' ? [ids] : ids);
    return this.derive({ op: 'unpivot', ids: kept, values: values === null ? null : this.exprs(values), variable, value });
  }

  melt<const I extends NameIn<S>, const A extends string, const B extends string, const V extends NameIn<S> = never>(
    ids: I | readonly (I | Column)[],
    values: readonly (V | Column)[] | null,
    variable: A,
    value: B,
  ): DataFrame<Unpivoted<S, I, V, A, B>> {
    return this.unpivot(ids, values, variable, value);
  }

  /** Count, mean, standard deviation, least and largest value of columns, as text: of all numbers and texts where none is named. */
  describe<const N extends NameIn<S>>(...columns: readonly N[]): DataFrame<Summary<S, N>> {
    const statistics = Object.freeze(['count', 'mean', 'stddev', 'min', 'max']);
    return this.derive({ op: 'summary', statistics, columns: columns.length === 0 ? null : Object.freeze([...columns]) });
  }

  /** As describe(), the statistics by name: `count`, `mean`, `stddev`, `min`, `max`, `count_distinct`, `approx_count_distinct`, `25%`. */
  summary(...statistics: readonly string[]): DataFrame<Summary<S, NameIn<S>>> {
    const wanted = statistics.length > 0 ? statistics : ['count', 'mean', 'stddev', 'min', '25%', '50%', '75%', 'max'];
    return this.derive({ op: 'summary', statistics: Object.freeze([...wanted]), columns: null });
  }

  /** Correlations, quantiles, cross tables: `df.stat.corr('a', 'b')`. */
  get stat(): StatFunctions<S> {
    return new StatFunctions(this);
  }

  /** `df.transform(f)` is `f(df)`: steps of your own read in their order. */
  transform<R>(change: (frame: DataFrame<S>) => R): R {
    return change(this);
  }

  // Groups and joins

  groupBy<const L extends readonly Selectable<S>[]>(...columns: AllKnown<S, L>): GroupedData<S, Selected<S, L>> {
    return new GroupedData(this, this.exprs(columns));
  }

  /** Groups by all columns, by all but the last, and so on to no column: subtotals and a total. What a row is not grouped by is null in it. */
  rollup<const L extends readonly Selectable<S>[]>(...columns: AllKnown<S, L>): GroupedData<S, Nulled<Selected<S, L>>> {
    const exprs = this.exprs(columns);
    return new GroupedData(this, exprs, rollupSets(exprs));
  }

  /** Groups by every subset of the columns. */
  cube<const L extends readonly Selectable<S>[]>(...columns: AllKnown<S, L>): GroupedData<S, Nulled<Selected<S, L>>> {
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
  agg<const L extends readonly [Column, ...Column[]]>(...aggregates: AllAggregate<S, L>): DataFrame<Selected<S, L>>;
  /** `agg({ price: 'max', '*': 'count' })`: functions by column. */
  agg(functions: FunctionsByColumn<S>): DataFrame;
  agg(...given: readonly (Column | FunctionsByColumn<S>)[]): DataFrame<never> {
    const aggregates = this.exprs(aggregateColumns(given));
    return this.next({ kind: 'aggregate', child: this.plan, groupings: Object.freeze([]), aggregates, site: callSite() });
  }

  /**
   * On columns of one name on both sides, which come out once, or on a condition over both; on nothing, every row with every row.
   * `semi` and `anti` give this side's rows with and without a partner.
   */
  join<R, const N extends NameIn<S> & NameIn<R> = never, C extends Column = never, How extends JoinName = 'inner'>(
    other: DataFrame<R>,
    on?: N | readonly N[] | (C & Known<S & R, C>) | null,
    how?: How,
  ): DataFrame<Joined<S, R, N, JoinTypeOf<How>>>;
  join(other: DataFrame<unknown>, on: string | readonly string[] | Column | null = null, name: string = 'inner'): DataFrame<never> {
    const how = joinTypeOf(name);
    const site = callSite();
    const using = on instanceof Column ? this.expr(on) : on === null ? null : Object.freeze(typeof on === 'string' ? [on] : [...on]);
    return this.next({ kind: 'join', left: this.plan, right: other.plan, how, on: using, site });
  }

  /**
   * As join(), for a left side of which a few keys have most rows: those of one key are cut into `salts` parts, by chance, and every row of the
   * other side is copied as often. The same rows come out.
   */
  saltedJoin<R, const N extends NameIn<S> & NameIn<R>, How extends SaltedJoinType = 'inner'>(
    other: DataFrame<R>,
    on: N | readonly N[],
    options: SaltedJoinOptions<How>,
  ): DataFrame<Joined<S, R, N, How>>;
  saltedJoin(other: DataFrame, on: string | readonly string[], options: SaltedJoinOptions<SaltedJoinType>): DataFrame<never> {
    const how = saltedHow(options.how ?? 'inner');
    const salts = wholeNumber(options.salts, 'saltedJoin', 1);
    const salted = (this as DataFrame).withColumn(SALT, salt(salts));
    const copied = other.select('*', explodeSalt(salts).as(SALT));
    return salted.join(copied, [...(typeof on === 'string' ? [on] : on), SALT], how).drop(SALT) as DataFrame<never>;
  }

  /**
   * Asks how a join with these rows should run: `broadcast`, `merge`, `shuffle_hash` or `shuffle_replicate_nl`. What the kind of join does
   * not permit is not done; that, and a name that is unknown, is warned of.
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
}
