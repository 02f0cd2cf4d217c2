/**
 * Owns: the reduce partition of each row that a map task writes: evaluates the keys, and hands them to the partitioner of the shuffle, or
 * to the user's own.
 */
import type { Batch, Column } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { field, type Schema } from '../../data/types.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { Partitioning, PlainPartitioning } from '../../planner/physical/operators.js';
import type { Run } from './run.js';
import { Evaluator } from './sort-keys.js';
import { userPartitioner } from './user-partitioner.js';

/** Of each row; `before` counts those that the task wrote before this batch. */
export type RowPartitioner = (batch: Batch, before: number) => Int32Array;

export async function rowPartitioner(partitioning: Partitioning, schema: Schema, run: Run): Promise<RowPartitioner> {
  if (partitioning.kind === 'function') return userPartitioner(partitioning, schema, run.context);
  const keys = keysOf(partitioning);
  const bounds = await readBounds(partitioning, keys, run);
  const evaluator = new Evaluator(
    keys,
    schema.fields.map((f) => f.type),
    run.context,
  );
  return (batch, before) => run.context.partitionRows(partitioning, evaluator.evaluate(batch), batch.length, before, bounds);
}

function keysOf(partitioning: PlainPartitioning): readonly BoundExpr[] {
  switch (partitioning.kind) {
    case 'hash':
      return partitioning.exprs;
    case 'range':
      return partitioning.keys.map((k) => k.expr);
    default:
      return [];
  }
}

async function readBounds(partitioning: PlainPartitioning, keys: readonly BoundExpr[], run: Run): Promise<readonly Column[]> {
  if (partitioning.kind !== 'range' || partitioning.bounds === null) return [];
  const schema: Schema = { fields: keys.map((k, i) => field(`k${i}`, k.type)) };
  const batches = [];
  for await (const batch of run.context.readShuffle(partitioning.bounds, 0, schema)) batches.push(batch);
  return concatBatches(schema, batches).columns;
}
