/** Runs a physical plan as one task, in this process: rows in, rows out. The context keeps shuffles in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '../../../src/core/config.js';
import { NO_METRICS } from '../../../src/core/events.js';
import type { Batch } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import { decodeStream, encodeStream } from '../../../src/data/ipc.js';
import { parseSchema } from '../../../src/data/schema-text.js';
import { BOOLEAN, type DataType, type Schema } from '../../../src/data/types.js';
import { type EngineValue, readValue } from '../../../src/data/value.js';
import { runTask } from '../../../src/engine/exec/run-task.js';
import type { MutableMetrics, TaskContext } from '../../../src/engine/exec/task-context.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';
import type { LeafInput, PhysicalOp } from '../../../src/planner/physical/operators.js';

export type Row = readonly EngineValue[];

export function batchOf(schema: Schema, rows: readonly Row[]): Batch {
  return {
    length: rows.length,
    columns: schema.fields.map((f, k) =>
      columnOf(
        f.type,
        rows.map((row) => row[k]),
      ),
    ),
  };
}

export function rowsOf(schema: Schema, batches: readonly Batch[]): Row[] {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.length }, (_, i) => schema.fields.map((f, k) => readValue(batch.columns[k], f.type, i))),
  );
}

let leaves = 0;

/** A leaf of literal rows under a DDL schema. */
export function rowsLeaf(ddl: string, rows: readonly Row[]): PhysicalOp & { readonly kind: 'local' } {
  const schema = parseSchema(ddl);
  return { kind: 'local', id: leaves++, schema, ipc: encodeStream(schema, [batchOf(schema, rows)]) };
}

/** Every leaf of `plan` reads all of its rows. */
function inputsOf(plan: PhysicalOp): Record<number, LeafInput[]> {
  const inputs: Record<number, LeafInput[]> = {};
  const walk = (op: PhysicalOp): void => {
    if (op.kind === 'local')
      inputs[op.id] = [{ kind: 'rows', from: 0, to: decodeStream(op.ipc).batches.reduce((n, b) => n + b.length, 0) }];
    // As many child partitions, all of the same rows.
    if (op.kind === 'coalesce')
      inputs[op.id] = Array.from({ length: op.partitions }, () => ({ kind: 'nested', inputs: inputsOf(op.child) }));
    else if ('child' in op) walk(op.child);
    if (op.kind === 'union') op.children.forEach(walk);
    if ('left' in op) [op.left, op.right].forEach(walk);
  };
  walk(plan);
  return inputs;
}

export interface TaskOptions {
  readonly config?: Readonly<Record<string, string>>;
  readonly functions?: Readonly<Record<string, (...args: never[]) => unknown>>;
  /** Called with the rows of each batch. */
  readonly onBlock?: (rows: number) => void;
}

export interface TaskOutcome {
  readonly rows: Row[];
  readonly metrics: MutableMetrics;
}

export async function runPlan(plan: PhysicalOp, options: TaskOptions = {}): Promise<TaskOutcome> {
  const spillDir = mkdtempSync(join(tmpdir(), 'minispark-exec-'));
  const metrics: MutableMetrics = { ...NO_METRICS };
  const blocks: Uint8Array[] = [];
  const none = (): never => {
    throw new Error('This plan has no shuffle.');
  };
  const context: TaskContext = {
    key: { job: 'job', stage: 0, partition: 0, attempt: 0 },
    config: Config.from(options.config ?? {}),
    metrics,
    spillDir,
    checkCancelled() {},
    readKept: () => {
      throw new Error('nothing is kept here');
    },
    readShuffle: none,
    partitionRows: none,
    openShuffleWriter: none,
    once: (_, make) => make(),
    closure: ({ id }) => options.functions?.[id] ?? none,
    async emitResult(block, rows) {
      blocks.push(block);
      options.onBlock?.(rows);
    },
  };
  try {
    await runTask({ plan, schema: plan.schema, output: { kind: 'rows' } }, inputsOf(plan), context);
    return { rows: blocks.flatMap((block) => rowsOf(plan.schema, decodeStream(block).batches)), metrics };
  } finally {
    rmSync(spillDir, { recursive: true, force: true });
  }
}

export function input(plan: PhysicalOp, name: string): BoundExpr {
  const index = plan.schema.fields.findIndex((f) => f.name === name);
  return { kind: 'input', index, type: plan.schema.fields[index].type, nullable: plan.schema.fields[index].nullable };
}

export const literal = (value: EngineValue, type: DataType): BoundExpr => ({ kind: 'literal', value, type, nullable: value === null });

export const call = (fn: string, args: readonly BoundExpr[], type: DataType = BOOLEAN): BoundExpr => ({
  kind: 'call',
  fn,
  args,
  type,
  nullable: true,
  site: null,
});
