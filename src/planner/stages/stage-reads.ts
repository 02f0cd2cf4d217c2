/**
 * Owns: which tasks of a stage read partitions that need not stay as they are planned: put together, or shared where their rows may be spread.
 * A user's own number of partitions, kept partitions and what is read whole by every task stay.
 */
import type { PhysicalOf, ShuffleOutput, TaskInput } from '../physical/operators.js';
import type { StageDefinition, StageGraph } from './graph.js';
import { leavesOf, maySpread } from './spread.js';

/** Tasks in a row that read the same leaves, one partition each. */
export interface Run {
  readonly from: number;
  readonly to: number;
  /** Null where their partitions must stay as they are. */
  readonly leaves: readonly ReadLeaf[] | null;
}

export interface ReadLeaf {
  readonly id: number;
  readonly shuffle: number;
  /** Whether its rows may be shared among tasks. */
  readonly spreads: boolean;
}

/** All tasks of the stage, in order. */
export function runsOf(graph: StageGraph, { plan, tasks, output }: StageDefinition): Run[] {
  // Where each kept partition lies is known by its number.
  if (output.kind === 'shuffle' && output.keep) return [{ from: 0, to: tasks.length, leaves: null }];
  const outputs = graph.stages.flatMap((stage) => (stage.output.kind === 'shuffle' ? [stage.output] : []));
  const outputOf = new Map(outputs.map((written) => [written.shuffle, written]));
  const reads = leavesOf(plan).flatMap((leaf) => (leaf.kind === 'shuffleRead' && !leaf.broadcast ? [leaf] : []));
  const leaves = new Map(reads.map((read) => [read.id, leafOf(read, outputOf.get(read.shuffle), plan)]));
  const runs: Run[] = [];
  for (let from = 0, to = 0; from < tasks.length; from = to) {
    const names = Object.keys(tasks[from]).join();
    for (to = from + 1; to < tasks.length && Object.keys(tasks[to]).join() === names; ) to++;
    const found = Object.keys(tasks[from]).map((id) => leaves.get(Number(id)) ?? null);
    const isPlain = found.length > 0 && tasks.slice(from, to).every((task) => partitionOf(task) !== null);
    runs.push({ from, to, leaves: isPlain && found.every((leaf) => leaf !== null) ? found : null });
  }
  return runs;
}

function leafOf(
  { id, shuffle }: PhysicalOf<'shuffleRead'>,
  output: ShuffleOutput | undefined,
  plan: StageDefinition['plan'],
): ReadLeaf | null {
  if (!output || output.asked === 'partitions') return null;
  const { kind } = output.partitioning;
  if (kind !== 'hash' && kind !== 'range') return null;
  return { id, shuffle, spreads: kind === 'hash' && output.asked === undefined && maySpread(plan, id) };
}

/** The one partition that a task reads of all its leaves; null where it is not so. */
export function partitionOf(task: TaskInput): number | null {
  let found: number | null = null;
  for (const inputs of Object.values(task)) {
    const [input] = inputs;
    if (inputs.length !== 1 || input.kind !== 'partition' || input.maps !== undefined) return null;
    if (found !== null && found !== input.partition) return null;
    found = input.partition;
  }
  return found;
}
