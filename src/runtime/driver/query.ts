/**
 * Owns: one action from its logical plan to its stage graph: analyse, optimise, plan, cut.
 * Receives what the user built, gives every form of it on the way, so that explain() shows what runs.
 */
import type { Config } from '../../core/config.js';
import type { Schema } from '../../data/types.js';
import { resolveUri } from '../../engine/sources/fs.js';
import type { Plan } from '../../frontend/plan/logical.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { KeptRows, ResolvedPlan } from '../../frontend/plan/resolved.js';
import { analyze } from '../../planner/analyzer/analyze.js';
import type { RunQuery } from '../../planner/analyzer/pivot.js';
import type { ResolvedScan } from '../../planner/analyzer/scan.js';
import { optimize } from '../../planner/optimizer/optimize.js';
import { type PhysicalPlan, planPhysical } from '../../planner/physical/plan.js';
import { cutStages, type KeptSource } from '../../planner/stages/cut.js';
import type { StageGraph } from '../../planner/stages/graph.js';

export interface QueryContext {
  readonly config: Config;
  readonly slots: number;
  readonly query: string;
  /** What is kept of the plan's nodes. */
  readonly kept?: KeptLookup;
  readonly warn?: (text: string) => void;
  /** Runs another query that this one needs first. */
  readonly run?: RunQuery;
}

/** Kept rows that one plan may read. */
export interface KeptLookup {
  readonly rowsOf: (plan: Plan) => KeptRows | null;
  /** How they, and those that they are made of, come about. */
  readonly sources: ReadonlyMap<string, KeptSource>;
  /** Reads below them, as they were found when the rows were first wanted. */
  readonly scans: ReadonlyMap<Plan, ResolvedScan>;
}

export interface Query {
  readonly analyzed: ResolvedPlan;
  readonly optimized: ResolvedPlan;
  readonly physical: PhysicalPlan;
  readonly graph: StageGraph;
  readonly schema: Schema;
}

export async function planQuery(plan: Plan, context: QueryContext): Promise<Query> {
  const { config, warn, run, kept } = context;
  const analyzed = await analyze(plan, { config, warn, run, kept: kept?.rowsOf, scans: kept?.scans });
  const optimized = optimize(analyzed, config.get('session.timeZone'));
  const physical = planPhysical(atOutput(optimized, context.config), context);
  return { analyzed, optimized, physical, graph: cutStages(physical, kept?.sources), schema: schemaOf(outputOf(optimized)) };
}

/** The output path against `storage.root`, as the paths of reads are resolved. */
function atOutput(plan: ResolvedPlan, config: Config): ResolvedPlan {
  if (plan.kind !== 'write') return plan;
  const path = resolveUri(plan.write.path, config.get('storage.root') || process.cwd(), plan.write.site);
  return { ...plan, write: { ...plan.write, path } };
}
