/** Owns: explain(): the forms of a query from what the user wrote to what runs, as text. */
import { callSite } from '../../core/call-site.js';
import type { Config } from '../../core/config.js';
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { generatedCode } from '../../engine/exec/explain-code.js';
import { EXPLAIN_MODES, type ExplainMode } from '../../frontend/api/backend.js';
import type { Plan } from '../../frontend/plan/logical.js';
import { planText, resolvedPlanText } from '../../frontend/plan/plan-text.js';
import { decisionsText } from '../../planner/physical/decision.js';
import { physicalText } from '../../planner/physical/plan-text.js';
import { graphText } from '../../planner/stages/graph-text.js';
import { outlookText } from '../../planner/stages/outlook.js';
import { createAdaptive } from '../scheduler/adaptation.js';
import type { Query } from './query.js';

/** Plain JavaScript may name any. Throws a user error INVALID_ARGUMENT at the caller's line. */
export function checkExplainMode(mode: ExplainMode): void {
  if (EXPLAIN_MODES.includes(mode)) return;
  const hint = didYouMean(mode, EXPLAIN_MODES) || `There are ${EXPLAIN_MODES.join(', ')}`;
  throw userError('INVALID_ARGUMENT', `explain() has no mode '${mode}'.`, { hint, site: callSite() ?? undefined });
}

export async function explainQuery(plan: Plan, query: Query, mode: ExplainMode, config: Config): Promise<string> {
  const physical = section('Physical plan', physicalText(query.physical.root));
  const stages = section('Stages', graphText(query.graph));
  switch (mode) {
    case 'simple':
      return [physical, stages].join('\n\n');
    case 'extended':
      return [
        section('Logical plan', planText(plan)),
        section('Analyzed plan', resolvedPlanText(query.analyzed)),
        section('Optimized plan', resolvedPlanText(query.optimized)),
        physical,
        stages,
      ].join('\n\n');
    case 'why':
      return [
        physical,
        section('Choices', decisionsText(query.physical.decisions)),
        section('What may change at run time', outlookText(query.graph, createAdaptive(query.graph, config))),
      ].join('\n\n');
    case 'codegen':
      return [stages, section('Generated code', await generatedText(query, config))].join('\n\n');
    default:
      return mode satisfies never;
  }
}

const section = (title: string, text: string): string => `== ${title} ==\n${text}`;

async function generatedText({ graph }: Query, config: Config): Promise<string> {
  const texts: string[] = [];
  for (const { stage, plan } of graph.stages) {
    for (const { name, text } of await generatedCode(plan, config)) texts.push(`// stage ${stage}: ${name}\n${text}`);
  }
  return texts.length === 0 ? '(no stage needs any)' : texts.join('\n\n');
}
