/**
 * Owns: physical plan → stage graph: every exchange becomes a map stage that writes a shuffle and a leaf that reads it.
 * A range exchange needs two small stages more: a sample of its rows, and the bounds made of it.
 */
import { fatalError } from '../../core/errors.js';
import { FLOAT64, field, type Schema } from '../../data/types.js';
import type { StorageLevel } from '../../frontend/plan/logical.js';
import {
  childrenOf,
  type LeafInput,
  type Partitioning,
  type PhysicalOf,
  type PhysicalOp,
  type ShuffleOutput,
  type TaskInput,
  withChildren,
} from '../physical/operators.js';
import type { PhysicalPlan } from '../physical/plan.js';
import type { StageDefinition, StageGraph, StageOutput } from './graph.js';
import { stageName } from './stage-name.js';

/** How kept rows come about, should they not be there. */
export interface KeptSource {
  readonly plan: Pick<PhysicalPlan, 'root' | 'inputs'>;
  readonly level: StorageLevel;
}

/** `kept`: every cache that the plan reads, and those that these are made of. */
export function cutStages({ root, inputs }: PhysicalPlan, kept: ReadonlyMap<string, KeptSource> = new Map()): StageGraph {
  const job: Job = { stages: [], shuffles: 0, kept, keptStages: new Map() };
  new Cutter(inputs, highestLeaf(root) + 1, job).result(root);
  return { stages: job.stages };
}

/** What the plan of a job and those of the caches in it share. */
interface Job {
  readonly stages: StageDefinition[];
  shuffles: number;
  readonly kept: ReadonlyMap<string, KeptSource>;
  /** Cache → the stage that makes it. */
  readonly keptStages: Map<string, StageDefinition & { readonly output: ShuffleOutput }>;
}

/** An operator tree without exchanges, and the stages whose shuffles it reads. */
interface Fragment {
  readonly op: PhysicalOp;
  readonly parents: readonly number[];
}

/** Rows of the keys that one task contributes to the bounds of a range partitioning. */
const SAMPLE_ROWS = 2000;
/** Where rows lie without rule, partitions are samples themselves: for bounds, one in so many is read, and two at the least. */
const SAMPLE_ONE_IN = 8;

class Cutter {
  private readonly job: Job;
  private readonly inputs: Map<number, readonly (readonly LeafInput[])[]>;
  /** Leaves that read what was spread by hash, or in turns. */
  private readonly spread = new Map<number, 'hash' | 'roundRobin'>();
  private nextLeaf: number;

  constructor(inputs: PhysicalPlan['inputs'], nextLeaf: number, job: Job) {
    this.inputs = new Map(inputs);
    this.nextLeaf = nextLeaf;
    this.job = job;
  }

  result(root: PhysicalOp): void {
    this.addStage(this.cut(root), { kind: 'rows' });
  }

  private keep(cache: string, { plan, level }: KeptSource): StageDefinition & { readonly output: ShuffleOutput } {
    const fragment = this.cut(plan.root);
    const output: ShuffleOutput = {
      kind: 'shuffle',
      shuffle: this.job.shuffles++,
      partitioning: { kind: 'single' },
      partitions: 1,
      keep: { cache, level },
    };
    return { ...this.job.stages[this.addStage(fragment, output)], output };
  }

  /** The stage that makes a cache is planned by itself, once a job, and read partition by partition. */
  private cutCacheRead(op: PhysicalOf<'cacheRead'>): Fragment {
    const { job } = this;
    let made = job.keptStages.get(op.cache);
    if (!made) {
      const source = job.kept.get(op.cache);
      if (!source) throw fatalError('INTERNAL_ERROR', `Nobody knows how ${op.cache} comes about.`);
      made = new Cutter(source.plan.inputs, highestLeaf(source.plan.root) + 1, job).keep(op.cache, source);
      job.keptStages.set(op.cache, made);
    }
    this.inputs.set(
      op.id,
      made.tasks.map((_, partition) => [{ kind: 'partition', partition }]),
    );
    return { op: { ...op, shuffle: made.output.shuffle }, parents: [made.stage] };
  }

  private cut(op: PhysicalOp): Fragment {
    if (op.kind === 'exchange') return this.cutExchange(op);
    if (op.kind === 'cacheRead') return this.cutCacheRead(op);
    const children = childrenOf(op).map((child) => this.cut(child));
    const parents = [...new Set(children.flatMap((c) => c.parents))];
    return {
      op: withChildren(
        op,
        children.map((c) => c.op),
      ),
      parents,
    };
  }

  private cutExchange(op: PhysicalOf<'exchange'>): Fragment {
    const child = this.cut(op.child);
    const partitioning = op.partitioning.kind === 'range' ? op.partitioning : null;
    if (partitioning === null) return this.shuffle(child, op.partitioning, [], op);
    const bounds = this.rangeBounds(child, partitioning);
    return this.shuffle(child, { ...partitioning, bounds: bounds.shuffle }, bounds.parents, op);
  }

  /** Ends a map stage; gives the leaf that reads what it wrote. */
  private shuffle(
    child: Fragment,
    partitioning: Partitioning,
    parents: readonly number[],
    { writer, asked }: Pick<PhysicalOf<'exchange'>, 'writer' | 'asked'> = {},
  ): Fragment & { readonly shuffle: number } {
    const shuffle = this.job.shuffles++;
    const partitions = partitioning.kind === 'single' || partitioning.kind === 'broadcast' ? 1 : partitioning.partitions;
    const output: ShuffleOutput = {
      kind: 'shuffle',
      shuffle,
      partitioning,
      partitions,
      ...(writer && { writer }),
      ...(asked && { asked }),
    };
    const stage = this.addStage({ ...child, parents: [...child.parents, ...parents] }, output);
    const id = this.nextLeaf++;
    const broadcast = partitioning.kind === 'broadcast';
    if (partitioning.kind === 'hash' || partitioning.kind === 'roundRobin') this.spread.set(id, partitioning.kind);
    if (!broadcast)
      this.inputs.set(
        id,
        Array.from({ length: partitions }, (_, partition) => [{ kind: 'partition', partition }]),
      );
    return { op: { kind: 'shuffleRead', id, schema: child.op.schema, shuffle, broadcast }, parents: [stage], shuffle };
  }

  private rangeBounds(
    child: Fragment,
    { keys, partitions }: Extract<Partitioning, { kind: 'range' }>,
  ): Fragment & { readonly shuffle: number } {
    const keyFields = keys.map((key, i) => field(`k${i}`, key.expr.type));
    const sampled: Schema = { fields: [...keyFields, field('weight', FLOAT64, false)] };
    const sample = this.shuffle(
      { op: { kind: 'sample', schema: sampled, child: child.op, keys, rows: SAMPLE_ROWS }, parents: child.parents },
      { kind: 'single' },
      [],
    );
    const ordinals = keys.map((key, index) => ({ ...key, expr: { kind: 'input' as const, index, type: key.expr.type, nullable: true } }));
    const schema: Schema = { fields: keyFields };
    const bounds: PhysicalOp = { kind: 'rangeBounds', schema, child: sample.op, keys: ordinals, partitions };
    return this.shuffle({ op: bounds, parents: sample.parents }, { kind: 'broadcast' }, []);
  }

  private addStage({ op, parents }: Fragment, output: StageOutput): number {
    const { stages } = this.job;
    const stage = stages.length;
    const all = this.tasksOf(op);
    if (all === null) throw fatalError('INTERNAL_ERROR', `Stage ${stage} has no input that says how many tasks it is.`);
    const tasks = op.kind === 'sample' ? this.sampledOf(op, all) : all;
    const near = this.nearOf(op, tasks);
    stages.push({
      stage,
      name: stageName(op, output),
      plan: op,
      schema: op.schema,
      output,
      tasks,
      parents: [...new Set(parents)].sort((a, b) => a - b),
      ...(near && { near }),
    });
    return stage;
  }

  /** The tasks that are enough to find bounds. Few keys may leave most partitions by hash empty: those count only where each key is one row. */
  private sampledOf(op: PhysicalOp, tasks: readonly TaskInput[]): readonly TaskInput[] {
    const isOneRowAKey = isGrouped(op);
    const isSample = (leaf: string): boolean => {
      const spread = this.spread.get(Number(leaf));
      return spread === 'roundRobin' || (spread === 'hash' && isOneRowAKey);
    };
    return tasks.every((inputs) => Object.keys(inputs).every(isSample))
      ? tasks.slice(0, Math.max(2, Math.ceil(tasks.length / SAMPLE_ONE_IN)))
      : tasks;
  }

  /** The inputs of each task; null where every task reads the same (broadcasts). */
  private tasksOf(op: PhysicalOp): TaskInput[] | null {
    if (op.kind === 'coalesce') return this.coalesced(op);
    if (op.kind === 'union') return op.children.flatMap((child) => this.tasksOf(child) ?? []);
    const children = childrenOf(op);
    if (children.length === 0 && 'id' in op) return this.inputs.get(op.id)?.map((inputs) => ({ [op.id]: inputs })) ?? null;
    return children.map((child) => this.tasksOf(child)).reduce((a, b) => merge(a, b), null);
  }

  /** By the first cache that is read. */
  private nearOf(op: PhysicalOp, tasks: readonly TaskInput[]): StageDefinition['near'] {
    const leaf = firstCacheRead(op);
    if (!leaf) return undefined;
    const stage = this.job.keptStages.get(leaf.cache)?.stage;
    if (stage === undefined) return undefined;
    return { stage, partitions: tasks.map((input) => firstPartition(input, leaf.id)) };
  }

  private coalesced(op: PhysicalOf<'coalesce'>): TaskInput[] {
    const inner = this.tasksOf(op.child) ?? [];
    return Array.from({ length: op.partitions }, (_, i) => {
      const [from, to] = [Math.floor((inner.length * i) / op.partitions), Math.floor((inner.length * (i + 1)) / op.partitions)];
      return { [op.id]: inner.slice(from, to).map((inputs) => ({ kind: 'nested', inputs })) };
    });
  }
}

/** Whether the rows are those of groups, perhaps projected or filtered. */
function isGrouped(op: PhysicalOp): boolean {
  const children = childrenOf(op);
  return op.kind === 'hashAggregate' || op.kind === 'sortAggregate'
    ? op.mode !== 'partial'
    : children.length === 1 && isGrouped(children[0]);
}

/** Both sides of a join, task by task. */
function merge(a: TaskInput[] | null, b: TaskInput[] | null): TaskInput[] | null {
  if (a === null || b === null) return a ?? b;
  if (a.length !== b.length)
    throw fatalError('INTERNAL_ERROR', `Sides of ${a.length} and ${b.length} partitions cannot be joined in one stage.`);
  return a.map((inputs, i) => ({ ...inputs, ...b[i] }));
}

function highestLeaf(op: PhysicalOp): number {
  return Math.max('id' in op ? op.id : -1, ...childrenOf(op).map(highestLeaf));
}

function firstCacheRead(op: PhysicalOp): PhysicalOf<'cacheRead'> | null {
  if (op.kind === 'cacheRead') return op;
  for (const child of childrenOf(op)) {
    const found = firstCacheRead(child);
    if (found) return found;
  }
  return null;
}

/** The first partition that a leaf reads in a task, also below a coalesce; -1 where it reads none. */
function firstPartition(input: TaskInput, leaf: number): number {
  for (const item of input[leaf] ?? []) if (item.kind === 'partition') return item.partition;
  for (const items of Object.values(input)) {
    for (const item of items) {
      const found = item.kind === 'nested' ? firstPartition(item.inputs, leaf) : -1;
      if (found >= 0) return found;
    }
  }
  return -1;
}
