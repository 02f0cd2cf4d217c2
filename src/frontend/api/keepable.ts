/** Owns: cache, persist and checkpoint, the same for a DataFrame and a Dataset: a plan of whose rows the session keeps some. */
import { callSite } from '../../core/call-site.js';
import { type MinisparkError, userError, withSite } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { Plan, StorageLevel } from '../plan/logical.js';
import { keeperOf } from './keeper.js';
import type { SessionContext } from './results.js';
import type { ServedRows, ServeOptions } from './served-rows.js';
import { DataFrameWriter } from './writer.js';

const LEVELS: readonly StorageLevel[] = ['MEMORY_AND_DISK', 'MEMORY_ONLY', 'DISK_ONLY'];

export abstract class Keepable {
  readonly session: SessionContext;
  readonly plan: Plan;

  constructor(session: SessionContext, plan: Plan) {
    this.session = session;
    this.plan = Object.freeze(plan);
  }

  /** Keeps the rows at the workers when an action first computes them; later queries over this plan, or an equal one, read them there. */
  cache(): this {
    return this.persist();
  }

  /** As cache(), at a storage level. Where it is kept already the first level holds. Throws a user error INVALID_STORAGE_LEVEL. */
  persist(level: StorageLevel = 'MEMORY_AND_DISK'): this {
    if (!LEVELS.includes(level)) {
      throw userError('INVALID_STORAGE_LEVEL', `There is no storage level '${level}'.`, {
        hint: didYouMean(level, LEVELS) || `There are ${LEVELS.join(', ')}`,
        site: callSite() ?? undefined,
      });
    }
    keeperOf(this.session).persist(this.plan, level);
    return this;
  }

  /** Frees the rows, once no running action reads them; nothing happens where none are kept. Resolves when workers were told. */
  async unpersist(): Promise<this> {
    await keeperOf(this.session).unpersist(this.plan);
    return this;
  }

  /**
   * Offers the rows to clients of Apache Arrow Flight, such as pyarrow.flight, under a name, until they are closed or the session ends.
   * Each read runs the plan: cache() first what is to be computed once. Throws user errors FLIGHT_EXISTS, PORT_IN_USE, CANNOT_LISTEN.
   */
  async serve(name: string, options: ServeOptions = {}): Promise<ServedRows> {
    const site = callSite();
    return keeperOf(this.session)
      .serve(this.plan, name, options)
      .catch((thrown) => {
        throw withSite(thrown, site);
      });
  }

  /** Null where it is not kept, or nothing runs. */
  get storageLevel(): StorageLevel | null {
    return this.session.backend.keeper?.levelOf(this.plan) ?? null;
  }

  /** Computes the rows into the workers' storage; gives a plan that reads them and cannot compute them again. */
  protected localCheckpointPlan(): Promise<Plan> {
    return keeperOf(this.session).localCheckpoint(this.plan, 'MEMORY_AND_DISK');
  }

  /** Writes the rows below `checkpoint.dir`; gives a plan that reads them. Throws a user error CHECKPOINT_DIR_NOT_SET. */
  protected async checkpointPlan(): Promise<Plan> {
    const site = callSite();
    const { session, plan } = this;
    const dir = session.config.get('checkpoint.dir');
    if (dir === '') throw noDirectory().with({ site: site ?? undefined });
    const schema = await session.backend.analyze(plan);
    const path = `${dir}/checkpoint-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
    await new DataFrameWriter(session, plan).arrow(path);
    return Object.freeze({ kind: 'read', format: 'arrow', paths: Object.freeze([path]), schema, options: Object.freeze({}), site });
  }
}

function noDirectory(): MinisparkError {
  return userError('CHECKPOINT_DIR_NOT_SET', 'checkpoint() has no directory to keep rows in.', {
    hint: 'Set checkpoint.dir, or use localCheckpoint(), which keeps them at the workers',
  });
}
