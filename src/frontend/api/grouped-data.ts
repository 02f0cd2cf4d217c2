/** Owns: what stands between groupBy() and the aggregates. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Expr } from '../plan/expression.js';
import { Column } from './column.js';
import { call, columnExpr } from './column-function.js';
import type { ColumnOrName } from './column-names.js';
import type { DataFrame } from './dataframe.js';
import type { Simplify } from './ddl-types.js';
import { DRIVER_ONLY } from './driver-only.js';
import { avg, count, max, min, sum } from './functions-aggregate.js';
import type { Plain } from './literal.js';
import { PivotedData, type PivotName } from './pivoted-data.js';
import type { AllAggregate, NameIn, NumericIn, Selected } from './row-types.js';
import type { SumOf } from './value-types.js';
import { wholeNumber } from './whole-number.js';

/** What an aggregate of no names is of, as in Spark. */
const EACH_NUMBER = new Column(Object.freeze({ kind: 'star', qualifier: null, numbers: true }));

/** The name of an aggregate for each column; `*` is for count alone. */
export type FunctionsByColumn<S> = { readonly [K in NameIn<S> | '*']?: string };

/** Aggregates as columns, whichever way they are given. */
export function aggregateColumns(given: readonly (Column | object)[]): readonly Column[] {
  const [first] = given;
  if (!first || Object.getPrototypeOf(first) !== Object.prototype) return given as readonly Column[];
  return Object.entries(first as Record<string, string>).map(([name, fn]) =>
    fn === 'count' ? count(name) : call(fn === 'mean' ? 'avg' : fn, columnExpr(name)),
  );
}

type Aggregates<Fn extends string, N extends string, T> = { [K in N as `${Fn}(${K})`]: T };

/** `S` is the row of the DataFrame, `K` that of the grouping columns, which come first in every result. */
export class GroupedData<S, K> {
  private readonly frame: DataFrame<S>;
  private readonly groupings: readonly Expr[];
  private readonly groupingSets: readonly (readonly Expr[])[] | undefined;
  private readonly salts: number | undefined;
  readonly [DRIVER_ONLY] = 'GroupedData';

  constructor(frame: DataFrame<S>, groupings: readonly Expr[], groupingSets?: readonly (readonly Expr[])[], salts?: number) {
    this.salts = salts;
    this.frame = frame;
    this.groupings = groupings;
    this.groupingSets = groupingSets;
  }

  /**
   * Each value of the column becomes a column with the aggregate over the rows that have it, or one for each aggregate: `2024`, or `2024_total`. Where
   * no values are named, those that the column has are found by a query, which runs before the first action does.
   */
  pivot<const V extends readonly Plain[]>(column: NameIn<S> | Column, values: V): PivotedData<S, K, PivotName<V[number]>>;
  pivot(column: NameIn<S> | Column): PivotedData<S, K, string>;
  pivot(column: NameIn<S> | Column, values?: readonly Plain[]): PivotedData<S, K, string> {
    if (this.groupingSets !== undefined) {
      throw userError(
        'UNSUPPORTED_FEATURE.PIVOT_AFTER_GROUP_BY',
        'A pivot goes with groupBy(), not with rollup(), cube() or groupingSets().',
        {
          site: callSite() ?? undefined,
        },
      );
    }
    return new PivotedData(this.frame, this.groupings, column, values);
  }

  /**
   * Aggregates in two steps: rows are exchanged by key and a salt below `salts`, each task aggregates what it has of a group, and these parts
   * are exchanged by key. For groups of which a few have most rows, where map tasks do not combine. The same groups come out; an aggregation
   * with a DISTINCT argument is not salted.
   */
  salted(salts: number): GroupedData<S, K> {
    return new GroupedData(this.frame, this.groupings, this.groupingSets, wholeNumber(salts, 'salted', 1));
  }

  agg<const L extends readonly [Column, ...Column[]]>(...aggregates: AllAggregate<S, L>): DataFrame<Simplify<K & Selected<S, L>>>;
  /** `agg({ price: 'max', '*': 'count' })`: functions by column. */
  agg(functions: FunctionsByColumn<S>): DataFrame;
  agg(...given: readonly (Column | FunctionsByColumn<S>)[]): DataFrame<never> {
    return this.aggregated(aggregateColumns(given));
  }

  /** Rows of each group, as column `count`. */
  count(): DataFrame<Simplify<K & { count: bigint }>> {
    return this.agg(count().as('count')) as DataFrame<Simplify<K & { count: bigint }>>;
  }

  /** One column `sum(name)` for each name; so with the others. Without names: of each column of numbers. */
  sum(): DataFrame;
  sum<const N extends NumericIn<S>>(...names: readonly [N, ...N[]]): DataFrame<Simplify<K & { [C in N as `sum(${C})`]: SumOf<S[C]> }>>;
  sum(...names: readonly string[]): DataFrame<never> {
    return this.each(sum, names);
  }

  avg(): DataFrame;
  avg<const N extends NumericIn<S>>(...names: readonly [N, ...N[]]): DataFrame<Simplify<K & Aggregates<'avg', N, number>>>;
  avg(...names: readonly string[]): DataFrame<never> {
    return this.each(avg, names);
  }

  mean(): DataFrame;
  mean<const N extends NumericIn<S>>(...names: readonly [N, ...N[]]): DataFrame<Simplify<K & Aggregates<'avg', N, number>>>;
  mean(...names: readonly string[]): DataFrame<never> {
    return this.each(avg, names);
  }

  min(): DataFrame;
  min<const N extends NameIn<S>>(...names: readonly [N, ...N[]]): DataFrame<Simplify<K & { [C in N as `min(${C})`]: S[C] }>>;
  min(...names: readonly string[]): DataFrame<never> {
    return this.each(min, names);
  }

  max(): DataFrame;
  max<const N extends NameIn<S>>(...names: readonly [N, ...N[]]): DataFrame<Simplify<K & { [C in N as `max(${C})`]: S[C] }>>;
  max(...names: readonly string[]): DataFrame<never> {
    return this.each(max, names);
  }

  private each<R>(aggregate: (column: ColumnOrName) => Column, names: readonly string[]): DataFrame<R> {
    return this.aggregated(names.length === 0 ? [aggregate(EACH_NUMBER)] : names.map(aggregate));
  }

  private aggregated<R>(columns: readonly Column[]): DataFrame<R> {
    const { frame, groupings, groupingSets, salts } = this;
    const options = { ...(groupingSets && { groupingSets }), ...(salts !== undefined && { salts }) };
    return frame.next({ kind: 'aggregate', child: frame.plan, groupings, ...options, aggregates: frame.exprs(columns), site: callSite() });
  }
}
