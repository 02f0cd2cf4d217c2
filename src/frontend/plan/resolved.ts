/**
 * Owns: expressions and plans after analysis: every name is an attribute id, every expression has a type and a null rule.
 * The optimizer rewrites these; the physical planner replaces attributes by input ordinals (`Bound`).
 */
import type { ShuffleWriterKind } from '../../core/config.js';
import type { CallSite } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import type { DataType, Schema } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Closure, SortKey, UserAggregate, UserFunction } from './expression.js';
import type { ElementMap, GroupMap, JoinStrategy, JoinType, Partitioner, StorageLevel, WriteSpec } from './logical.js';
import type { ResolvedFrame } from './window.js';

/** A column of some node's output; `id` is unique within a query, so two columns of one name stay apart. */
export interface Attribute {
  readonly id: number;
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** A parameter of a lambda. `id` counts the parameters of the lambdas around its own, so that equal lambdas are equal data. */
export interface Variable {
  readonly id: number;
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** Leaf `L` is an attribute in logical plans and an input ordinal in physical ones. */
export type ExprOf<L> =
  | L
  | { readonly kind: 'literal'; readonly value: EngineValue | null; readonly type: DataType; readonly nullable: boolean }
  /** Arguments already have the types that the function's signature asked for. `cast` is a call whose `type` is the target; `try_cast` its safe form. */
  | {
      readonly kind: 'call';
      readonly fn: string;
      readonly args: readonly ExprOf<L>[];
      readonly type: DataType;
      readonly nullable: boolean;
      readonly site: CallSite | null;
      /** The session's, where the answer depends on it and it is not UTC. */
      readonly zone?: string;
    }
  | {
      readonly kind: 'udf';
      readonly udf: UserFunction;
      readonly args: readonly ExprOf<L>[];
      readonly type: DataType;
      readonly nullable: boolean;
      readonly site: CallSite | null;
    }
  /** `args` is the body alone, whose type and null rule these are; it only stands as an argument of a higher-order function. */
  | {
      readonly kind: 'lambda';
      readonly params: readonly Variable[];
      readonly args: readonly ExprOf<L>[];
      readonly type: DataType;
      readonly nullable: boolean;
    }
  | ({ readonly kind: 'variable' } & Variable);

export type AttributeRef = { readonly kind: 'attribute' } & Attribute;
export type InputRef = { readonly kind: 'input'; readonly index: number; readonly type: DataType; readonly nullable: boolean };

export type ResolvedExpr = ExprOf<AttributeRef>;
export type BoundExpr = ExprOf<InputRef>;

/** An expression and the attribute that it becomes. */
export interface Named<E = ResolvedExpr> {
  readonly id: number;
  readonly name: string;
  readonly expr: E;
}

/** An aggregate call and the attribute that its result becomes. */
export interface Aggregated<E = ResolvedExpr> {
  readonly id: number;
  readonly name: string;
  readonly fn: string;
  readonly args: readonly E[];
  readonly distinct: boolean;
  readonly filter: E | null;
  /** Of `udaf` alone. */
  readonly user?: UserAggregate;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly site: CallSite | null;
}

/** A window function or aggregate over the frame of each row, and the attribute that its result becomes. */
export interface Windowed<E = ResolvedExpr> {
  readonly id: number;
  readonly name: string;
  readonly fn: string;
  readonly args: readonly E[];
  /** The user's functions where `fn` is `udaf`. */
  readonly user?: UserAggregate;
  readonly frame: ResolvedFrame;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly site: CallSite | null;
}

/** A file of a scan, as found when the plan was analysed. `values` are its partition columns (`key=value` directories). */
export interface ScanFile {
  readonly uri: string;
  readonly bytes: number;
  readonly values: readonly (EngineValue | null)[];
}

/** What is known of a column of files: least and largest value where they are numbers inside (dates, timestamps, decimals are), bytes a row. */
export interface ColumnRange {
  readonly min?: number;
  readonly max?: number;
  readonly width?: number;
}

export interface ScanSpec {
  readonly format: string;
  readonly options: Readonly<Record<string, string>>;
  readonly files: readonly ScanFile[];
  /** How many more there are, of which their directories tell that nobody wants a row. */
  readonly skippedFiles?: number;
  /** Columns inside the files. Partition columns come after them in `output`. */
  readonly fileSchema: Schema;
  readonly partitionSchema: Schema;
}

export interface JoinHints {
  readonly left: JoinStrategy | null;
  readonly right: JoinStrategy | null;
}

/** Kept rows as planners see them. */
export interface KeptRows {
  readonly cache: string;
  /** What they are, for people. */
  readonly label: string;
  readonly level: StorageLevel;
  readonly schema: Schema;
  readonly partitions: number;
  /** As counted, or a guess before they are there; ranges by the columns of `schema`, where files told them. */
  readonly rows: number;
  readonly ranges: readonly (ColumnRange | null)[];
}

export type ResolvedPlan =
  | {
      readonly kind: 'scan';
      readonly scan: ScanSpec;
      /** The columns to read: a subset of fileSchema then partitionSchema, by name. */
      readonly output: readonly Attribute[];
      /** Conjuncts that the source may use to skip rows; they are still evaluated above unless the source promises them. */
      readonly filters: readonly ResolvedExpr[];
      readonly rows: number | null;
      /** By column name, of those of which something is known. */
      readonly ranges?: Readonly<Record<string, ColumnRange>>;
      readonly site: CallSite | null;
    }
  | { readonly kind: 'local'; readonly output: readonly Attribute[]; readonly batch: Batch; readonly partitions: number }
  /** Rows that an earlier job computed, or that this one computes for itself and later ones. `columns`: where the output lies in them. */
  | { readonly kind: 'cached'; readonly kept: KeptRows; readonly output: readonly Attribute[]; readonly columns: readonly number[] }
  | {
      readonly kind: 'range';
      readonly output: readonly Attribute[];
      readonly start: bigint;
      readonly end: bigint;
      readonly step: bigint;
      readonly partitions: number | null;
    }
  | { readonly kind: 'project'; readonly child: ResolvedPlan; readonly exprs: readonly Named[] }
  | { readonly kind: 'filter'; readonly child: ResolvedPlan; readonly condition: ResolvedExpr }
  /** Each row of the child once per element that `generator` makes of it; `output` are the generator's columns, after the child's. */
  | {
      readonly kind: 'generate';
      readonly child: ResolvedPlan;
      readonly generator: ResolvedExpr;
      readonly outer: boolean;
      readonly output: readonly Attribute[];
    }
  /** Each row of the child once per list of `projections`, whose entries are the columns of `output`. */
  | {
      readonly kind: 'expand';
      readonly child: ResolvedPlan;
      readonly projections: readonly (readonly ResolvedExpr[])[];
      readonly output: readonly Attribute[];
    }
  | {
      readonly kind: 'aggregate';
      readonly child: ResolvedPlan;
      readonly groupings: readonly Named[];
      readonly aggregates: readonly Aggregated[];
      /** As in the logical plan. */
      readonly salts?: number;
    }
  /** The child's columns, then one a call, all over the rows of one partition in one order. Keys and arguments are attributes or literals. */
  | {
      readonly kind: 'window';
      readonly child: ResolvedPlan;
      readonly partitionBy: readonly ResolvedExpr[];
      readonly orderBy: readonly SortKey<ResolvedExpr>[];
      readonly calls: readonly Windowed[];
    }
  | { readonly kind: 'sort'; readonly child: ResolvedPlan; readonly keys: readonly SortKey<ResolvedExpr>[]; readonly global: boolean }
  | { readonly kind: 'limit'; readonly child: ResolvedPlan; readonly limit: number; readonly offset: number }
  | { readonly kind: 'union'; readonly children: readonly ResolvedPlan[]; readonly output: readonly Attribute[] }
  | {
      readonly kind: 'join';
      readonly left: ResolvedPlan;
      readonly right: ResolvedPlan;
      readonly how: JoinType;
      readonly condition: ResolvedExpr | null;
      /** How a side asks the join to run. */
      readonly hints?: JoinHints;
    }
  | {
      readonly kind: 'repartition';
      readonly child: ResolvedPlan;
      readonly partitions: number | null;
      readonly exprs: readonly ResolvedExpr[];
      /** As in the logical plan. */
      readonly orders?: readonly Omit<SortKey, 'expr'>[];
      readonly partitioner?: Partitioner;
      /** How map tasks lay out its files; absent: as `shuffle.writer` says. */
      readonly writer?: ShuffleWriterKind;
    }
  | { readonly kind: 'coalesce'; readonly child: ResolvedPlan; readonly partitions: number }
  | { readonly kind: 'mapBatches'; readonly child: ResolvedPlan; readonly fn: Closure; readonly output: readonly Attribute[] }
  | { readonly kind: 'mapElements'; readonly child: ResolvedPlan; readonly map: ElementMap; readonly output: readonly Attribute[] }
  | {
      readonly kind: 'mapGroups';
      readonly child: ResolvedPlan;
      readonly map: GroupMap;
      readonly partitions: number | null;
      readonly output: readonly Attribute[];
    }
  | { readonly kind: 'write'; readonly child: ResolvedPlan; readonly write: WriteSpec };

export type ResolvedOf<K extends ResolvedPlan['kind']> = Extract<ResolvedPlan, { kind: K }>;
