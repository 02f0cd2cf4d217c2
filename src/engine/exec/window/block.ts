/**
 * Owns: rows in memory that are whole partitions: what window functions are computed over, all rows of a block at once.
 * Knows where partitions and groups of equal rows begin and end; gives evaluated keys and arguments as columns.
 */
import type { Column } from '../../../data/batch.js';
import { decodeDictionary } from '../../../data/dictionary.js';
import type { DataType } from '../../../data/types.js';
import { markChanges } from './changes.js';

/** Per row the first row equal to it in the order, and the row after the last such. */
export interface Peers {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export class Block {
  readonly length: number;
  /** First row of each partition, then `length`. */
  readonly starts: Int32Array;
  private readonly columns: readonly Column[];
  private readonly plain: (Column | undefined)[] = [];
  private readonly order: readonly { readonly index: number; readonly type: DataType }[];
  private knownPeers: Peers | null = null;

  /** `order`: which of the columns are keys of the order. */
  constructor(columns: readonly Column[], starts: Int32Array, order: readonly { readonly index: number; readonly type: DataType }[]) {
    this.columns = columns;
    this.starts = starts;
    this.length = starts[starts.length - 1];
    this.order = order;
  }

  get partitions(): number {
    return this.starts.length - 1;
  }

  /** An evaluated expression; maybe a dictionary column. */
  column(index: number): Column {
    return this.columns[index];
  }

  /** The same, decoded. */
  plainColumn(index: number): Column {
    const known = this.plain[index] ?? decodeDictionary(this.columns[index]);
    this.plain[index] = known;
    return known;
  }

  /** Without an order all rows of a partition are equal. */
  peers(): Peers {
    this.knownPeers ??= this.findPeers();
    return this.knownPeers;
  }

  private findPeers(): Peers {
    const { length } = this;
    const flags = new Uint8Array(length);
    for (const { index, type } of this.order) markChanges(this.columns[index], type, flags);
    for (let p = 0; p < this.partitions; p++) if (this.starts[p] < length) flags[this.starts[p]] = 1;
    const [from, to] = [new Int32Array(length), new Int32Array(length)];
    for (let i = 0, start = 0; i < length; i++) {
      if (flags[i] === 1) start = i;
      from[i] = start;
    }
    for (let i = length - 1, end = length; i >= 0; i--) {
      to[i] = end;
      if (flags[i] === 1) end = i;
    }
    return { from, to };
  }
}
