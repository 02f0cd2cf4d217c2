/**
 * Owns: one task from its inputs to its output: runs the stage's plan and hands the rows to the shuffle or to the driver.
 * Receives the plan, the task's inputs and its context; gives what was written.
 */
import { encodeStream } from '../../data/ipc.js';
import type { Schema } from '../../data/types.js';
import type { PhysicalOp, ShuffleOutput, TaskInput } from '../../planner/physical/operators.js';
import { startRun } from './execute.js';
import { keepRows } from './keep-rows.js';
import { rowPartitioner } from './row-partitioner.js';
import type { Run } from './run.js';
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
  const partitionOf = await rowPartitioner(output.partitioning, schema, run);
  const writer = context.openShuffleWriter(output, schema);
  try {
    let written = 0;
    for await (const batch of run.execute(plan)) {
      context.checkCancelled();
      if (batch.length === 0) continue;
      writer.write(batch, partitionOf(batch, written));
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
