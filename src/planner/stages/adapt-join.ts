/**
 * Owns: joins that were planned as shuffled by key, of which a side turned out so small that every task can read it whole: the other side
 * need not be shuffled then, and its stage and the one that joins become one. For that it must not have begun: it waits while that may be.
 */
import { formatBytes } from '../../core/units.js';
import { childrenOf, type PhysicalOf, type PhysicalOp, withChildren } from '../physical/operators.js';
import type { Adapted, AdaptSettings, Statistics } from './adapt.js';
import { sumOf } from './even-cut.js';
import type { StageDefinition, StageGraph } from './graph.js';
import { leavesOf, maySpread } from './spread.js';
import { stageName } from './stage-name.js';

type ShuffleRead = PhysicalOf<'shuffleRead'>;

/** A join stage that may do without one of its shuffles. */
export interface JoinCandidate {
  /** The stage that joins. */
  readonly stage: number;
  /** The stage that would not shuffle its rows, and the leaf that would read them. */
  readonly probe: number;
  readonly probeLeaf: number;
  /** The leaves that would be read whole by every task, and the stages that write them. */
  readonly builds: readonly { readonly leaf: number; readonly shuffle: number; readonly stage: number }[];
}

/** All join stages of which this may be said yet. */
export function joinCandidates(graph: StageGraph): JoinCandidate[] {
  return graph.stages.flatMap((definition) => candidateOf(graph, definition) ?? []);
}

function candidateOf(graph: StageGraph, { stage, plan, output, tasks }: StageDefinition): JoinCandidate | null {
  // What is planned as one partition may be where all rows come together.
  if (tasks.length < 2 || (output.kind === 'shuffle' && output.keep)) return null;
  const writers: Writers = new Map(graph.stages.flatMap((s) => (s.output.kind === 'shuffle' ? [[s.output.shuffle, s] as const] : [])));
  const path = probePath(plan, writers);
  if (path === null || path.builds.length === 0 || !maySpread(plan, path.probe.id)) return null;
  const probe = writers.get(path.probe.shuffle);
  if (!probe || !writesForJoin(probe) || graph.stages.some((s) => s.stage !== stage && s.parents.includes(probe.stage))) return null;
  const builds = path.builds.flatMap(({ id, shuffle }) => {
    const writer = writers.get(shuffle);
    return writer ? [{ leaf: id, shuffle, stage: writer.stage }] : [];
  });
  if (builds.length < path.builds.length || builds.some((build) => build.stage === probe.stage)) return null;
  return { stage, probe: probe.stage, probeLeaf: path.probe.id, builds };
}

/** A shuffle that the user asked for stays. */
function writesForJoin({ output }: StageDefinition): boolean {
  return output.kind === 'shuffle' && output.keep === undefined && output.asked === undefined && output.partitioning.kind === 'hash';
}

/** By shuffle. */
type Writers = ReadonlyMap<number, StageDefinition>;

interface ProbePath {
  readonly probe: ShuffleRead;
  readonly builds: readonly ShuffleRead[];
}

/** Down the sides of joins that would stream; null where it ends elsewhere than at a shuffle, or a side must not be broadcast. */
function probePath(op: PhysicalOp, writers: Writers): ProbePath | null {
  if (op.kind === 'shuffleRead') return op.broadcast ? null : { probe: op, builds: [] };
  if (op.kind === 'hashJoin') {
    const side = wholeSide(op, writers);
    if (side === null) return null;
    const builds = readsOf(side === 'left' ? op.left : op.right);
    const path = probePath(side === 'left' ? op.right : op.left, writers);
    return path && builds && { probe: path.probe, builds: [...builds, ...path.builds] };
  }
  const children = childrenOf(op);
  return children.length === 1 && op.kind !== 'coalesce' && op.kind !== 'union' ? probePath(children[0], writers) : null;
}

/** The side that is read whole by every task, or would be; null where none may. */
function wholeSide({ left, right, build, mayBroadcast = [] }: PhysicalOf<'hashJoin'>, writers: Writers): 'left' | 'right' | null {
  if (isWhole(left)) return 'left';
  if (isWhole(right)) return 'right';
  if (mayBroadcast.length < 2) return mayBroadcast[0] ?? null;
  // A side whose rows are known by number will be no smaller than that; the other may.
  const [knowsLeft, knowsRight] = [isCounted(left, writers), isCounted(right, writers)];
  if (knowsLeft === knowsRight) return build;
  return knowsLeft ? 'right' : 'left';
}

/** Whether nothing below leaves out rows or makes more of them, so that estimates are right. */
function isCounted(op: PhysicalOp, writers: Writers): boolean {
  switch (op.kind) {
    case 'shuffleRead': {
      const writer = writers.get(op.shuffle);
      return writer !== undefined && isCounted(writer.plan, writers);
    }
    case 'scan':
      return op.filters.length === 0;
    case 'local':
    case 'range':
    case 'project':
    case 'sort':
    case 'union':
    case 'coalesce':
    case 'window':
      return childrenOf(op).every((child) => isCounted(child, writers));
    default:
      return false;
  }
}

const isWhole = (op: PhysicalOp): boolean => leavesOf(op).every((leaf) => leaf.kind === 'shuffleRead' && leaf.broadcast);

/** The shuffles below one side that are not broadcast yet; null where it reads something else, or tasks differ in what they run of it. */
function readsOf(op: PhysicalOp): readonly ShuffleRead[] | null {
  if (op.kind === 'shuffleRead') return op.broadcast ? [] : [op];
  const children = childrenOf(op);
  if (children.length === 0 || op.kind === 'coalesce' || op.kind === 'union') return null;
  const reads = children.map(readsOf);
  return reads.includes(null) ? null : reads.flatMap((read) => read ?? []);
}

/** The graph in which the probe's stage is part of the join's; unchanged where the build sides, all of them written, are too large. */
export function adaptJoin(graph: StageGraph, candidate: JoinCandidate, statistics: Statistics, settings: AdaptSettings): Adapted {
  const { stage, probe, builds } = candidate;
  const bytes = sumOf(builds.map(({ shuffle }) => sumOf(statistics.get(shuffle)?.bytes ?? [])));
  if (bytes > settings.broadcastBytes) return { graph, decisions: [] };
  const join = graph.stages[stage];
  const streamed = graph.stages[probe];
  const partitions = new Map(builds.map(({ leaf, shuffle }) => [leaf, statistics.get(shuffle)?.bytes.length ?? 1]));
  const { near: _, ...rest } = join;
  const plan = joinedPlan(join.plan, candidate.probeLeaf, streamed.plan, partitions);
  const fused: StageDefinition = {
    ...rest,
    name: stageName(plan, join.output),
    plan,
    tasks: streamed.tasks,
    parents: [...new Set([...join.parents.filter((parent) => parent !== probe), ...streamed.parents])].sort((a, b) => a - b),
    ...(streamed.near && { near: streamed.near }),
  };
  // Nobody reads it any more: it must not ask for its own parents.
  const orphan: StageDefinition = { ...streamed, parents: [] };
  const numbers = {
    'side bytes': bytes,
    rows: sumOf(builds.map(({ shuffle }) => sumOf(statistics.get(shuffle)?.rows ?? []))),
    'at most bytes': settings.broadcastBytes,
    tasks: fused.tasks.length,
  };
  const text = `a side of its join is small (${formatBytes(bytes)}) and read by every task: stage ${probe} need not shuffle, and runs as part of it`;
  return {
    graph: { stages: graph.stages.with(stage, fused).with(probe, orphan) },
    decisions: [{ stage, decision: 'broadcast', text, numbers }],
  };
}

/** `partitions`: by leaf, of those that every task reads. */
function joinedPlan(op: PhysicalOp, probeLeaf: number, probe: PhysicalOp, partitions: ReadonlyMap<number, number>): PhysicalOp {
  if (op.kind === 'shuffleRead') {
    if (op.id === probeLeaf) return probe;
    const count = partitions.get(op.id);
    return count === undefined ? op : { ...op, broadcast: true, partitions: count };
  }
  const joined = withChildren(
    op,
    childrenOf(op).map((child) => joinedPlan(child, probeLeaf, probe, partitions)),
  );
  if (joined.kind !== 'hashJoin') return joined;
  const { mayBroadcast: _, ...join } = joined;
  if (isWhole(join.left)) return { ...join, build: 'left' };
  return isWhole(join.right) ? { ...join, build: 'right' } : joined;
}
