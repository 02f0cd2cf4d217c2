/** Owns: which of the user's functions a plan holds. */
import type { Closure } from '../../frontend/plan/expression.js';

/** Every closure of a plan that is JSON-plain but for typed arrays, wherever it stands in it. */
export function findClosures(value: unknown, found: Closure[] = []): readonly Closure[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return found;
  if (isClosure(value)) found.push(value);
  else for (const part of Object.values(value)) findClosures(part, found);
  return found;
}

function isClosure(value: object): value is Closure {
  const { id, name, captures } = value as Partial<Closure>;
  return typeof id === 'string' && typeof captures === 'string' && typeof name === 'string';
}
