/** Owns: what a session keeps between actions, as the API asks for it: broadcast values, accumulators, cached plans. */
import type { CallSite } from '../../core/errors.js';
import type { Accumulator } from '../../frontend/api/accumulator.js';
import { countPlan } from '../../frontend/api/frame-actions.js';
import type { Keeper } from '../../frontend/api/keeper.js';
import type { ServedRows, ServeOptions } from '../../frontend/api/served-rows.js';
import type { Plan, StorageLevel } from '../../frontend/plan/logical.js';
import type { FlightResults } from './flight-results.js';
import type { KeptPlans } from './kept-plans.js';
import type { SharedValues } from './shared-values.js';

export class EngineKeeper implements Keeper {
  readonly values: SharedValues;
  readonly plans: KeptPlans;
  readonly flights: FlightResults;
  private readonly compute: (plan: Plan) => Promise<void>;
  private checkpoints = 0;

  /** `compute` runs a plan to its end and throws its rows away. */
  constructor(values: SharedValues, plans: KeptPlans, flights: FlightResults, compute: (plan: Plan) => Promise<void>) {
    this.values = values;
    this.plans = plans;
    this.flights = flights;
    this.compute = compute;
  }

  broadcast(value: unknown, site: CallSite | null): ReturnType<SharedValues['broadcast']> {
    return this.values.broadcast(value, site);
  }

  accumulate(accumulator: Accumulator<never, never>): void {
    this.values.accumulate(accumulator);
  }

  serve(plan: Plan, name: string, options: ServeOptions): Promise<ServedRows> {
    return this.flights.serve(plan, name, options);
  }

  persist(plan: Plan, level: StorageLevel): void {
    this.plans.persist(plan, level);
  }

  unpersist(plan: Plan): Promise<void> {
    return this.plans.unpersist(plan);
  }

  unpersistAll(): Promise<void> {
    return this.plans.unpersistAll();
  }

  levelOf(plan: Plan): StorageLevel | null {
    return this.plans.levelOf(plan);
  }

  /** The plan is a node of its own, so that one that is cached stays so, beside its checkpoint. */
  async localCheckpoint(plan: Plan, level: StorageLevel): Promise<Plan> {
    const own: Plan = Object.freeze({ kind: 'alias', child: plan, name: `checkpoint ${this.checkpoints++}` });
    this.plans.persist(own, level);
    try {
      await this.compute(countPlan(own));
      return await this.plans.checkpoint(own);
    } catch (thrown) {
      await this.plans.unpersist(own);
      throw thrown;
    }
  }
}
