/**
 * Owns: pushing batches through pipelines whose rows may become many: a batch goes in slices that make about a batch or two, since all that
 * one slice makes waits in memory.
 */
import type { Batch } from '../../data/batch.js';
import { sliceBatch } from '../../data/slice.js';
import type { DataType } from '../../data/types.js';
import { OutputSink } from '../codegen/output-sink.js';
import type { Pipeline } from '../codegen/pipeline.js';
import type { TaskContext } from './task-context.js';

const FIRST_ROWS = 16;

export class Pusher {
  /** Where the pipelines end. */
  readonly sink: OutputSink;
  private readonly context: TaskContext;
  private rows: number;

  /** `expands`: whether a row may become many. */
  constructor(types: readonly DataType[], expands: boolean, context: TaskContext) {
    this.sink = new OutputSink(types, context.config.get('batch.rows'), context.config.get('batch.bytes'));
    this.rows = expands ? FIRST_ROWS : Number.POSITIVE_INFINITY;
    this.context = context;
  }

  *push(pipeline: Pipeline, batch: Batch, before: (from: number) => void = () => {}): Iterable<Batch> {
    for (let from = 0; from < batch.length; ) {
      this.context.checkCancelled();
      const to = Math.min(batch.length, from + this.rows);
      before(from);
      pipeline.run(sliceBatch(batch, from, to));
      from = to;
      const made = this.sink.take();
      yield* made;
      if (made.length === 0) this.rows *= 2;
      else if (made.length > 2) this.rows = Math.max(1, Math.floor(this.rows / made.length));
    }
  }
}
