/** Owns: what every operator of a running task shares: the task's context, its inputs, and the way to run another operator. */
import type { Batch } from '../../data/batch.js';
import type { PhysicalOp, TaskInput } from '../../planner/physical/operators.js';
import type { TaskContext } from './task-context.js';

export interface Run {
  readonly context: TaskContext;
  readonly input: TaskInput;
  /** What rand() and its like know the rows by: the task's partition, or one of those that a coalesce brings together. */
  readonly partition: number;
  /**
   * The rows of an operator; each call runs it anew. Who `recycles` has copied what it needs of a batch when it asks for the next, as every
   * generated pipeline has; a scan may then use its buffers again.
   */
  execute(op: PhysicalOp, recycles?: boolean): AsyncIterable<Batch>;
  /** The same task over other inputs (coalesce). */
  withInput(input: TaskInput, partition: number): Run;
}

/** All rows of an operator, as they come. */
export async function collect(run: Run, op: PhysicalOp): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of run.execute(op)) {
    run.context.checkCancelled();
    batches.push(batch);
  }
  return batches;
}
