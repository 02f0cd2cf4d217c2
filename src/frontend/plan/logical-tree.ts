/** Owns: the plans right below one. */
import type { Plan } from './logical.js';

export function childrenOf(plan: Plan): readonly Plan[] {
  switch (plan.kind) {
    case 'read':
    case 'local':
    case 'range':
    case 'checkpoint':
      return [];
    case 'union':
      return plan.children;
    case 'join':
    case 'setOperation':
      return [plan.left, plan.right];
    default:
      return [plan.child];
  }
}
