/** Owns: the end of a task whose rows are kept for later jobs, and the leaf that reads such rows. */
import { type MinisparkError, userError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import type { PhysicalOf, PhysicalOp, ShuffleOutput } from '../../planner/physical/operators.js';
import { inputsOf } from './leaves.js';
import type { Run } from './run.js';
import type { ShuffleWriteResult } from './task-context.js';

const ONE_PARTITION = new Int32Array(0);

export async function keepRows(plan: PhysicalOp, schema: Schema, output: ShuffleOutput, run: Run): Promise<ShuffleWriteResult> {
  const { context } = run;
  const writer = context.openShuffleWriter(output, schema);
  try {
    for await (const batch of run.execute(plan)) {
      context.checkCancelled();
      writer.write(batch, ONE_PARTITION);
    }
    const result = await writer.finish();
    context.metrics.cacheWriteRows += result.rows[0];
    context.metrics.cacheWriteBytes += result.bytes[0];
    return result;
  } catch (error) {
    writer.abort();
    throw error;
  }
}

/** The wanted columns of kept partitions. */
export async function* cacheRead(op: PhysicalOf<'cacheRead'>, run: Run): AsyncIterable<Batch> {
  for (const { partition } of inputsOf(run, op.id, 'partition')) {
    for await (const { length, columns } of run.context.readKept(op.shuffle, partition, op.stored)) {
      yield { length, columns: op.columns.map((i) => columns[i]) };
    }
  }
}

/** What running a checkpoint's rows again means: there is no way back to them. */
export function lostCheckpoint(cache: string): MinisparkError {
  return userError('CHECKPOINT_LOST', `Rows of the local checkpoint ${cache} are gone with the worker that held them.`, {
    hint: 'checkpoint() keeps rows in checkpoint.dir, cache() can compute them again',
  });
}
