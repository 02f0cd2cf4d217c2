/** Writes files as a job would, for the tests of this room. */
import type { Batch } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import type { Schema } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { beginWrite, commitWrite } from '../../../src/engine/sources/commit.js';
import { openSink } from '../../../src/engine/sources/sink.js';
import type { CommitMessage } from '../../../src/engine/sources/source.js';
import type { FileFormat, WriteSpec } from '../../../src/frontend/plan/logical.js';

export function writeSpec(format: FileFormat, path: string, more: Partial<WriteSpec> = {}): WriteSpec {
  return { format, path, mode: 'error', partitionBy: [], options: {}, site: null, ...more };
}

export function batchOf(schema: Schema, rows: readonly (readonly EngineValue[])[]): Batch {
  const columns = schema.fields.map((f, i) =>
    columnOf(
      f.type,
      rows.map((row) => row[i]),
    ),
  );
  return { length: rows.length, columns };
}

/** One task's output, not yet committed. */
export function runTask(
  write: WriteSpec,
  schema: Schema,
  query: string,
  partition: number,
  batches: readonly Batch[],
  attempt = 0,
): CommitMessage {
  const sink = openSink(write, schema, { query, partition, attempt });
  for (const batch of batches) sink.writeBatch(batch);
  return sink.finish();
}

/** A whole job of as many tasks as there are lists of batches. */
export async function writeAll(
  write: WriteSpec,
  schema: Schema,
  tasks: readonly (readonly Batch[])[],
  query = 'q1',
): Promise<CommitMessage[]> {
  if ((await beginWrite(write, query)) === 'skip') return [];
  const messages = tasks.map((batches, partition) => runTask(write, schema, query, partition, batches));
  await commitWrite(write, query, messages);
  return messages;
}
