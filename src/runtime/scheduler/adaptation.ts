/**
 * Owns: when stages are changed by what others have written (planner/stages/adapt.ts says how), and which of them wait for that.
 * A stage changes only before its first round: its tasks, and who reads which of whose maps, are the same in all rounds.
 */
import type { Config } from '../../core/config.js';
import { type Adaptation, type Adapted, type AdaptSettings, adaptStage, type ShuffleStatistics } from '../../planner/stages/adapt.js';
import { adaptJoin, type JoinCandidate, joinCandidates } from '../../planner/stages/adapt-join.js';
import type { StageGraph } from '../../planner/stages/graph.js';
import { type AdaptiveState, type JobState, linkStages, type StageState } from './job-state.js';
import type { Turn } from './state.js';

/** In memory rows of a small side take a table and some more; compressed blocks hold more of them than their bytes tell. */
const TABLE_SHARE = 4;
const COMPRESSION = 3;

/** Null where `adaptive` says no. */
export function createAdaptive(graph: StageGraph, config: Config): AdaptiveState | null {
  if (config.get('adaptive') !== 'true') return null;
  const memory = config.get('memory') / TABLE_SHARE;
  const density = config.get('shuffle.codec') === 'none' ? 1 : COMPRESSION;
  const broadcastBytes = Math.floor(Math.min(config.get('broadcast.threshold'), memory) / density);
  return {
    targetBytes: Math.floor(Math.min(config.get('adaptive.targetBytes'), memory) / density),
    broadcastBytes,
    candidates: broadcastBytes > 0 ? joinCandidates(graph) : [],
    held: new Set(),
  };
}

/** Whether the stage waits: a join may do without its shuffle. */
export function isHeld(stage: StageState): boolean {
  return stage.job.adaptive?.held.has(stage.definition.stage) ?? false;
}

/** Whether others wait to know whether this stage writes little. */
export function isAwaited({ job, definition }: StageState): boolean {
  return job.adaptive?.candidates.some(({ builds }) => builds.some(({ stage }) => stage === definition.stage)) ?? false;
}

/** Decides of joins what can be decided by now. To be called before stages are found ready. */
export function adaptJoins(turn: Turn, job: JobState): void {
  const { adaptive } = job;
  if (adaptive === null) return;
  for (let at = 0; at < adaptive.candidates.length; ) {
    turn.state.steps++;
    const candidate = adaptive.candidates[at];
    switch (outlook(job, candidate, adaptive)) {
      case 'open':
        at++;
        break;
      case 'no':
        adaptive.candidates = adaptive.candidates.toSpliced(at, 1);
        break;
      case 'small': {
        const adapted = adaptJoin(graphOf(job), candidate, statisticsOf(job), settingsOf(turn, adaptive));
        redefine(turn, job, adapted, [candidate.stage, candidate.probe]);
        adaptive.candidates = adaptive.candidates.filter(
          ({ stage, probe }) => stage !== candidate.stage && stage !== candidate.probe && probe !== candidate.probe,
        );
        adaptive.candidates = [...adaptive.candidates, ...joinCandidates(graphOf(job)).filter(({ stage }) => stage === candidate.stage)];
        at = 0;
        break;
      }
    }
  }
  adaptive.held = new Set(adaptive.candidates.map(({ probe }) => probe));
}

/** `open` while a build side that is small so far is not whole. */
function outlook(job: JobState, { stage, probe, builds }: JoinCandidate, adaptive: AdaptiveState): 'open' | 'no' | 'small' {
  if (job.stages[stage].round >= 0 || job.stages[probe].round >= 0) return 'no';
  const writers = builds.map((build) => job.stages[build.stage]);
  const bytes = writers.reduce((sum, { written }) => sum + (written?.totalBytes ?? 0), 0);
  if (bytes > adaptive.broadcastBytes) return 'no';
  return writers.every((writer) => writer.status === 'complete') ? 'small' : 'open';
}

/** The stage is about to begin: its parents are complete. */
export function adaptOpening(turn: Turn, stage: StageState): void {
  const { job, definition } = stage;
  if (job.adaptive === null || definition.parents.length === 0) return;
  const adapted = adaptStage(graphOf(job), definition.stage, statisticsOf(job), settingsOf(turn, job.adaptive));
  redefine(turn, job, adapted, [definition.stage]);
}

const graphOf = (job: JobState): StageGraph => ({ stages: job.stages.map(({ definition }) => definition) });

function settingsOf(turn: Turn, { targetBytes, broadcastBytes }: AdaptiveState): AdaptSettings {
  let slots = 0;
  for (const worker of turn.state.workers.values()) slots += worker.slots;
  return { slots: Math.max(1, slots), targetBytes, broadcastBytes };
}

/** Of the stages that have finished, at one time or another. */
function statisticsOf(job: JobState): ReadonlyMap<number, ShuffleStatistics> {
  const statistics = new Map<number, ShuffleStatistics>();
  for (const [shuffle, { toldWritten, written, tasks, definition }] of job.shuffles) {
    if (!toldWritten || definition.output.kind !== 'shuffle') continue;
    const nothing = () => Array.from({ length: definition.output.kind === 'shuffle' ? definition.output.partitions : 0 }, () => 0);
    statistics.set(shuffle, {
      bytes: written?.bytes ?? nothing(),
      rows: written?.rows ?? nothing(),
      mapBytes: (partition) => tasks.map((task) => task?.output?.bytes[partition] ?? 0),
    });
  }
  return statistics;
}

function redefine(turn: Turn, job: JobState, { graph, decisions }: Adapted, changed: readonly number[]): void {
  if (decisions.length === 0) return;
  for (const number of changed) {
    const stage = job.stages[number];
    stage.definition = graph.stages[number];
    stage.remaining = stage.freshLeft = stage.definition.tasks.length;
  }
  linkStages(job);
  for (const decision of decisions) tell(turn, job, decision);
}

function tell(turn: Turn, job: JobState, adaptation: Adaptation): void {
  const event = { time: turn.time, kind: 'plan-adapted', job: job.id, ...adaptation } as const;
  turn.actions.push({ kind: 'emit', job: job.id, event });
}
