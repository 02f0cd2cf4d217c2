/** Owns: cache, persist and checkpoint as DataFrames and Datasets offer them: the same plan, of which the session keeps the rows. */
import { callSite } from '../../core/call-site.js';
import { type MinisparkError, userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { Plan, StorageLevel } from '../plan/logical.js';
import { keeperOf } from './keeper.js';
import type { SessionContext } from './results.js';
import { DataFrameWriter } from './writer.js';

const LEVELS: readonly StorageLevel[] = ['MEMORY_AND_DISK', 'MEMORY_ONLY', 'DISK_ONLY'];

/** Throws a user error INVALID_STORAGE_LEVEL. */
export function persistPlan(session: SessionContext, plan: Plan, level: StorageLevel): void {
  if (!LEVELS.includes(level)) {
    throw userError('INVALID_STORAGE_LEVEL', `There is no storage level '${level}'.`, {
      hint: didYouMean(level, LEVELS) || `There are ${LEVELS.join(', ')}`,
      site: callSite() ?? undefined,
    });
  }
  keeperOf(session).persist(plan, level);
}

export function unpersistPlan(session: SessionContext, plan: Plan): Promise<void> {
  return keeperOf(session).unpersist(plan);
}

/** Null where a plan is not kept, or nothing runs. */
export function levelOfPlan({ backend }: SessionContext, plan: Plan): StorageLevel | null {
  return backend.keeper?.levelOf(plan) ?? null;
}

export function localCheckpointPlan(session: SessionContext, plan: Plan): Promise<Plan> {
  return keeperOf(session).localCheckpoint(plan, 'MEMORY_AND_DISK');
}

/** Writes the rows below `checkpoint.dir`; gives a plan that reads them. Throws a user error CHECKPOINT_DIR_NOT_SET. */
export async function checkpointPlan(session: SessionContext, plan: Plan): Promise<Plan> {
  const site = callSite();
  const dir = session.config.get('checkpoint.dir');
  if (dir === '') throw noDirectory().with({ site: site ?? undefined });
  const schema = await session.backend.analyze(plan);
  const path = `${dir}/checkpoint-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
  await new DataFrameWriter(session, plan).arrow(path);
  return Object.freeze({ kind: 'read', format: 'arrow', paths: Object.freeze([path]), schema, options: Object.freeze({}), site });
}

function noDirectory(): MinisparkError {
  return userError('CHECKPOINT_DIR_NOT_SET', 'checkpoint() has no directory to keep rows in.', {
    hint: 'Set checkpoint.dir, or use localCheckpoint(), which keeps them at the workers',
  });
}
