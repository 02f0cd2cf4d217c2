/** Owns: rough sizes of plans in bytes, from what is known before anything runs. They choose join sides, broadcasts and partition counts. */
import { batchBytes } from '../../data/size.js';
import type { ResolvedPlan } from '../../frontend/plan/resolved.js';

/** Guess: half of the rows pass a filter, elements of a generator are as many bytes as what they came from. */
export function estimateBytes(plan: ResolvedPlan): number {
  switch (plan.kind) {
    case 'scan': {
      const width = plan.scan.fileSchema.fields.length;
      const share = plan.scan.format === 'parquet' && width > 0 ? Math.min(1, plan.output.length / width) : 1;
      return plan.scan.files.reduce((sum, file) => sum + file.bytes, 0) * share;
    }
    case 'local':
      return batchBytes(plan.batch);
    case 'range':
      return Number((plan.end - plan.start) / plan.step) * 8;
    case 'filter':
      return estimateBytes(plan.child) / 2;
    case 'limit':
      return Math.min(estimateBytes(plan.child), plan.limit * 100);
    case 'join':
      return plan.how === 'semi' || plan.how === 'anti' ? estimateBytes(plan.left) : estimateBytes(plan.left) + estimateBytes(plan.right);
    case 'expand':
      return estimateBytes(plan.child) * plan.projections.length;
    case 'union':
      return plan.children.reduce((sum, child) => sum + estimateBytes(child), 0);
    default:
      return estimateBytes(plan.child);
  }
}
