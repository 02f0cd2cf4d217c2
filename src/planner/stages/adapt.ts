/**
 * Owns: changing a stage before it begins, by what the stages that it reads have written: pure, (graph, statistics) → graph and decisions.
 * Empty partitions get no task, small neighbours share one, and a partition that is far larger than the others is shared by several.
 * Joins that turn out to need no shuffle are the business of adapt-join.ts.
 */
import { formatBytes } from '../../core/units.js';
import type { LeafInput, TaskInput } from '../physical/operators.js';
import { cutEvenly, maxOf, medianOf, sumOf } from './even-cut.js';
import type { StageDefinition, StageGraph } from './graph.js';
import { givesNothing } from './spread.js';
import { partitionOf, type ReadLeaf, type Run, runsOf } from './stage-reads.js';

/** What a map stage has written. */
export interface ShuffleStatistics {
  /** By reduce partition. */
  readonly bytes: readonly number[];
  readonly rows: readonly number[];
  /** Bytes of one reduce partition by map task. */
  readonly mapBytes: (partition: number) => readonly number[];
}

/** Of those stages that have finished, by shuffle. */
export type Statistics = ReadonlyMap<number, ShuffleStatistics>;

export interface AdaptSettings {
  /** Task slots of the cluster, at least 1. */
  readonly slots: number;
  /** Bytes that a task should read: smaller partitions are put together up to it, larger ones shared if they stand out. */
  readonly targetBytes: number;
  /** Most bytes of rows that are sent whole to every task; 0: none are. */
  readonly broadcastBytes: number;
}

/** Why a stage was changed; the event `plan-adapted` carries it. */
export interface Adaptation {
  readonly stage: number;
  readonly decision: 'coalesce' | 'broadcast' | 'skew' | 'empty';
  readonly text: string;
  readonly numbers: Readonly<Record<string, number>>;
}

export interface Adapted {
  readonly graph: StageGraph;
  readonly decisions: readonly Adaptation[];
}

/** Below this a task is not worth its start, however many slots idle. */
const LEAST_BYTES = 256 << 10;
/** A partition stands out that is so many times the median, or so many times what a slot would read if all read the same. */
const SKEW_FACTOR = 4;
const SLOT_FACTOR = 1.4;
/** Shares of a slot that the largest task of a stage may take. */
const PARTS_A_SLOT = 4;

/** The stage with other tasks, where that is better; its parents have finished. */
export function adaptStage(graph: StageGraph, stage: number, statistics: Statistics, settings: AdaptSettings): Adapted {
  const definition = graph.stages[stage];
  const planner = new TaskPlanner(graph, definition, statistics, settings);
  const decisions = planner.plan();
  if (decisions.length === 0) return { graph, decisions: [] };
  const { tasks, origins } = planner;
  const { near } = definition;
  const moved = near && { near: { ...near, partitions: origins.map((origin) => near.partitions[origin]) } };
  const stages = graph.stages.with(stage, { ...definition, tasks, ...moved });
  return { graph: { stages }, decisions };
}

/** A partition of all the leaves that tasks read together. */
interface Partition {
  /** Which task of the stage it was. */
  readonly origin: number;
  readonly partition: number;
  /** By leaf, as in `Run.leaves`. */
  readonly bytes: readonly number[];
}

/** A leaf whose partitions may change, with what was written for it. */
interface WrittenLeaf extends ReadLeaf {
  readonly statistics: ShuffleStatistics;
}

class TaskPlanner {
  readonly tasks: TaskInput[] = [];
  /** Of each task, one that it was before. */
  readonly origins: number[] = [];
  private readonly definition: StageDefinition;
  private readonly statistics: Statistics;
  private readonly settings: AdaptSettings;
  private readonly runs: readonly Run[];
  private readonly decisions: Adaptation[] = [];

  constructor(graph: StageGraph, definition: StageDefinition, statistics: Statistics, settings: AdaptSettings) {
    this.definition = definition;
    this.statistics = statistics;
    this.settings = settings;
    this.runs = runsOf(graph, definition);
  }

  plan(): readonly Adaptation[] {
    for (const run of this.runs) {
      const leaves = this.writtenLeaves(run);
      if (leaves === null) this.keep(run);
      else this.planRun(run, leaves);
    }
    return this.decisions;
  }

  private writtenLeaves({ leaves }: Run): readonly WrittenLeaf[] | null {
    const written = (leaves ?? []).flatMap((leaf) => {
      const statistics = this.statistics.get(leaf.shuffle);
      return statistics ? [{ ...leaf, statistics }] : [];
    });
    return leaves !== null && written.length === leaves.length ? written : null;
  }

  private keep({ from, to }: Run): void {
    for (let task = from; task < to; task++) this.add(this.definition.tasks[task], task);
  }

  private add(task: TaskInput, origin: number): void {
    this.tasks.push(task);
    this.origins.push(origin);
  }

  private planRun(run: Run, leaves: readonly WrittenLeaf[]): void {
    const all = this.definition.tasks.slice(run.from, run.to).map((task, i): Partition => {
      const partition = partitionOf(task) as number;
      return { origin: run.from + i, partition, bytes: leaves.map((leaf) => leaf.statistics.bytes[partition]) };
    });
    const full = this.withoutEmpty(all, leaves);
    // What is planned as one partition may be where all rows come together.
    const splits = all.length > 1 ? this.findSkewed(full, leaves) : new Map<number, readonly TaskInput[]>();
    const total = sumOf(full.flatMap(({ bytes }, i) => (splits.has(i) ? [] : bytes)));
    const target = this.taskBytes(total);
    const before = this.tasks.length;
    let shares = 0;
    for (let from = 0, to = 0; from < full.length; from = to) {
      const split = splits.get(from);
      to = from + 1;
      if (split) {
        shares += split.length;
        for (const inputs of split) this.add(inputs, full[from].origin);
        continue;
      }
      while (to < full.length && !splits.has(to)) to++;
      this.coalesce(full.slice(from, to), leaves, target);
    }
    const tasks = this.tasks.length - before - shares;
    const whole = full.filter((_, i) => !splits.has(i));
    if (tasks < whole.length) this.decideCoalesce(whole, tasks, target);
  }

  /** At least one stays: what comes of no rows at all, be it an empty file, is told by a task. */
  private withoutEmpty(all: readonly Partition[], leaves: readonly WrittenLeaf[]): readonly Partition[] {
    const { plan, stage } = this.definition;
    const isEmpty = ({ bytes }: Partition): boolean =>
      bytes.includes(0) &&
      givesNothing(plan, (read) => {
        const index = leaves.findIndex(({ id }) => id === read.id);
        if (index >= 0) return bytes[index] === 0;
        // What another part of a union reads is not read in this task.
        return !read.broadcast || sumOf(this.statistics.get(read.shuffle)?.bytes ?? [1]) === 0;
      });
    const full = all.filter((partition) => !isEmpty(partition));
    const rest = full.length === 0 && this.tasks.length === 0 ? all.slice(0, 1) : full;
    if (rest.length < all.length) {
      const empty = all.length - rest.length;
      const text = `${empty} of ${all.length} partitions give no rows and get no task`;
      this.decisions.push({ stage, decision: 'empty', text, numbers: { partitions: all.length, empty } });
    }
    return rest;
  }

  /** What a task should read, so that slots are busy and no task is tiny. */
  private taskBytes(total: number): number {
    const { slots, targetBytes } = this.settings;
    const wanted = Math.max(Math.min(LEAST_BYTES, targetBytes), Math.min(targetBytes, Math.ceil(total / slots)));
    const tasks = Math.ceil(total / wanted);
    return tasks <= slots ? wanted : Math.ceil(total / (Math.ceil(tasks / slots) * slots));
  }

  private coalesce(partitions: readonly Partition[], leaves: readonly WrittenLeaf[], target: number): void {
    const sizes = partitions.map(({ bytes }) => sumOf(bytes));
    const count = Math.max(1, Math.min(sizes.length, Math.round(sumOf(sizes) / target)));
    for (const { from, to } of cutEvenly(sizes, count)) {
      const together = partitions.slice(from, to);
      const inputs = leaves.map(({ id }) => [id, together.map(({ partition }): LeafInput => ({ kind: 'partition', partition }))]);
      this.add(Object.fromEntries(inputs), together[0].origin);
    }
  }

  private decideCoalesce(partitions: readonly Partition[], tasks: number, target: number): void {
    const sizes = partitions.map(({ bytes }) => sumOf(bytes));
    const [count, bytes] = [partitions.length, sumOf(sizes)];
    const text = `${count} small partitions (${formatBytes(bytes)}) are read by ${tasks} ${tasks === 1 ? 'task' : 'tasks'}`;
    const numbers = { partitions: count, tasks, bytes, 'largest bytes': maxOf(sizes), 'target bytes': target };
    this.decisions.push({ stage: this.definition.stage, decision: 'coalesce', text, numbers });
  }

  /** Which of the partitions are shared by several tasks: what each of these reads. */
  private findSkewed(all: readonly Partition[], leaves: readonly WrittenLeaf[]): ReadonlyMap<number, readonly TaskInput[]> {
    const { targetBytes, slots } = this.settings;
    const total = sumOf(all.flatMap(({ bytes }) => bytes));
    const medians = leaves.map((_, leaf) => medianOf(all.map(({ bytes }) => bytes[leaf])));
    const isSkewed = (leaf: number, bytes: number): boolean =>
      leaves[leaf].spreads && bytes > targetBytes && bytes > Math.min(SKEW_FACTOR * medians[leaf], (SLOT_FACTOR * total) / slots);
    const found = new Map<number, readonly TaskInput[]>();
    const largest = { bytes: 0, median: 0 };
    all.forEach(({ partition, bytes }, index) => {
      const skewed = leaves.map((_, leaf) => leaf).filter((leaf) => isSkewed(leaf, bytes[leaf]));
      if (skewed.length === 0) return;
      const leaf = skewed.reduce((a, b) => (bytes[b] > bytes[a] ? b : a));
      const others = sumOf(bytes) - bytes[leaf];
      const part = Math.max(targetBytes, others, total / (slots * PARTS_A_SLOT));
      const ranges = cutEvenly(leaves[leaf].statistics.mapBytes(partition), Math.ceil(bytes[leaf] / part));
      if (ranges.length < 2) return;
      const shares = ranges.map((maps) => {
        const inputs = leaves.map(({ id }, i) => [id, [{ kind: 'partition', partition, ...(i === leaf && { maps }) }]]);
        return Object.fromEntries(inputs) as TaskInput;
      });
      found.set(index, shares);
      if (bytes[leaf] > largest.bytes) Object.assign(largest, { bytes: bytes[leaf], median: medians[leaf] });
    });
    if (found.size > 0) this.decideSkew(all.length, found, largest);
    return found;
  }

  private decideSkew(
    partitions: number,
    found: ReadonlyMap<number, readonly TaskInput[]>,
    largest: { readonly bytes: number; readonly median: number },
  ): void {
    const tasks = sumOf([...found.values()].map((shares) => shares.length));
    const what = found.size === 1 ? `1 partition of ${partitions} is` : `${found.size} partitions of ${partitions} are`;
    const text = `${what} far larger than the others (up to ${formatBytes(largest.bytes)}) and shared by ${tasks} tasks`;
    const numbers = { partitions, shared: found.size, tasks, 'largest bytes': largest.bytes, 'median bytes': largest.median };
    this.decisions.push({ stage: this.definition.stage, decision: 'skew', text, numbers });
  }
}
