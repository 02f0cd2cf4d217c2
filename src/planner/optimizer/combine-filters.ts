/** Owns: a filter on a filter becomes one. */

import { conjuncts } from '../../frontend/plan/conditions.js';
import type { Rule } from './rule.js';
import { filtered, transformUp } from './tree.js';

export const combineFilters: Rule = {
  name: 'combine filters',
  apply: (plan) =>
    transformUp(plan, (node) => {
      if (node.kind !== 'filter' || node.child.kind !== 'filter') return node;
      return filtered(node.child.child, [...conjuncts(node.child.condition), ...conjuncts(node.condition)]);
    }),
};
