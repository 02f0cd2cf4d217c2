/** Owns: filters that no row passes, and limits of none: their input is not read. */
import { emptyBatch } from '../../data/concat.js';
import { outputOf, schemaOf } from '../../frontend/plan/output.js';
import type { ResolvedPlan } from '../../frontend/plan/resolved.js';
import type { Rule } from './rule.js';
import { transformUp } from './tree.js';

export const removeEmpty: Rule = {
  name: 'remove what gives no rows',
  apply: (plan) => transformUp(plan, (node) => (isEmpty(node) ? nothing(node) : node)),
};

function isEmpty(node: ResolvedPlan): boolean {
  switch (node.kind) {
    case 'filter':
      return node.condition.kind === 'literal' && node.condition.value !== true;
    case 'limit':
      return node.limit === 0;
    default:
      return false;
  }
}

function nothing(node: ResolvedPlan): ResolvedPlan {
  const output = outputOf(node);
  return { kind: 'local', output, batch: emptyBatch(schemaOf(output)), partitions: 1 };
}
