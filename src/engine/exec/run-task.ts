/**
 * Owns: one task from its inputs to its output: runs the stage's plan and hands the rows to the shuffle or to the driver.
 * Receives the plan, the task's inputs and its context; gives what was written.
 */
import type { Column } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { encodeStream } from '../../data/ipc.js';
import { field, type Schema } from '../../data/types.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { Partitioning, PhysicalOp, ShuffleOutput, TaskInput } from '../../planner/physical/operators.js';
import { startRun } from './execute.js';
import { keepRows } from './keep-rows.js';
import type { Run } from './run.js';
import { Evaluator } from './sort-keys.js';
import type { ShuffleWriteResult, TaskContext } from './task-context.js';

export interface TaskDefinition {
  readonly plan: PhysicalOp;
  readonly schema: Schema;
  readonly output: ShuffleOutput | { readonly kind: 'rows' };
}

export async function runTask(
  { plan, schema, output }: TaskDefinition,
  input: TaskInput,
  context: TaskContext,
): Promise<ShuffleWriteResult | null> {
  const run = startRun(context, input);
  if (output.kind === 'shuffle' && output.keep) return keepRows(plan, schema, output, run);
  if (output.kind === 'shuffle') return writeShuffle(plan, schema, output, run);
  for await (const batch of run.execute(plan)) {
    context.checkCancelled();
    const block = encodeStream(schema, [batch]);
    if (plan.kind !== 'write') {
      context.metrics.outputRows += batch.length;
      context.metrics.outputBytes += block.length;
    }
    await context.emitResult(block, batch.length);
  }
  return null;
}

async function writeShuffle(plan: PhysicalOp, schema: Schema, output: ShuffleOutput, run: Run): Promise<ShuffleWriteResult> {
  const { context } = run;
  const { partitioning } = output;
  const keys = keysOf(partitioning);
  const bounds = await readBounds(partitioning, keys, run);
  const evaluator = new Evaluator(
    keys,
    schema.fields.map((f) => f.type),
    context,
  );
  const writer = context.openShuffleWriter(output, schema);
  try {
    let written = 0;
    for await (const batch of run.execute(plan)) {
      context.checkCancelled();
      if (batch.length === 0) continue;
      writer.write(batch, context.partitionRows(partitioning, evaluator.evaluate(batch), batch.length, written, bounds));
      written += batch.length;
    }
    context.metrics.shuffleWriteRows += written;
    const result = await writer.finish();
    context.metrics.shuffleWriteBytes += result.bytes.reduce((sum, n) => sum + n, 0);
    context.metrics.shuffleWriteFiles += result.files;
    return result;
  } catch (error) {
    writer.abort();
    throw error;
  }
}

function keysOf(partitioning: Partitioning): readonly BoundExpr[] {
  switch (partitioning.kind) {
    case 'hash':
      return partitioning.exprs;
    case 'range':
      return partitioning.keys.map((k) => k.expr);
    default:
      return [];
  }
}

async function readBounds(partitioning: Partitioning, keys: readonly BoundExpr[], run: Run): Promise<readonly Column[]> {
  if (partitioning.kind !== 'range' || partitioning.bounds === null) return [];
  const schema: Schema = { fields: keys.map((k, i) => field(`k${i}`, k.type)) };
  const batches = [];
  for await (const batch of run.context.readShuffle(partitioning.bounds, 0, schema)) batches.push(batch);
  return concatBatches(schema, batches).columns;
}
