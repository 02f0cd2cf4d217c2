/**
 * Owns: one side of a sort-merge join: its sorted rows as a window that moves forward, with the keys of its rows and which of them had a partner.
 * Rows that leave the window are handed to their join, which knows what becomes of those without one.
 */
import type { Batch, Column } from '../../data/batch.js';
import { isNull } from '../../data/batch.js';
import { concatBatches } from '../../data/concat.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { type RowComparator, rowComparator } from '../../data/row-order.js';
import { batchBytes } from '../../data/size.js';
import { sliceBatch } from '../../data/slice.js';
import type { Schema } from '../../data/types.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { Run } from './run.js';
import { Evaluator } from './sort-keys.js';

export interface MergeKeys {
  readonly exprs: readonly BoundExpr[];
  readonly nullSafe: readonly boolean[];
}

/** Keys of both sides are sorted in this way. */
const ORDER = { ascending: true, nullsFirst: true };

export class MergeSide {
  readonly schema: Schema;
  batch: Batch;
  /** The current row of the window. */
  row = 0;
  /** A byte a row of the window, set where it had a partner. */
  hits = new Uint8Array(0);
  keys: readonly Column[] = [];
  private readonly merged: MergeKeys;
  private readonly rows: AsyncIterator<Batch>;
  private readonly evaluator: Evaluator;
  private compareOwn: RowComparator = () => 0;

  constructor(rows: AsyncIterable<Batch>, schema: Schema, keys: MergeKeys, { context, partition }: Run) {
    this.schema = schema;
    this.merged = keys;
    this.rows = rows[Symbol.asyncIterator]();
    this.batch = concatBatches(schema, []);
    const types = schema.fields.map((f) => f.type);
    this.evaluator = new Evaluator(keys.exprs, types, context, partition);
  }

  get isAtEnd(): boolean {
    return this.row >= this.batch.length;
  }

  get byteSize(): number {
    return batchBytes(this.batch);
  }

  /** Whether the row can have no partner: a key is null that is not null-safe. */
  isNullKey(row: number): boolean {
    const { nullSafe } = this.merged;
    for (let k = 0; k < this.keys.length; k++) if (!nullSafe[k] && isNull(this.keys[k], row)) return true;
    return false;
  }

  /** Whether a later row of the window has the keys of an earlier one. */
  isSame(row: number, later: number): boolean {
    return this.compareOwn(row, later) === 0;
  }

  /** The first row of the window behind those that have the keys of the current one. */
  endOfKey(): number {
    let end = this.row + 1;
    while (end < this.batch.length && this.compareOwn(this.row, end) === 0) end++;
    return end;
  }

  comparatorWith(other: MergeSide): RowComparator {
    const { exprs } = this.merged;
    return rowComparator(
      this.keys,
      other.keys,
      exprs.map((e) => e.type),
      exprs.map(() => ORDER),
    );
  }

  /**
   * The next batches behind what is left of the window from `keep` on; false where there are none. Rows before `keep` are gone. What stays is
   * copied, so more than one batch comes where that is much, unless the window would then take more than `budget` bytes.
   */
  async extend(keep: number, budget: number): Promise<boolean> {
    const kept = sliceBatch(this.batch, keep, this.batch.length);
    const more = await this.read(kept.length, budget - batchBytes(kept));
    if (more.length === 0) return false;
    this.batch = kept.length === 0 && more.length === 1 ? more[0] : concatBatches(this.schema, [kept, ...more]);
    const hits = new Uint8Array(this.batch.length);
    hits.set(this.hits.subarray(keep, keep + kept.length));
    this.hits = hits;
    this.row -= keep;
    this.keys = this.evaluator.evaluate(this.batch).map(decodeDictionary);
    const { exprs } = this.merged;
    const types = exprs.map((e) => e.type);
    const orders = exprs.map(() => ORDER);
    this.compareOwn = rowComparator(this.keys, this.keys, types, orders);
    return true;
  }

  /** A batch, and further ones until they have so many rows or bytes; none at the end. */
  private async read(rows: number, bytes: number): Promise<Batch[]> {
    const batches: Batch[] = [];
    for (let [wanted, room] = [Math.max(1, rows), bytes]; wanted > 0 && (room > 0 || batches.length === 0); ) {
      const next = await this.rows.next();
      if (next.done) break;
      if (next.value.length === 0) continue;
      batches.push(next.value);
      wanted -= next.value.length;
      room -= batchBytes(next.value);
    }
    return batches;
  }

  /** After the last row. */
  empty(): void {
    this.batch = sliceBatch(this.batch, 0, 0);
    this.row = 0;
  }

  async close(): Promise<void> {
    await this.rows.return?.();
  }
}
