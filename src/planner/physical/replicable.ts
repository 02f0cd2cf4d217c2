/** Owns: whether several tasks may run the same operators over the same rows, because each of them gets the same. */
import { findFunction } from '../../frontend/functions/registry.js';
import type { PhysicalOp } from './operators.js';

/** No: what differs from task to task (random numbers, numbers of rows), and the user's functions, which may count what they see. */
export function isReplicable(op: PhysicalOp): boolean {
  return isSteady(op);
}

function isSteady(part: unknown): boolean {
  if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return true;
  const { kind, fn, captures } = part as { kind?: unknown; fn?: unknown; captures?: unknown };
  if (typeof captures === 'string') return false;
  if (kind === 'call' && typeof fn === 'string') {
    const definition = findFunction(fn);
    if (definition?.kind === 'scalar' && definition.deterministic === false) return false;
  }
  return Object.values(part).every(isSteady);
}
