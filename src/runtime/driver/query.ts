/**
 * Owns: one action from its logical plan to its stage graph: analyse, optimise, plan, cut.
 * Receives what the user built, gives every form of it on the way, so that explain() shows what runs.
 */
import type { Config } from '../../core/config.js';
import type { Schema } from '../../data/types.js';
import { resolveUri } from '../../engine/sources/fs.js';
import type { Plan } from '../../frontend/plan/logical.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { ResolvedPlan } from '../../frontend/plan/resolved.js';
import { analyze } from '../../planner/analyzer/analyze.js';
import { optimize } from '../../planner/optimizer/optimize.js';
import { type PhysicalPlan, planPhysical } from '../../planner/physical/plan.js';
import { cutStages } from '../../planner/stages/cut.js';
import type { StageGraph } from '../../planner/stages/graph.js';

export interface QueryContext {
  readonly config: Config;
  readonly slots: number;
  readonly query: string;
  readonly warn?: (text: string) => void;
}

export interface Query {
  readonly analyzed: ResolvedPlan;
  readonly optimized: ResolvedPlan;
  readonly physical: PhysicalPlan;
  readonly graph: StageGraph;
  readonly schema: Schema;
}

export async function planQuery(plan: Plan, context: QueryContext): Promise<Query> {
  const analyzed = await analyze(plan, { config: context.config, warn: context.warn });
  const optimized = optimize(analyzed);
  const physical = planPhysical(atOutput(optimized, context.config), context);
  return { analyzed, optimized, physical, graph: cutStages(physical), schema: schemaOf(outputOf(optimized)) };
}

/** The output path against `storage.root`, as the paths of reads are resolved. */
function atOutput(plan: ResolvedPlan, config: Config): ResolvedPlan {
  if (plan.kind !== 'write') return plan;
  const path = resolveUri(plan.write.path, config.get('storage.root') || process.cwd(), plan.write.site);
  return { ...plan, write: { ...plan.write, path } };
}
