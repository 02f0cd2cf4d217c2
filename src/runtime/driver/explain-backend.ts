/** Owns: `minispark explain`: a backend that prints the plan of every action and gives it no rows. */
import { callSite } from '../../core/call-site.js';
import type { Batch } from '../../data/batch.js';
import type { Backend, Execution, ExplainMode } from '../../frontend/api/backend.js';
import type { Keeper } from '../../frontend/api/keeper.js';
import type { Plan } from '../../frontend/plan/logical.js';
import type { ActionNames } from './action-names.js';

export interface Explaining {
  readonly mode: ExplainMode;
  /** Takes the text of an action, under its name. */
  readonly print: (text: string) => void;
}

export class ExplainBackend implements Backend {
  private readonly engine: Backend;
  private readonly explaining: Explaining;
  private readonly names: ActionNames;
  readonly onlyExplains = true;
  readonly encodeClosure: Backend['encodeClosure'];
  readonly keeper: Backend['keeper'];

  constructor(engine: Backend, explaining: Explaining, names: ActionNames) {
    this.engine = engine;
    this.explaining = explaining;
    this.names = names;
    this.keeper = engine.keeper && explainingKeeper(engine.keeper, (plan) => this.execute(plan));
    this.encodeClosure = (fn) => engine.encodeClosure(fn);
  }

  analyze(plan: Plan) {
    return this.engine.analyze(plan);
  }

  async execute(plan: Plan): Promise<Execution> {
    const name = this.names.next(callSite());
    this.explaining.print(`=== ${name} ===\n${await this.engine.explain(plan, this.explaining.mode)}\n`);
    const schema = await this.engine.analyze(plan);
    return { schema, batches: noBatches() };
  }

  explain(plan: Plan, mode: ExplainMode): Promise<string> {
    return this.engine.explain(plan, mode);
  }

  onEvent(): void {
    // Nothing runs.
  }

  stop(): Promise<void> {
    return this.engine.stop();
  }
}

async function* noBatches(): AsyncGenerator<Batch> {}

/** What is kept shows in later plans; a checkpoint, which would run something, is the plan itself; rows that would be served are taken at once. */
function explainingKeeper(keeper: Keeper, execute: (plan: Plan) => Promise<unknown>): Keeper {
  return {
    broadcast: (value, site) => keeper.broadcast(value, site),
    accumulate: (accumulator) => keeper.accumulate(accumulator),
    persist: (plan, level) => keeper.persist(plan, level),
    unpersist: (plan) => keeper.unpersist(plan),
    unpersistAll: () => keeper.unpersistAll(),
    levelOf: (plan) => keeper.levelOf(plan),
    async serve(plan, name, { token = '' }) {
      await execute(plan);
      return { name, uri: '', token, ticket: '', taken: Promise.resolve(), close() {} };
    },
    async localCheckpoint(plan) {
      await execute(plan);
      return plan;
    },
  };
}
