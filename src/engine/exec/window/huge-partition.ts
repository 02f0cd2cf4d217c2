/**
 * Owns: one partition that is larger than the memory of its operator: its rows on disk, once whole and once as the evaluated keys and
 * arguments, and the batches with results that are read from there when the last row has come.
 */
import type { Batch, Column } from '../../../data/batch.js';
import { createBuilder } from '../../../data/builder.js';
import { batchBytes } from '../../../data/size.js';
import { sliceBatch } from '../../../data/slice.js';
import type { Schema } from '../../../data/types.js';
import { SpillFile } from '../spill-file.js';
import type { TaskContext } from '../task-context.js';
import type { BlockCall } from './compute.js';
import { RowCursor } from './cursor.js';
import type { Partition } from './frame-walk.js';
import { walk } from './walk.js';

/** Frames of the file of evaluated columns: every cursor holds one. */
const FRAME_ROWS = 4096;
const FRAME_BYTES = 256 << 10;

export class HugePartition {
  private readonly context: TaskContext;
  private readonly evaluatedSchema: Schema;
  private readonly whole: SpillFile;
  private readonly evaluated: SpillFile;
  private rows = 0;

  constructor(context: TaskContext, schema: Schema, evaluatedSchema: Schema) {
    this.context = context;
    this.evaluatedSchema = evaluatedSchema;
    this.whole = new SpillFile(context, schema);
    this.evaluated = new SpillFile(context, evaluatedSchema);
  }

  add(batch: Batch, columns: readonly Column[]): void {
    if (batch.length === 0) return;
    this.rows += batch.length;
    this.whole.write(batch);
    const evaluated: Batch = { length: batch.length, columns };
    const fitting = Math.floor((batch.length * FRAME_BYTES) / Math.max(1, batchBytes(evaluated)));
    const step = Math.max(1, Math.min(FRAME_ROWS, fitting));
    for (let from = 0; from < batch.length; from += step) {
      this.evaluated.write(sliceBatch(evaluated, from, Math.min(batch.length, from + step)));
    }
  }

  /** The rows with the results of the calls behind their columns. */
  *finish(calls: readonly BlockCall[], order: Partition['order']): Iterable<Batch> {
    const types = this.evaluatedSchema.fields.map((f) => f.type);
    const partition: Partition = { rows: this.rows, order, open: () => new RowCursor(this.evaluated, types) };
    const walks = calls.map((call) => walk(partition, call));
    let base = 0;
    for (const batch of this.whole.read()) {
      this.context.checkCancelled();
      const results = calls.map(({ call }, k) => {
        const builder = createBuilder(call.type, batch.length);
        for (let i = 0; i < batch.length; i++) builder.append(walks[k](base + i));
        return builder.finish();
      });
      base += batch.length;
      yield { length: batch.length, columns: [...batch.columns, ...results] };
    }
  }

  /** Removes the files; may be called at any time. */
  close(): void {
    this.whole.close();
    this.evaluated.close();
  }
}
