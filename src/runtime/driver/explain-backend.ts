/** Owns: `minispark explain`: a backend that prints the plan of every action and gives it no rows. */
import type { Batch } from '../../data/batch.js';
import type { Backend, Execution, ExplainMode } from '../../frontend/api/backend.js';
import type { Keeper } from '../../frontend/api/keeper.js';
import type { Plan } from '../../frontend/plan/logical.js';

export class ExplainBackend implements Backend {
  private readonly engine: Backend;
  private readonly mode: ExplainMode;
  readonly encodeClosure: Backend['encodeClosure'];
  readonly keeper: Backend['keeper'];

  constructor(engine: Backend, mode: ExplainMode) {
    this.engine = engine;
    this.mode = mode;
    this.keeper = engine.keeper && explaining(engine.keeper, (plan) => this.execute(plan));
    this.encodeClosure = (fn) => engine.encodeClosure(fn);
  }

  analyze(plan: Plan) {
    return this.engine.analyze(plan);
  }

  async execute(plan: Plan): Promise<Execution> {
    process.stdout.write(`${await this.engine.explain(plan, this.mode)}\n`);
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
function explaining(keeper: Keeper, execute: (plan: Plan) => Promise<unknown>): Keeper {
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
