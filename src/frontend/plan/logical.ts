/**
 * Owns: logical plans as a user built them: frozen, kind-tagged, unresolved, no behaviour.
 * `resolved.ts` is the same tree after analysis.
 */
import type { ShuffleWriterKind } from '../../core/config.js';
import type { CallSite } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import type { Derivation } from './derivation.js';
import type { Closure, Expr, SortKey } from './expression.js';

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'cross';
/** The limit of a plan that only leaves out first rows. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** What a hint may ask for, by Spark's names. */
export type JoinStrategy = 'broadcast' | 'merge' | 'shuffle_hash' | 'shuffle_replicate_nl';
export type FileFormat = 'text' | 'csv' | 'json' | 'parquet' | 'arrow';
/** Where rows that are kept may lie: memory that is full makes room by files, or by forgetting what can be computed again. */
export type StorageLevel = 'MEMORY_ONLY' | 'MEMORY_AND_DISK' | 'DISK_ONLY';
export type SaveMode = 'error' | 'overwrite' | 'append' | 'ignore';

export interface WriteSpec {
  readonly format: FileFormat;
  readonly path: string;
  readonly mode: SaveMode;
  readonly partitionBy: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly site: CallSite | null;
}

/**
 * How elements of a functional Dataset lie in columns:
 * `row`     all columns of the child, as one object;
 * `value`   the single column of the child, as its API value;
 * `element` one binary column named `value`: any structured-cloneable value (data/element.ts);
 * `pair`    two binary columns `key`, `value` in the same encoding; keys compare as bytes in the order of their values.
 */
export type ElementForm = 'row' | 'value' | 'element' | 'pair';

/**
 * fn receives one element (`mapPartitions`: an iterable of them) and, last, a TaskInfo; `flatMap` and `mapPartitions` return iterables;
 * `emit` is fn(element, emit, info) and calls emit(key, value); `keyBy` gives [fn(element), element]; `mapValues` maps the values of pairs.
 * An element of form `pair` is the array [key, value], both handed to fn and returned by it.
 */
export interface ElementMap {
  readonly op: 'map' | 'flatMap' | 'filter' | 'mapPartitions' | 'emit' | 'keyBy' | 'mapValues';
  readonly fn: Closure;
  readonly from: ElementForm;
  readonly to: ElementForm;
}

/**
 * Rows of a `pair` child brought together by key, keys ascending within a partition.
 * `combine` folds the values of one key by fn(a, b), before and after the shuffle (reduceByKey); `group` gives each key with the array of
 * its values; `reduce` is fn(key, values once, emit, info) and emits pairs. The result is of form `pair`, always.
 */
export interface GroupMap {
  readonly op: 'combine' | 'group' | 'reduce';
  readonly fn: Closure | null;
  /** An optional fold before the shuffle for `reduce`: (key, values) → value. */
  readonly combiner: Closure | null;
  /** (key, partitions) → the key's partition; absent: by hash. */
  readonly partitioner?: Closure;
}

/**
 * How a function of the user tells the partition of each row: `columns`: the only expression of the repartition is its call, a double;
 * `key`: it is fn(key, partitions) of a pair's key, the bytes of which are the only expression.
 */
export type Partitioner = { readonly kind: 'columns' } | { readonly kind: 'key'; readonly fn: Closure };

export type Plan =
  | {
      readonly kind: 'read';
      readonly format: FileFormat;
      readonly paths: readonly string[];
      /** null: inferred from the files. */
      readonly schema: Schema | null;
      readonly options: Readonly<Record<string, string>>;
      readonly site: CallSite | null;
    }
  | { readonly kind: 'local'; readonly schema: Schema; readonly batch: Batch; readonly partitions: number | null }
  /** Rows that workers hold, made by a local checkpoint: how they came about is forgotten. */
  | { readonly kind: 'checkpoint'; readonly cache: string; readonly site: CallSite | null }
  | { readonly kind: 'range'; readonly start: bigint; readonly end: bigint; readonly step: bigint; readonly partitions: number | null }
  | { readonly kind: 'select'; readonly child: Plan; readonly exprs: readonly Expr[]; readonly site: CallSite | null }
  | {
      readonly kind: 'withColumns';
      readonly child: Plan;
      readonly columns: readonly { readonly name: string; readonly expr: Expr }[];
      readonly site: CallSite | null;
    }
  | { readonly kind: 'rename'; readonly child: Plan; readonly from: string; readonly to: string }
  /** `exprs`: columns that are told apart otherwise than by name. */
  | {
      readonly kind: 'drop';
      readonly child: Plan;
      readonly names: readonly string[];
      readonly exprs?: readonly Expr[];
      readonly site?: CallSite | null;
    }
  | { readonly kind: 'filter'; readonly child: Plan; readonly condition: Expr; readonly site: CallSite | null }
  | {
      readonly kind: 'aggregate';
      readonly child: Plan;
      readonly groupings: readonly Expr[];
      readonly aggregates: readonly Expr[];
      /** Subsets of the groupings: rows are grouped by each of them. */
      readonly groupingSets?: readonly (readonly Expr[])[];
      /** In two steps, the rows of a group spread over so many salts first. */
      readonly salts?: number;
      readonly site: CallSite | null;
    }
  /** The aggregates for each value of a column, as columns of their own. */
  | {
      readonly kind: 'pivot';
      readonly child: Plan;
      readonly groupings: readonly Expr[];
      readonly column: Expr;
      /** Constants; null: the different values that the column has. */
      readonly values: readonly Extract<Expr, { kind: 'literal' }>[] | null;
      readonly aggregates: readonly Expr[];
      readonly site: CallSite | null;
    }
  /** Of rows that are equal in the columns of these names one, of all columns where there are no names. */
  | { readonly kind: 'distinct'; readonly child: Plan; readonly names?: readonly string[]; readonly site?: CallSite | null }
  | {
      readonly kind: 'sort';
      readonly child: Plan;
      readonly keys: readonly SortKey[];
      readonly global: boolean;
      readonly site: CallSite | null;
    }
  | { readonly kind: 'limit'; readonly child: Plan; readonly limit: number; readonly offset: number }
  | {
      readonly kind: 'union';
      readonly children: readonly Plan[];
      /** How columns match by name; absent: by position. */
      readonly byName?: 'all' | 'allowMissing';
      readonly site: CallSite | null;
    }
  /** Rows of the left side that are, or are not, on the right one; nulls are equal. Without `all` each once. */
  | {
      readonly kind: 'setOperation';
      readonly op: 'intersect' | 'except';
      readonly all: boolean;
      readonly left: Plan;
      readonly right: Plan;
      readonly site: CallSite | null;
    }
  | {
      readonly kind: 'join';
      readonly left: Plan;
      readonly right: Plan;
      readonly how: JoinType;
      /** Names of USING columns, a condition, or null for cross joins. */
      readonly on: readonly string[] | Expr | null;
      readonly site: CallSite | null;
    }
  /** Asks how a join with the child should run. `name` is as written; one that is unknown is warned of. */
  | { readonly kind: 'hint'; readonly child: Plan; readonly name: string; readonly site: CallSite | null }
  /** Written in terms of other nodes once the child's columns are known. */
  | { readonly kind: 'derive'; readonly child: Plan; readonly derivation: Derivation; readonly site: CallSite | null }
  /** Names the child, so that `alias.column` resolves to it. */
  | { readonly kind: 'alias'; readonly child: Plan; readonly name: string }
  | {
      readonly kind: 'repartition';
      readonly child: Plan;
      readonly partitions: number | null;
      readonly exprs: readonly Expr[];
      /** By ranges of the expressions, which are ordered so; absent: by their hash. */
      readonly orders?: readonly Omit<SortKey, 'expr'>[];
      /** By a function of the user; `partitions` is not null then. */
      readonly partitioner?: Partitioner;
      /** How map tasks lay out its files; absent: as `shuffle.writer` says. */
      readonly writer?: ShuffleWriterKind;
      readonly site: CallSite | null;
    }
  | { readonly kind: 'coalesce'; readonly child: Plan; readonly partitions: number }
  /** fn(BatchView, TaskInfo) gives the columns of `schema`, once or several times. */
  | { readonly kind: 'mapBatches'; readonly child: Plan; readonly fn: Closure; readonly schema: Schema; readonly site: CallSite | null }
  | { readonly kind: 'mapElements'; readonly child: Plan; readonly map: ElementMap; readonly site: CallSite | null }
  | {
      readonly kind: 'mapGroups';
      readonly child: Plan;
      readonly map: GroupMap;
      readonly partitions: number | null;
      readonly site: CallSite | null;
    }
  | { readonly kind: 'write'; readonly child: Plan; readonly write: WriteSpec };

export type PlanOf<K extends Plan['kind']> = Extract<Plan, { kind: K }>;
