/** Owns: mapBatches: calls the user's function once a batch, over views of its columns, and takes the columns that it gives. */

import { MinisparkError, userError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { batchOf, viewOf } from '../../data/batch-view.js';
import type { PhysicalOf } from '../../planner/physical/operators.js';
import { udfFailed } from '../codegen/user-function.js';
import { infoOf } from './elements.js';
import { refusePromise } from './map-elements.js';
import type { Run } from './run.js';

export async function* mapBatches(op: PhysicalOf<'mapBatches'>, run: Run): AsyncIterable<Batch> {
  const { context } = run;
  const fn = context.closure(op.fn) as (...args: readonly unknown[]) => unknown;
  const info = infoOf(context);
  const map = { op: 'mapBatches', fn: op.fn };
  for await (const batch of run.execute(op.child)) {
    context.checkCancelled();
    const failed = (thrown: unknown) =>
      udfFailed(op.fn.name || 'the function of mapBatches', op.fn, [`a batch of ${batch.length} rows`], thrown);
    let given: unknown;
    try {
      given = fn(viewOf(op.child.schema, batch), info);
    } catch (thrown) {
      throw failed(thrown);
    }
    refusePromise(map, given);
    for (const data of results(given, failed)) {
      const made = located(op, () => batchOf(op.schema, data));
      context.checkCancelled();
      if (made.length > 0) yield made;
    }
  }
}

/** One batch, or an iterable of them, which may fail on its way. */
function* results(given: unknown, failed: (thrown: unknown) => MinisparkError): Iterable<unknown> {
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
    yield given;
    return;
  }
  const iterator = (given as Iterable<unknown>)[Symbol.iterator]();
  for (;;) {
    let next: IteratorResult<unknown>;
    try {
      next = iterator.next();
    } catch (thrown) {
      throw failed(thrown);
    }
    if (next.done) return;
    yield next.value;
  }
}

function located<T>(op: PhysicalOf<'mapBatches'>, make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    if (!(thrown instanceof MinisparkError)) throw thrown;
    const { condition, message, hint } = thrown;
    throw userError(condition, `${op.fn.name || 'The function of mapBatches'}: ${message}`, { hint, site: op.fn.site ?? undefined });
  }
}
