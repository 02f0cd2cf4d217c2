/** Owns: one batch of a result as users see it. */
import type { Batch } from '../../data/batch.js';
import type { Schema } from '../../data/types.js';
import { rowObjects } from './results.js';

export class ResultBatch<S> {
  readonly schema: Schema;
  /** The columns themselves, over Arrow buffers. */
  readonly batch: Batch;

  constructor(schema: Schema, batch: Batch) {
    this.schema = schema;
    this.batch = batch;
  }

  /** Number of rows. */
  get length(): number {
    return this.batch.length;
  }

  /** Its rows as objects, made anew at every call. */
  rows(): S[] {
    return rowObjects(this.schema, this.batch) as S[];
  }

  async toArrow(): Promise<import('apache-arrow').Table> {
    const { toArrowTable } = await import('../../data/arrow-interop.js');
    return toArrowTable(this.schema, [this.batch]);
  }
}
