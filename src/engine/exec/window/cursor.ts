/** Owns: reading one row after the other of a partition that lies on disk: values of the row that it stands on, in bounded memory. */
import type { Batch } from '../../../data/batch.js';
import type { DataType } from '../../../data/types.js';
import { compareValues, type EngineValue, readValue } from '../../../data/value.js';
import type { SpillFile } from '../spill-file.js';

type Row = readonly (EngineValue | null)[];

/** Only ever moves forward. */
export class RowCursor {
  private readonly frames: Iterator<Batch>;
  private readonly types: readonly DataType[];
  private batch: Batch = { length: 0, columns: [] };
  /** Row of the partition at which the batch begins. */
  private base = 0;

  constructor(file: SpillFile, types: readonly DataType[]) {
    this.frames = file.read()[Symbol.iterator]();
    this.types = types;
  }

  /** Column `index` of a row, which is not before any that was asked for. */
  value(row: number, index: number): EngineValue | null {
    while (row >= this.base + this.batch.length) {
      this.base += this.batch.length;
      this.batch = this.frames.next().value as Batch;
    }
    return readValue(this.batch.columns[index], this.types[index], row - this.base);
  }

  values(row: number, indices: readonly number[]): Row {
    return indices.map((index) => this.value(row, index));
  }
}

/** The rows that are equal in the order to each row in turn. */
export class PeerCursor {
  from = 0;
  to = 0;
  private readonly cursor: RowCursor;
  private readonly rows: number;
  private readonly order: readonly { readonly index: number; readonly type: DataType }[];
  private ahead: Row = [];

  constructor(cursor: RowCursor, rows: number, order: readonly { readonly index: number; readonly type: DataType }[]) {
    this.cursor = cursor;
    this.rows = rows;
    this.order = order;
    this.ahead = this.keys(0);
  }

  /** Sets `from` and `to` for a row, which is not before the last one. */
  moveTo(row: number): void {
    while (row >= this.to) {
      this.from = this.to;
      const first = this.ahead;
      do {
        this.to++;
        if (this.to < this.rows) this.ahead = this.keys(this.to);
      } while (this.to < this.rows && this.isEqual(first, this.ahead));
    }
  }

  private keys(row: number): Row {
    return this.order.map(({ index }) => this.cursor.value(row, index));
  }

  private isEqual(a: Row, b: Row): boolean {
    return this.order.every(({ type }, k) => {
      const [x, y] = [a[k], b[k]];
      return x === null || y === null ? x === y : compareValues(x, y, type) === 0;
    });
  }
}
