/** Owns: the file-writing end of a task: every batch to the sink, one row with the commit message to the driver. */
import { toJson } from '../../core/json.js';
import type { Batch } from '../../data/batch.js';
import { columnOf } from '../../data/builder.js';
import { STRING } from '../../data/types.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { openSink } from '../sources/sink.js';
import type { Run } from './run.js';

export async function* writeFiles(op: PhysicalOf<'write'>, run: Run): AsyncIterable<Batch> {
  const { context } = run;
  const { partition, attempt } = context.key;
  const sink = openSink(op.write, op.child.schema, { query: op.query, partition, attempt });
  try {
    for await (const batch of run.execute(op.child)) {
      context.checkCancelled();
      sink.writeBatch(batch);
      context.metrics.outputRows += batch.length;
    }
    const message = sink.finish();
    context.metrics.outputBytes += message.files.reduce((sum, file) => sum + file.bytes, 0);
    yield { length: 1, columns: [columnOf(STRING, [toJson(message)])] };
  } catch (error) {
    sink.abort();
    throw error;
  }
}
