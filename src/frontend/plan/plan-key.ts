/**
 * Owns: whether two logical plans are the same query: a key of everything in a plan but the places where its parts were written.
 * Rows that came with a plan, and functions that only this process has, are the same only where they are the very same.
 */
import { createHash } from 'node:crypto';
import { toJson } from '../../core/json.js';
import { chainParts } from './chain.js';
import type { Expr } from './expression.js';
import type { Plan } from './logical.js';

const keys = new WeakMap<object, string>();
const batches = new WeakMap<object, string>();
let count = 0;

/** Equal for equal plans. Made once a node. */
export function planKey(plan: Plan): string {
  let key = keys.get(plan);
  if (key === undefined) {
    key = keyOf(plan);
    keys.set(plan, key);
  }
  return key;
}

function keyOf(plan: Plan): string {
  const parts: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(plan)) if (name !== 'site') parts[name] = partKey(name, part);
  // A hash, so that a deep plan's key stays as short as its top node, and texts of plans that are gone are not kept.
  return createHash('sha256').update(toJson(parts)).digest('base64');
}

function partKey(name: string, part: unknown): unknown {
  switch (name) {
    case 'child':
    case 'left':
    case 'right':
      return planKey(part as Plan);
    case 'children':
      return (part as readonly Plan[]).map(planKey);
    case 'batch':
      return identityOf(part as object);
    default:
      return withoutPlaces(part);
  }
}

function identityOf(object: object): string {
  let id = batches.get(object);
  if (id === undefined) {
    id = `rows ${++count}`;
    batches.set(object, id);
  }
  return id;
}

function withoutPlaces(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withoutPlaces);
  const chain = 'kind' in value && value.kind === 'call' ? chainParts(value as Expr) : null;
  if (chain !== null) return { chain: (value as { readonly fn: string }).fn, parts: chain.map(withoutPlaces) };
  return Object.fromEntries(Object.entries(value).flatMap(([name, part]) => (name === 'site' ? [] : [[name, withoutPlaces(part)]])));
}
