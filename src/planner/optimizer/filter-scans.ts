/** Owns: conditions right above a Parquet scan are handed to it as well, so that it can skip row groups and pages; they are still evaluated above. */

import { conjuncts } from '../../frontend/plan/conditions.js';
import type { ResolvedExpr, ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { collectIds, hasUserFunction, isDeterministic, transformUp } from './tree.js';

const SKIPPING_FORMATS = ['parquet'];

export const filterScans: Rule = {
  name: 'filter scans',
  apply: (plan) =>
    transformUp(plan, (node): ResolvedPlan => {
      if (node.kind !== 'filter' || node.child.kind !== 'scan' || !SKIPPING_FORMATS.includes(node.child.scan.format)) return node;
      const filters = conjuncts(node.condition).filter(canSkip);
      return filters.length === 0 || node.child.filters.length > 0 ? node : { ...node, child: { ...node.child, filters } };
    }),
};

const canSkip = (condition: ResolvedExpr): boolean =>
  isDeterministic(condition) && !hasUserFunction(condition) && collectIds(condition).size > 0;
