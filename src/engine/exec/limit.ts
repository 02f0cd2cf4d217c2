/** Owns: the first rows of a partition; what lies behind them is not computed. */
import type { Batch } from '../../data/batch.js';
import { sliceBatch } from '../../data/slice.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import type { Run } from './run.js';

export async function* limit(op: PhysicalOf<'limit'>, run: Run): AsyncIterable<Batch> {
  let skip = op.offset;
  let left = op.limit;
  if (left === 0) return;
  for await (const batch of run.execute(op.child)) {
    const from = Math.min(skip, batch.length);
    const to = Math.min(batch.length, from + left);
    skip -= from;
    left -= to - from;
    if (to > from) yield to - from === batch.length ? batch : sliceBatch(batch, from, to);
    if (left === 0) return;
  }
}
