/**
 * Owns: physical operators: JSON-plain (core/json.ts), expressions bound to input ordinals, each with the schema it produces.
 * `exchange` marks where rows change partition; planner/stages cuts there and leaves `shuffleRead` in its place.
 * Every leaf has an `id`, unique in its plan, under which a task finds its share of the input.
 */
import type { ShuffleWriterKind } from '../../core/config.js';
import type { CallSite } from '../../core/errors.js';
import type { Schema } from '../../data/types.js';
import type { Closure, SortKey } from '../../frontend/plan/expression.js';
import type { ElementMap, GroupMap, JoinType, StorageLevel, WriteSpec } from '../../frontend/plan/logical.js';
import type { Aggregated, BoundExpr, InputRef, Windowed } from '../../frontend/plan/resolved.js';

export type Partitioning =
  /** Row goes to pmod(hash(exprs), partitions): Spark's hash. */
  | { readonly kind: 'hash'; readonly exprs: readonly BoundExpr[]; readonly partitions: number }
  /** Row goes to the range of `keys` that it falls in; bounds are the rows of shuffle `bounds` (set by planner/stages). */
  | { readonly kind: 'range'; readonly keys: readonly SortKey<BoundExpr>[]; readonly partitions: number; readonly bounds: number | null }
  | { readonly kind: 'roundRobin'; readonly partitions: number }
  /**
   * Row goes where a function of the user says, which is asked once a row: `expr` is its call, a double; or, with `ofKey`, the bytes of a
   * pair's key, of which the partition is ofKey(key, partitions). Rows of equal keys meet only if the function is one.
   */
  | { readonly kind: 'function'; readonly expr: BoundExpr; readonly ofKey: Closure | null; readonly partitions: number }
  /** All rows in one partition, which one task reads (`single`) or every task reads whole (`broadcast`). */
  | { readonly kind: 'single' }
  | { readonly kind: 'broadcast' };

/** What needs no function of the user to be called. */
export type PlainPartitioning = Exclude<Partitioning, { readonly kind: 'function' }>;

export type PhysicalOp =
  | {
      readonly kind: 'scan';
      readonly id: number;
      readonly format: string;
      readonly options: Readonly<Record<string, string>>;
      /** Schema of the files, whole, and of their partition columns. */
      readonly fileSchema: Schema;
      readonly partitionSchema: Schema;
      /** Columns produced, by name, from the two. */
      readonly schema: Schema;
      /** Over `schema`; the source may skip rows for which one of them is not true, and need not. */
      readonly filters: readonly BoundExpr[];
      /** Where the user reads: named by errors of its files. */
      readonly site: CallSite | null;
    }
  /** Rows that came with the plan, as an Arrow IPC stream. Inputs are [from, to) row ranges. */
  | { readonly kind: 'local'; readonly id: number; readonly schema: Schema; readonly ipc: Uint8Array }
  /** start + step × i for i in [from, to): inputs are such index ranges. */
  | { readonly kind: 'range'; readonly id: number; readonly schema: Schema; readonly start: bigint; readonly step: bigint }
  /**
   * Columns of rows that are kept; inputs are partitions of the cache. Before cutting it may stand for rows that are not there yet; `shuffle`
   * is then -1, and the job's own number of the cache after it.
   */
  | {
      readonly kind: 'cacheRead';
      readonly id: number;
      readonly schema: Schema;
      readonly cache: string;
      readonly label: string;
      readonly level: StorageLevel;
      readonly stored: Schema;
      readonly columns: readonly number[];
      readonly shuffle: number;
    }
  /** In place of rows that cannot be computed again: a checkpoint's. Running it is an error. */
  | { readonly kind: 'lost'; readonly id: number; readonly schema: Schema; readonly cache: string }
  /** `broadcast`: every task reads all partitions: one, or `partitions` of a shuffle that was made for something else. */
  | {
      readonly kind: 'shuffleRead';
      readonly id: number;
      readonly schema: Schema;
      readonly shuffle: number;
      readonly broadcast: boolean;
      readonly partitions?: number;
    }
  | { readonly kind: 'project'; readonly schema: Schema; readonly child: PhysicalOp; readonly exprs: readonly BoundExpr[] }
  | { readonly kind: 'filter'; readonly schema: Schema; readonly child: PhysicalOp; readonly condition: BoundExpr }
  /** Columns of the child at `keep`, then the generator's. */
  | {
      readonly kind: 'generate';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly generator: BoundExpr;
      readonly outer: boolean;
      readonly keep: readonly number[];
    }
  /** Each row once per list of `projections`: the columns of `schema`. */
  | {
      readonly kind: 'expand';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly projections: readonly (readonly BoundExpr[])[];
    }
  /**
   * `partial`: keys, then each aggregate's partial columns. `final`: reads those, gives keys, then results. `complete`: both at once.
   * In `final`, aggregates keep their original argument types; keys are ordinals 0..k-1 of the child.
   */
  | {
      readonly kind: 'hashAggregate';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly mode: 'partial' | 'final' | 'complete';
      readonly keys: readonly BoundExpr[];
      readonly aggregates: readonly Aggregated<BoundExpr>[];
    }
  /** As hashAggregate, of a child whose rows are in the order of the keys, ascending, nulls first: a group is a run of rows. */
  | {
      readonly kind: 'sortAggregate';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly mode: 'partial' | 'final' | 'complete';
      readonly keys: readonly InputRef[];
      readonly aggregates: readonly Aggregated<BoundExpr>[];
    }
  /** Sorts the partition; with `limit`, only its first rows are kept (top-N). */
  | {
      readonly kind: 'sort';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly keys: readonly SortKey<BoundExpr>[];
      readonly limit: number | null;
    }
  /** The child's columns, then one a call. The child gives whole partitions of rows, one after the other, each in order. */
  | {
      readonly kind: 'window';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly partitionBy: readonly BoundExpr[];
      readonly orderBy: readonly SortKey<BoundExpr>[];
      readonly calls: readonly Windowed<BoundExpr>[];
    }
  | { readonly kind: 'limit'; readonly schema: Schema; readonly child: PhysicalOp; readonly limit: number; readonly offset: number }
  | { readonly kind: 'union'; readonly schema: Schema; readonly children: readonly PhysicalOp[] }
  /** One task's child partitions one after the other; its inputs are nested (see `LeafInput`). */
  | { readonly kind: 'coalesce'; readonly id: number; readonly schema: Schema; readonly child: PhysicalOp; readonly partitions: number }
  /**
   * Left columns, then right ones (`semi`, `anti`: left only). `condition` is over left then right columns. `build` is hashed, the other side
   * streams. Where rows of the build side may come out alone, each lies in one task.
   */
  | {
      readonly kind: 'hashJoin';
      readonly schema: Schema;
      readonly left: PhysicalOp;
      readonly right: PhysicalOp;
      readonly how: JoinType;
      readonly build: 'left' | 'right';
      readonly leftKeys: readonly BoundExpr[];
      readonly rightKeys: readonly BoundExpr[];
      /** Of which keys a null is equal to a null. */
      readonly nullSafe: readonly boolean[];
      readonly condition: BoundExpr | null;
      /** Sides that may yet be sent whole to every task, should they turn out small: nobody but estimates wanted it otherwise. */
      readonly mayBroadcast?: readonly ('left' | 'right')[];
    }
  | { readonly kind: 'mapBatches'; readonly schema: Schema; readonly child: PhysicalOp; readonly fn: Closure }
  /** As hashJoin, of sides that are sorted by their keys, ascending, nulls first. */
  | {
      readonly kind: 'mergeJoin';
      readonly schema: Schema;
      readonly left: PhysicalOp;
      readonly right: PhysicalOp;
      readonly how: JoinType;
      readonly leftKeys: readonly BoundExpr[];
      readonly rightKeys: readonly BoundExpr[];
      readonly nullSafe: readonly boolean[];
      readonly condition: BoundExpr | null;
    }
  | { readonly kind: 'mapElements'; readonly schema: Schema; readonly child: PhysicalOp; readonly map: ElementMap }
  /** Before the exchange: `side` 'map' folds by the combiner; after it 'reduce' brings the sorted keys together. */
  | {
      readonly kind: 'mapGroups';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly map: GroupMap;
      readonly side: 'map' | 'reduce';
    }
  /** Quantile sample of the child for `range` bounds: at most `rows` rows of the sort keys a task, weighted by its row count. */
  | {
      readonly kind: 'sample';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly keys: readonly SortKey<BoundExpr>[];
      readonly rows: number;
    }
  /** From all samples, the `partitions - 1` upper bounds. */
  | {
      readonly kind: 'rangeBounds';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly keys: readonly SortKey<BoundExpr>[];
      readonly partitions: number;
    }
  | { readonly kind: 'write'; readonly schema: Schema; readonly child: PhysicalOp; readonly write: WriteSpec; readonly query: string }
  | {
      readonly kind: 'exchange';
      readonly schema: Schema;
      readonly child: PhysicalOp;
      readonly partitioning: Partitioning;
      readonly writer?: ShuffleWriterKind;
      readonly asked?: Asked;
    };

/** What the user wanted of an exchange: so many partitions, or rows of equal keys in one. What is absent the planner wanted, for its own ends. */
export type Asked = 'partitions' | 'keys';

/** Where the rows of a map task go. */
export interface ShuffleOutput {
  readonly kind: 'shuffle';
  readonly shuffle: number;
  readonly partitioning: Partitioning;
  readonly partitions: number;
  /** Absent: as `shuffle.writer` says. */
  readonly writer?: ShuffleWriterKind;
  readonly asked?: Asked;
  /** The output of each task is a partition that stays for later jobs, until its cache is released. */
  readonly keep?: { readonly cache: string; readonly level: StorageLevel };
}

export type PhysicalOf<K extends PhysicalOp['kind']> = Extract<PhysicalOp, { kind: K }>;

/** The share of one leaf that one task reads, in order. */
export type LeafInput =
  /** Opaque to all but engine/sources. */
  | { readonly kind: 'split'; readonly split: unknown }
  | { readonly kind: 'rows'; readonly from: number; readonly to: number }
  /** Reduce partition of the leaf's shuffle; of `maps` only, where several tasks share it. */
  | { readonly kind: 'partition'; readonly partition: number; readonly maps?: MapRange }
  /** Under `coalesce`: the inputs of one child partition. */
  | { readonly kind: 'nested'; readonly inputs: TaskInput };

/** Map tasks from `from` up to, not including, `to`. */
export interface MapRange {
  readonly from: number;
  readonly to: number;
}

/** Leaf id → what it reads; a leaf that is absent yields no rows in this task. */
export type TaskInput = Readonly<Record<number, readonly LeafInput[]>>;

/** Operators that read what a task's input names by their id. */
export type PhysicalLeaf = PhysicalOf<'scan' | 'local' | 'range' | 'shuffleRead' | 'cacheRead' | 'lost'>;

export function isLeaf(op: PhysicalOp): op is PhysicalLeaf {
  switch (op.kind) {
    case 'scan':
    case 'local':
    case 'range':
    case 'shuffleRead':
    case 'cacheRead':
    case 'lost':
      return true;
    default:
      return false;
  }
}

/** The operators right below one. */
export function childrenOf(op: PhysicalOp): readonly PhysicalOp[] {
  if (isLeaf(op)) return [];
  switch (op.kind) {
    case 'union':
      return op.children;
    case 'hashJoin':
    case 'mergeJoin':
      return [op.left, op.right];
    default:
      return [op.child];
  }
}

/** The same operator over other children, in the same order. */
export function withChildren(op: PhysicalOp, children: readonly PhysicalOp[]): PhysicalOp {
  switch (op.kind) {
    case 'scan':
    case 'local':
    case 'range':
    case 'shuffleRead':
    case 'cacheRead':
    case 'lost':
      return op;
    case 'union':
      return { ...op, children };
    case 'hashJoin':
    case 'mergeJoin':
      return { ...op, left: children[0], right: children[1] };
    default:
      return { ...op, child: children[0] };
  }
}
