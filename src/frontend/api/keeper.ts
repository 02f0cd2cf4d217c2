/** Owns: what the API asks of a backend beyond single actions: values that it keeps for later ones. */
import { type CallSite, fatalError } from '../../core/errors.js';
import type { Accumulator } from './accumulator.js';
import type { BroadcastHolder } from './broadcast.js';
import type { SessionContext } from './results.js';

export interface Keeper {
  /** Keeps `value` under a new id for the tasks of later actions. Throws a user error VALUE_NOT_SHIPPABLE. */
  broadcast(value: unknown, site: CallSite | null): { readonly id: string; readonly holder: BroadcastHolder };
  /** From now on what successful tasks add under its id is merged into it. */
  accumulate(accumulator: Accumulator<never, never>): void;
}

/** Throws UNSUPPORTED_BACKEND where the session's backend runs nothing. */
export function keeperOf({ backend }: SessionContext): Keeper {
  if (backend.keeper) return backend.keeper;
  throw fatalError('UNSUPPORTED_BACKEND', 'This session runs nothing, so it keeps nothing either.');
}
