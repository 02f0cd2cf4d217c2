/** Owns: what stands between pivot() and the aggregates. */
import { callSite } from '../../core/call-site.js';
import type { Expr } from '../plan/expression.js';
import type { Column } from './column.js';
import type { DataFrame } from './dataframe.js';
import type { AnyRow, Simplify } from './ddl-types.js';
import { DRIVER_ONLY } from './driver-only.js';
import { avg, count, max, min, sum } from './functions-aggregate.js';
import { literalOf, type Plain } from './literal.js';
import type { AllAggregate, NameIn, NumericIn, Selected } from './row-types.js';
import type { SumOf } from './value-types.js';

/** The name of a value's column. */
export type PivotName<V> = V extends string ? V : V extends number | bigint | boolean ? `${V}` : V extends null ? 'null' : string;

/** The columns of the values `V`: nothing is known of them where the values are found by a query. */
type PivotColumns<V extends string, A> = string extends V ? AnyRow : [keyof A] extends [never] ? AnyRow : { [P in V]: A[keyof A] | null };

type NamedColumns<V extends string, A> = string extends V
  ? AnyRow
  : { [P in `${V}_${keyof A & string}`]: (P extends `${V}_${infer N}` ? (N extends keyof A ? A[N] : unknown) : unknown) | null };

/** One aggregate's columns are named after the values alone. */
type EachPivoted<V extends string, N extends readonly unknown[], A> = N['length'] extends 1 ? PivotColumns<V, A> : NamedColumns<V, A>;

/** `S` is the row of the DataFrame, `K` that of the grouping columns, `V` the names of the values. */
export class PivotedData<S, K, V extends string> {
  private readonly frame: DataFrame<S>;
  private readonly groupings: readonly Expr[];
  private readonly column: Expr;
  private readonly values: readonly Extract<Expr, { kind: 'literal' }>[] | null;
  readonly [DRIVER_ONLY] = 'PivotedData';

  constructor(frame: DataFrame<S>, groupings: readonly Expr[], column: string | Column, values?: readonly Plain[]) {
    this.frame = frame;
    this.groupings = groupings;
    [this.column] = frame.exprs([column]);
    this.values =
      values === undefined ? null : Object.freeze(values.map((value) => literalOf(value) as Extract<Expr, { kind: 'literal' }>));
  }

  agg<const A extends Column>(aggregate: AllAggregate<S, [A]>[0]): DataFrame<Simplify<K & PivotColumns<V, Selected<S, [A]>>>>;
  agg<const L extends readonly [Column, Column, ...Column[]]>(
    ...aggregates: AllAggregate<S, L>
  ): DataFrame<Simplify<K & NamedColumns<V, Selected<S, L>>>>;
  agg(...aggregates: readonly Column[]): DataFrame<never> {
    return this.aggregated(aggregates);
  }

  /** Rows of each group and value; null where there are none. */
  count(): DataFrame<Simplify<K & PivotColumns<V, { count: bigint }>>> {
    return this.aggregated([count().as('count')]);
  }

  sum<const N extends readonly [NumericIn<S>, ...NumericIn<S>[]]>(
    ...names: N
  ): DataFrame<Simplify<K & EachPivoted<V, N, { [C in N[number] as `sum(${C})`]: SumOf<S[C]> }>>> {
    return this.aggregated(names.map((name) => sum(name)));
  }

  avg<const N extends readonly [NumericIn<S>, ...NumericIn<S>[]]>(
    ...names: N
  ): DataFrame<Simplify<K & EachPivoted<V, N, { [C in N[number] as `avg(${C})`]: number }>>> {
    return this.aggregated(names.map((name) => avg(name)));
  }

  mean<const N extends readonly [NumericIn<S>, ...NumericIn<S>[]]>(
    ...names: N
  ): DataFrame<Simplify<K & EachPivoted<V, N, { [C in N[number] as `avg(${C})`]: number }>>> {
    return this.avg(...names);
  }

  min<const N extends readonly [NameIn<S>, ...NameIn<S>[]]>(
    ...names: N
  ): DataFrame<Simplify<K & EachPivoted<V, N, { [C in N[number] as `min(${C})`]: S[C] }>>> {
    return this.aggregated(names.map((name) => min(name)));
  }

  max<const N extends readonly [NameIn<S>, ...NameIn<S>[]]>(
    ...names: N
  ): DataFrame<Simplify<K & EachPivoted<V, N, { [C in N[number] as `max(${C})`]: S[C] }>>> {
    return this.aggregated(names.map((name) => max(name)));
  }

  private aggregated<R>(columns: readonly Column[]): DataFrame<R> {
    const { frame, groupings, column, values } = this;
    const aggregates = frame.exprs(columns);
    return frame.next({ kind: 'pivot', child: frame.plan, groupings, column, values, aggregates, site: callSite() });
  }
}
