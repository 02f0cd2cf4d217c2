/**
 * Owns: how a join runs: one side broadcast, both shuffled, and which side is built. A hint decides, then `join.strategy`, then sizes.
 * Receives the join with what is known of its sides; gives the choice, which explain() shows with the sizes that made it.
 */
import type { JoinStrategy, JoinType } from '../../frontend/plan/logical.js';
import type { ResolvedOf } from '../../frontend/plan/resolved.js';
import type { PlanningContext } from './planned.js';

export type Side = 'left' | 'right';

export interface JoinSizes {
  /** Estimated bytes of the columns that the join reads. */
  readonly left: number;
  readonly right: number;
}

export interface JoinChoice {
  /** One side whole to every task, both by hash of their keys, or both by hash and sorted. */
  readonly kind: 'broadcast' | 'shuffle' | 'merge';
  /** The side that is looked up; those of a merge are alike. */
  readonly build: Side;
  /** Half a sentence, for explain('why'). */
  readonly because: string;
  /** Whether a hint made it. */
  readonly hinted?: true;
  /** Sides that estimates alone kept from being broadcast. */
  readonly mayBroadcast?: readonly Side[];
}

/** Sides that may be sent whole to tasks that see part of the other: whose rows never come out alone. */
const BROADCASTABLE: Readonly<Record<JoinType, readonly Side[]>> = {
  inner: ['left', 'right'],
  cross: ['left', 'right'],
  left: ['right'],
  right: ['left'],
  semi: ['right'],
  anti: ['right'],
  full: [],
};

/** The order in which hints are looked at, should both sides bear one. */
const HINTS: readonly JoinStrategy[] = ['broadcast', 'merge', 'shuffle_hash', 'shuffle_replicate_nl'];

export function chooseJoin(plan: ResolvedOf<'join'>, hasKeys: boolean, sizes: JoinSizes, context: PlanningContext): JoinChoice {
  const { config } = context;
  const smaller: Side = sizes.left < sizes.right ? 'left' : 'right';
  const allowed = BROADCASTABLE[plan.how];
  const whole = (sides: readonly Side[], because: string): JoinChoice | null =>
    sides.length === 0 ? null : { kind: 'broadcast', build: sides.includes(smaller) ? smaller : sides[0], because };
  const shuffle = (because: string): JoinChoice => ({ kind: 'shuffle', build: shuffledBuild(plan.how, sizes), because });
  const hinted = byHint(plan, hasKeys, allowed, whole, shuffle);
  if (hinted !== null) return { ...hinted, hinted: true };
  if (!hasKeys)
    return whole(allowed, 'no equality makes keys to exchange by') ?? shuffle('no equality makes keys, and both sides are kept');
  switch (config.get('join.strategy')) {
    case 'broadcast':
      return whole(allowed, 'join.strategy says so') ?? shuffle(`no side of a ${plan.how} join can be broadcast`);
    case 'shuffle_hash':
      return shuffle('join.strategy says so');
    case 'merge':
      return { kind: 'merge', build: 'right', because: 'join.strategy says so' };
    default: {
      const threshold = config.get('broadcast.threshold');
      const small = allowed.filter((side) => sizes[side] <= threshold && sizes[side] * TABLE_FACTOR * 2 <= config.get('memory'));
      const cheap = threshold === 0 ? [] : allowed.filter((side) => isCheaperWhole(side, sizes, context));
      return (
        whole(small, 'it is not above broadcast.threshold') ??
        whole(cheap, 'to send it to every slot is less than to exchange both sides') ?? {
          ...shuffle('no side that could be broadcast is below broadcast.threshold'),
          mayBroadcast: allowed,
        }
      );
    }
  }
}

/** A table of a broadcast may take this share of a task's memory. */
const TABLE_SHARE = 4;
/** In a table a row takes some more than in a batch. */
const TABLE_FACTOR = 2;

/** A side above the threshold that is small beside the other: each slot makes a table of it, where else the other side would be written and read. */
function isCheaperWhole(side: Side, sizes: JoinSizes, { config, slots }: PlanningContext): boolean {
  const other = side === 'left' ? sizes.right : sizes.left;
  return sizes[side] * TABLE_FACTOR * TABLE_SHARE <= config.get('memory') && sizes[side] * slots * TABLE_FACTOR <= other;
}

type Whole = (sides: readonly Side[], because: string) => JoinChoice | null;

/** The hint of a join that counts, and the sides that bear it. */
function hintOf({ hints }: ResolvedOf<'join'>): { readonly hint: JoinStrategy | undefined; readonly bearing: readonly Side[] } {
  const hint = HINTS.find((name) => hints?.left === name || hints?.right === name);
  return { hint, bearing: (['left', 'right'] as const).filter((side) => hints?.[side] === hint) };
}

/** The warning of a hint that this join cannot follow; null where there is none, or the choice follows it. */
export function unfollowedHint(plan: ResolvedOf<'join'>, choice: JoinChoice): string | null {
  const { hint, bearing } = hintOf(plan);
  if (hint === undefined || choice.hinted) return null;
  const where = bearing.length === 2 ? 'both sides' : `the ${bearing[0]} side`;
  const reason =
    hint === 'merge' || hint === 'shuffle_hash'
      ? 'it needs an equality between the sides, and there is none'
      : `such a join cannot broadcast ${hint === 'broadcast' && bearing.length === 1 ? 'that side' : 'a side'}`;
  return `The hint '${hint}' on ${where} of ${plan.how === 'inner' || plan.how === 'anti' ? 'an' : 'a'} ${plan.how} join is not followed: ${reason}.`;
}

function byHint(
  plan: ResolvedOf<'join'>,
  hasKeys: boolean,
  allowed: readonly Side[],
  whole: Whole,
  shuffle: (because: string) => JoinChoice,
): JoinChoice | null {
  const { hint, bearing } = hintOf(plan);
  const because = `a hint asks for ${hint}`;
  switch (hint) {
    case 'broadcast':
      return whole(
        allowed.filter((side) => bearing.includes(side)),
        because,
      );
    case 'merge':
      return hasKeys ? { kind: 'merge', build: 'right', because } : null;
    case 'shuffle_hash':
      if (!hasKeys) return null;
      return bearing.length === 1 ? { ...shuffle(because), build: bearing[0] } : shuffle(because);
    case 'shuffle_replicate_nl':
      return whole(allowed, because);
    case undefined:
      return null;
    default:
      return hint satisfies never;
  }
}

/** The other side of a semi or anti join may be looked up and let go, row by row, so it is built unless it is much the larger. */
function shuffledBuild(how: JoinType, { left, right }: JoinSizes): Side {
  const asked = how === 'semi' || how === 'anti' || how === 'left' ? left * 4 : how === 'right' ? left / 4 : left;
  return asked < right ? 'left' : 'right';
}
