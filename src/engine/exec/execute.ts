/** Owns: which code runs which physical operator: the one place where the union of operators is taken apart. */
import { fatalError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import type { PhysicalOp, TaskInput } from '../../planner/physical/operators.js';
import { runAggregate } from './aggregate.js';
import { runFused } from './fuse.js';
import { cacheRead, lostCheckpoint } from './keep-rows.js';
import { coalesce, local, range, scan, shuffleRead } from './leaves.js';
import { limit } from './limit.js';
import { mapBatches } from './map-batches.js';
import { mapElements } from './map-elements.js';
import { mapGroups } from './map-groups.js';
import { mergeJoin } from './merge-join.js';
import { rangeBounds, sample } from './range-bounds.js';
import type { Run } from './run.js';
import { sort } from './sort.js';
import { sortAggregate } from './sort-aggregate.js';
import type { TaskContext } from './task-context.js';
import { union } from './union.js';
import { window } from './window/window.js';
import { writeFiles } from './write-files.js';

export function startRun(context: TaskContext, input: TaskInput, partition = context.key.partition): Run {
  const run: Run = {
    context,
    input,
    partition,
    execute: (op, recycles = false) => execute(op, run, recycles),
    withInput: (other, part) => startRun(context, other, part),
  };
  return run;
}

function execute(op: PhysicalOp, run: Run, recycles: boolean): AsyncIterable<Batch> {
  switch (op.kind) {
    case 'scan':
      return scan(op, run, recycles);
    case 'local':
      return local(op, run);
    case 'range':
      return range(op, run);
    case 'shuffleRead':
      return shuffleRead(op, run);
    case 'cacheRead':
      return cacheRead(op, run);
    case 'lost':
      throw lostCheckpoint(op.cache);
    case 'coalesce':
      return coalesce(op, run);
    case 'filter':
    case 'project':
    case 'generate':
    case 'expand':
    case 'hashJoin':
      return runFused(op, run);
    case 'mergeJoin':
      return mergeJoin(op, run);
    case 'hashAggregate':
      return runAggregate(op, run);
    case 'sortAggregate':
      return sortAggregate(op, run);
    case 'sort':
      return sort(op, run);
    case 'window':
      return window(op, run);
    case 'limit':
      return limit(op, run);
    case 'union':
      return union(op, run);
    case 'mapBatches':
      return mapBatches(op, run);
    case 'mapElements':
      return mapElements(op, run);
    case 'mapGroups':
      return mapGroups(op, run);
    case 'sample':
      return sample(op, run);
    case 'rangeBounds':
      return rangeBounds(op, run);
    case 'write':
      return writeFiles(op, run);
    case 'exchange':
      throw fatalError('INTERNAL_ERROR', 'An exchange reached a task: stages are cut there.');
    default:
      return op satisfies never;
  }
}
