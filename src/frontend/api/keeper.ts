/** Owns: what the API asks of a backend beyond single actions: values that it keeps for later ones. */
import { type CallSite, fatalError } from '../../core/errors.js';
import type { Plan, StorageLevel } from '../plan/logical.js';
import type { Accumulator } from './accumulator.js';
import type { BroadcastHolder } from './broadcast.js';
import type { SessionContext } from './results.js';
import type { ServedRows, ServeOptions } from './served-rows.js';

export interface Keeper {
  /** Keeps `value` under a new id for the tasks of later actions. Throws a user error VALUE_NOT_SHIPPABLE. */
  broadcast(value: unknown, site: CallSite | null): { readonly id: string; readonly holder: BroadcastHolder };
  /** From now on what successful tasks add under its id is merged into it. */
  accumulate(accumulator: Accumulator<never, never>): void;
  /** Has the rows of the plan kept when an action first computes them. Where it is kept already, under whatever level, nothing happens. */
  persist(plan: Plan, level: StorageLevel): void;
  /** Frees the plan's rows, once no running action reads them; resolves when workers were told. */
  unpersist(plan: Plan): Promise<void>;
  unpersistAll(): Promise<void>;
  /** Null where the plan is not kept. */
  levelOf(plan: Plan): StorageLevel | null;
  /** Computes the rows now; gives a plan that reads them and knows nothing else of how they came about. */
  localCheckpoint(plan: Plan, level: StorageLevel): Promise<Plan>;
  /** Offers the plan's rows to clients of Arrow Flight until the session ends. */
  serve(plan: Plan, name: string, options: ServeOptions): Promise<ServedRows>;
}

/** Throws UNSUPPORTED_BACKEND where the session's backend runs nothing. */
export function keeperOf({ backend }: SessionContext): Keeper {
  if (backend.keeper) return backend.keeper;
  throw fatalError('UNSUPPORTED_BACKEND', 'This session runs nothing, so it keeps nothing either.');
}
