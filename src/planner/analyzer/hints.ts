/** Owns: join hints: which names there are, and which of them the sides of a join bear. */
import { didYouMean } from '../../core/nearest.js';
import type { JoinStrategy, Plan, PlanOf } from '../../frontend/plan/logical.js';
import type { JoinHints } from '../../frontend/plan/resolved.js';

/** By Spark's names, in upper case. */
const NAMES: Readonly<Record<string, JoinStrategy>> = {
  BROADCAST: 'broadcast',
  BROADCASTJOIN: 'broadcast',
  MAPJOIN: 'broadcast',
  MERGE: 'merge',
  SHUFFLE_MERGE: 'merge',
  MERGEJOIN: 'merge',
  SHUFFLE_HASH: 'shuffle_hash',
  SHUFFLE_REPLICATE_NL: 'shuffle_replicate_nl',
};

/** Null of a name that is no hint. */
export function joinHint(name: string): JoinStrategy | null {
  const upper = name.toUpperCase();
  return Object.hasOwn(NAMES, upper) ? NAMES[upper] : null;
}

/** The warning of a hint that does nothing. */
export function unknownHint({ name, site }: PlanOf<'hint'>): string {
  const known = Object.keys(NAMES).map((each) => each.toLowerCase());
  const place = site === null ? '' : ` (${site.file}:${site.line})`;
  return `The hint '${name}' is unknown and does nothing${place}. ${didYouMean(name.toLowerCase(), known) || `There are ${known.join(', ')}.`}`;
}

/** Of both sides, where one bears a hint. */
export function hintsOf(left: Plan, right: Plan): JoinHints | null {
  const hints = { left: hintOn(left), right: hintOn(right) };
  return hints.left === null && hints.right === null ? null : hints;
}

/** The outermost hint of a plan, below nodes with one child alone: a join has used up those of its sides. */
function hintOn(plan: Plan): JoinStrategy | null {
  const own = plan.kind === 'hint' ? joinHint(plan.name) : null;
  return own ?? ('child' in plan ? hintOn(plan.child) : null);
}
