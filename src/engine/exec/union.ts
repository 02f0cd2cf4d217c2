/** Owns: rows of several children, one after the other. A task runs only the children that have a leaf among its inputs. */
import type { Batch } from '../../data/batch.js';
import { childrenOf, type PhysicalOf, type PhysicalOp } from '../../planner/physical/operators.js';
import type { Run } from './run.js';

export async function* union(op: PhysicalOf<'union'>, run: Run): AsyncIterable<Batch> {
  for (const child of op.children) if (hasInput(child, run)) yield* run.execute(child);
}

/** Broadcast reads are in every task: they do not say that the child is meant. */
function hasInput(op: PhysicalOp, run: Run): boolean {
  if (op.kind === 'shuffleRead' && op.broadcast) return false;
  if ('id' in op && Object.hasOwn(run.input, op.id)) return true;
  return childrenOf(op).some((child) => hasInput(child, run));
}
