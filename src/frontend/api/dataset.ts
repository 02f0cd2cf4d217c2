/**
 * Owns: Dataset<T>, the functional API: JavaScript values under functions of the user. As with DataFrame, transformations build a plan
 * and actions run it. Functions are synchronous; their captures are read when they are handed in. Datasets of [key, value] pairs have the
 * ByKey methods.
 */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { decodeElement } from '../../data/element.js';
import { schemaDdl } from '../../data/schema-text.js';
import type { Schema } from '../../data/types.js';
import type { SortKey } from '../plan/expression.js';
import type { ElementForm, ElementMap, GroupMap, Plan, SaveMode } from '../plan/logical.js';
import { call } from './column-function.js';
import { DataFrame } from './dataframe.js';
import type { RowOf } from './ddl-types.js';
import { DRIVER_ONLY } from './driver-only.js';
import { type Elements, elementPlan, oneKeyPlan, pairPlan, select, textPlan } from './element-plans.js';
import { count } from './functions-aggregate.js';
import { col, lit } from './functions-core.js';
import { Keepable } from './keepable.js';
import type { UserCode } from './pending-closures.js';
import type { KeyPartitioner } from './repartition.js';
import { collectBatches, collectCount, columnValues, rowObjects, type SessionContext } from './results.js';
import type { TaskInfo } from './task-info.js';
import { schemaOfText } from './type-text.js';
import { partitionCount, wholeNumber } from './whole-number.js';
import { DataFrameWriter } from './writer.js';

export class Dataset<T> extends Keepable implements Elements {
  /** How elements lie in the plan's columns. */
  readonly form: ElementForm;
  readonly [DRIVER_ONLY] = 'Dataset';
  /** Never there at run time: it holds T for the compiler. */
  declare readonly element?: T;

  constructor(session: SessionContext, plan: Plan, form: ElementForm) {
    super(session, plan);
    this.form = form;
  }

  // One element at a time

  map<U>(fn: (element: T, info: TaskInfo) => U): Dataset<U> {
    return this.mapped('map', fn, 'element');
  }

  /** Any number of elements for each one. */
  flatMap<U>(fn: (element: T, info: TaskInfo) => Iterable<U>): Dataset<U> {
    return this.mapped('flatMap', fn, 'element');
  }

  filter<U extends T>(fn: (element: T, info: TaskInfo) => element is U): Dataset<U>;
  filter(fn: (element: T, info: TaskInfo) => boolean): Dataset<T>;
  filter(fn: (element: T, info: TaskInfo) => boolean): Dataset<T> {
    return this.mapped('filter', fn, this.form);
  }

  /** All elements of a partition at once, read one by one as they are asked for. */
  mapPartitions<U>(fn: (elements: Iterable<T>, info: TaskInfo) => Iterable<U>): Dataset<U> {
    return this.mapped('mapPartitions', fn, 'element');
  }

  // Pairs

  /** Pairs [fn(element), element]. Throws INVALID_KEY in the task for a key that is no scalar or array of them. */
  keyBy<K>(fn: (element: T, info: TaskInfo) => K): Dataset<[K, T]> {
    return this.mapped('keyBy', fn, 'pair');
  }

  mapValues<K, V, W>(this: Dataset<[K, V]>, fn: (value: V, info: TaskInfo) => W): Dataset<[K, W]> {
    return this.asPairs().mapped('mapValues', fn, 'pair');
  }

  keys<K, V>(this: Dataset<[K, V]>): Dataset<K> {
    return new Dataset(this.session, select(pairPlan(this), col('key').as('value')), 'element');
  }

  values<K, V>(this: Dataset<[K, V]>): Dataset<V> {
    return new Dataset(this.session, select(pairPlan(this), col('value')), 'element');
  }

  /**
   * One pair a key: its values folded by fn, in any order, on both sides of the shuffle. Keys are sorted within a partition, and lie in that
   * which `partitioner` says, by hash unless it is given.
   */
  reduceByKey<K, V>(this: Dataset<[K, V]>, fn: (a: V, b: V) => V, partitions?: number, partitioner?: KeyPartitioner<K>): Dataset<[K, V]> {
    const map: GroupMap = { op: 'combine', fn: this.session.backend.encodeClosure(fn), combiner: null };
    return this.grouped('reduceByKey', map, partitions, partitioner);
  }

  /** One pair a key, with the array of its values: all must fit into memory. Prefer reduceByKey(), which shuffles one value a key. */
  groupByKey<K, V>(this: Dataset<[K, V]>, partitions?: number, partitioner?: KeyPartitioner<K>): Dataset<[K, V[]]> {
    return this.grouped('groupByKey', { op: 'group', fn: null, combiner: null }, partitions, partitioner);
  }

  /**
   * The pairs by key: by its hash, or in the partition that the function gives, a whole number from 0 to `partitions` - 1. It is called once
   * a pair; anything else ends the job with INVALID_PARTITION at the function's line.
   */
  partitionBy<K, V>(this: Dataset<[K, V]>, partitions: number, partitioner?: KeyPartitioner<K>): Dataset<[K, V]> {
    const fn = partitioner && this.session.backend.encodeClosure(partitioner);
    const plan: Plan = {
      kind: 'repartition',
      child: pairPlan(this),
      partitions: partitionCount(partitions, 'partitionBy'),
      exprs: Object.freeze([col('key').expr]),
      ...(fn && { partitioner: Object.freeze({ kind: 'key' as const, fn }) }),
      site: callSite(),
    };
    return new Dataset(this.session, plan, 'pair');
  }

  // All elements

  /** Sorted by the keys that fn gives. */
  sortBy<K>(fn: (element: T, info: TaskInfo) => K, ascending = true): Dataset<T> {
    const keyed = this.keyBy(fn);
    const keys: readonly SortKey[] = Object.freeze([Object.freeze({ expr: col('key').expr, ascending, nullsFirst: ascending })]);
    const plan: Plan = Object.freeze({ kind: 'sort', child: keyed.plan, keys, global: true, site: callSite() });
    return new Dataset(this.session, select(plan, col('value')), 'element');
  }

  /** Each element once: those that encode to the same bytes are the same, so the order of an object's fields counts. */
  distinct(): Dataset<T> {
    return this.same({ kind: 'distinct', child: this.plan });
  }

  union(other: Dataset<T>): Dataset<T> {
    if (other.form === this.form && this.form !== 'row')
      return this.same({ kind: 'union', children: Object.freeze([this.plan, other.plan]), site: callSite() });
    const children = Object.freeze([elementPlan(this), elementPlan(other)]);
    return new Dataset(this.session, { kind: 'union', children, site: callSite() }, 'element');
  }

  repartition(partitions: number): Dataset<T> {
    return this.same({
      kind: 'repartition',
      child: this.plan,
      partitions: partitionCount(partitions, 'repartition'),
      exprs: Object.freeze([]),
      site: callSite(),
    });
  }

  coalesce(partitions: number): Dataset<T> {
    return this.same({ kind: 'coalesce', child: this.plan, partitions: partitionCount(partitions, 'coalesce') });
  }

  /** Elements that are objects, or arrays of as many items, as rows of a schema. */
  toDF<const D extends string | Schema>(schema: D): DataFrame<RowOf<D>> {
    const parsed = schemaOfText(schema);
    const row = call('from_element', col('value').expr, lit(`struct<${schemaDdl(parsed)}>`).expr).as('row');
    const fields = parsed.fields.map((f) => call('getfield', col('row').expr, lit(f.name).expr).as(f.name));
    return new DataFrame(this.session, select(select(elementPlan(this), row), ...fields));
  }

  // What is kept

  /** Computes the elements into files below `checkpoint.dir`; gives a Dataset that reads them. */
  async checkpoint(): Promise<Dataset<T>> {
    return this.same(await this.checkpointPlan());
  }

  /** Computes the elements into the workers' storage; gives a Dataset that reads them and cannot compute them again. */
  async localCheckpoint(): Promise<Dataset<T>> {
    return this.same(await this.localCheckpointPlan());
  }

  // Actions

  /** All elements. Bounded by `driver.maxResultSize`. */
  async collect(): Promise<T[]> {
    const { schema, batches } = await collectBatches(this.session, this.plan);
    const elements: unknown[] = [];
    for (const batch of batches) for (const element of elementsOf(this.form, schema, batch)) elements.push(element);
    return elements as T[];
  }

  async take(elements: number): Promise<T[]> {
    return this.same({ kind: 'limit', child: this.plan, limit: wholeNumber(elements, 'take'), offset: 0 }).collect();
  }

  /** The first element, or null where there is none. */
  async first(): Promise<T | null> {
    return (await this.take(1))[0] ?? null;
  }

  /** Number of elements. */
  async count(): Promise<number> {
    const aggregates = Object.freeze([count().expr]);
    return collectCount(
      this.session,
      Object.freeze({ kind: 'aggregate', child: this.plan, groupings: Object.freeze([]), aggregates, site: callSite() }),
    );
  }

  /** All elements folded by fn, in any order. Throws a user error EMPTY_DATASET where there is none. */
  async reduce(fn: (a: T, b: T) => T): Promise<T> {
    const map: GroupMap = Object.freeze({ op: 'combine', fn: this.session.backend.encodeClosure(fn), combiner: null });
    const plan: Plan = { kind: 'mapGroups', child: oneKeyPlan(this), map, partitions: 1, site: callSite() };
    const pairs = await new Dataset<[null, T]>(this.session, plan, 'pair').collect();
    if (pairs.length > 0) return pairs[0][1];
    throw userError('EMPTY_DATASET', 'reduce() of a Dataset without elements has no result.', { site: callSite() ?? undefined });
  }

  /** A line an element, part files under `path`: text as it is, other scalars as text, the rest as JSON; of a pair key, tab and value. */
  async saveAsTextFile(path: string, mode: SaveMode = 'error'): Promise<void> {
    return new DataFrameWriter(this.session, textPlan(this)).mode(mode).text(path);
  }

  private mapped<U>(op: ElementMap['op'], fn: UserCode, to: ElementForm): Dataset<U> {
    const map: ElementMap = Object.freeze({ op, fn: this.session.backend.encodeClosure(fn), from: this.form, to });
    return new Dataset(this.session, { kind: 'mapElements', child: this.plan, map, site: callSite() }, to);
  }

  private grouped<U, K>(method: string, map: GroupMap, wanted: number | undefined, partitioner: KeyPartitioner<K> | undefined): Dataset<U> {
    const partitions = wanted === undefined ? null : partitionCount(wanted, method);
    const full = partitioner ? { ...map, partitioner: this.session.backend.encodeClosure(partitioner) } : map;
    return new Dataset(
      this.session,
      { kind: 'mapGroups', child: pairPlan(this), map: Object.freeze(full), partitions, site: callSite() },
      'pair',
    );
  }

  private asPairs(): Dataset<T> {
    return new Dataset(this.session, pairPlan(this), 'pair');
  }

  private same(plan: Plan): Dataset<T> {
    return new Dataset(this.session, plan, this.form);
  }
}

/** The elements of a batch of a plan whose elements lie in `form`. */
function elementsOf(form: ElementForm, schema: Schema, batch: Batch): unknown[] {
  const decoded = (i: number) => columnValues(batch.columns[i], schema.fields[i].type).map((bytes) => decodeElement(bytes as Uint8Array));
  switch (form) {
    case 'row':
      return rowObjects(schema, batch);
    case 'value':
      return columnValues(batch.columns[0], schema.fields[0].type);
    case 'element':
      return decoded(0);
    case 'pair': {
      const values = decoded(1);
      return decoded(0).map((key, row) => [key, values[row]]);
    }
    default:
      return form satisfies never;
  }
}
