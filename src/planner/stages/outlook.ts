/** Owns: what may still change when the stages run, as text for explain('why'): which tasks may be fewer or more, and which joins may do without a shuffle. */
import { formatBytes } from '../../core/units.js';
import type { AdaptSettings } from './adapt.js';
import { joinCandidates } from './adapt-join.js';
import type { StageGraph } from './graph.js';
import { runsOf } from './stage-reads.js';

/** A line a possibility, in the order of stages; `settings` null where stages run as they are planned. */
export function outlookText(graph: StageGraph, settings: Omit<AdaptSettings, 'slots'> | null): string {
  if (settings === null) return '(nothing changes: adaptive is off)';
  const lines = graph.stages.flatMap(({ stage, name }) => {
    const changes = [...taskChanges(graph, stage, settings.targetBytes), ...joinChanges(graph, stage, settings.broadcastBytes)];
    return changes.length === 0 ? [] : [`stage ${stage} (${name})`, ...changes.map((change) => `  ${change}`)];
  });
  return lines.length === 0 ? '(nothing can change)' : lines.join('\n');
}

function taskChanges(graph: StageGraph, stage: number, targetBytes: number): string[] {
  return runsOf(graph, graph.stages[stage]).flatMap(({ from, to, leaves }) => {
    // One partition may be where all rows come together.
    if (leaves === null || to - from < 2) return [];
    const fewer = `its ${to - from} partitions: small ones may share a task, up to ${formatBytes(targetBytes)} read; empty ones may get none`;
    return leaves.some(({ spreads }) => spreads) ? [`${fewer}; one far larger than the others may be shared by several tasks`] : [fewer];
  });
}

function joinChanges(graph: StageGraph, stage: number, broadcastBytes: number): string[] {
  if (broadcastBytes === 0) return [];
  return joinCandidates(graph)
    .filter((candidate) => candidate.stage === stage)
    .map(({ probe, builds }) => {
      const small = builds.map((build) => `stage ${build.stage}`).join(' and ');
      return `its join: where ${small} writes at most ${formatBytes(broadcastBytes)}, every task reads that whole, and stage ${probe} need not shuffle`;
    });
}
