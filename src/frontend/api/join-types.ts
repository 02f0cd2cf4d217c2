/** Owns: the names of join types: ours, and the others that Spark knows them by. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { JoinType } from '../plan/logical.js';

interface Others {
  readonly outer: 'full';
  readonly full_outer: 'full';
  readonly fullouter: 'full';
  readonly left_outer: 'left';
  readonly leftouter: 'left';
  readonly right_outer: 'right';
  readonly rightouter: 'right';
  readonly left_semi: 'semi';
  readonly leftsemi: 'semi';
  readonly left_anti: 'anti';
  readonly leftanti: 'anti';
}

/** What join() takes. */
export type JoinName = JoinType | keyof Others;

export type JoinTypeOf<Name extends JoinName> = Name extends keyof Others ? Others[Name] : Name extends JoinType ? Name : never;

const JOIN_TYPES: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'];

/** The type that a name means, whatever the case of its letters. Throws a user error UNSUPPORTED_JOIN_TYPE. */
export function joinTypeOf(name: string): JoinType {
  const plain = String(name)
    .toLowerCase()
    .replaceAll('_', '')
    .replace(/^outer$/, 'full')
    .replace(/^(left|right|full)outer$|^left(semi|anti)$/, '$1$2');
  const known = JOIN_TYPES.find((type) => type === plain);
  if (known) return known;
  throw userError('UNSUPPORTED_JOIN_TYPE', `There is no join type '${name}'.`, {
    hint: didYouMean(plain, JOIN_TYPES) || `There are ${JOIN_TYPES.join(', ')}`,
    site: callSite() ?? undefined,
  });
}
