/** A backend that runs nothing: it keeps the plans that it is given and answers with prepared batches. */
import type { Batch } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import { parseSchema } from '../../../src/data/schema-text.js';
import type { Schema } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import type { Backend, Execution } from '../../../src/frontend/api/backend.js';
import type { Closure } from '../../../src/frontend/plan/expression.js';
import type { Plan } from '../../../src/frontend/plan/logical.js';

export class RecordingBackend implements Backend {
  readonly executed: Plan[] = [];
  readonly encoded: ((...args: never[]) => unknown)[] = [];
  /** Batches whose iteration was ended before the last. */
  cancelled = 0;
  stopped = 0;
  private schema: Schema = { fields: [] };
  private batches: readonly Batch[] = [];

  /** What executions give from now on: one batch for each list of rows. */
  answer(ddl: string, ...batches: readonly (readonly (readonly EngineValue[])[])[]): this {
    this.schema = parseSchema(ddl);
    this.batches = batches.map((rows) => ({
      length: rows.length,
      columns: this.schema.fields.map((f, i) =>
        columnOf(
          f.type,
          rows.map((row) => row[i]),
        ),
      ),
    }));
    return this;
  }

  async analyze(): Promise<Schema> {
    return this.schema;
  }

  async execute(plan: Plan): Promise<Execution> {
    this.executed.push(plan);
    return { schema: this.schema, batches: this.stream() };
  }

  private async *stream(): AsyncGenerator<Batch> {
    let given = 0;
    try {
      for (const batch of this.batches) {
        given++;
        yield batch;
      }
      given++;
    } finally {
      if (given <= this.batches.length) this.cancelled++;
    }
  }

  async explain(plan: Plan, mode: string): Promise<string> {
    return `${mode}: ${plan.kind}`;
  }

  encodeClosure(fn: (...args: never[]) => unknown): Closure {
    this.encoded.push(fn);
    return { id: `fn-${this.encoded.length}`, name: fn.name, site: null, captures: '' };
  }

  onEvent(): void {}

  async stop(): Promise<void> {
    this.stopped++;
  }
}
