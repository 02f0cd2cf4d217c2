/** Owns: the byte strings of a plain page, each behind its length, one after another: passed over, picked, or the rest at once. */
import { allocBytes, allocInt32 } from '../../../data/alloc.js';
import type { Column } from '../../../data/batch.js';
import type { DataType } from '../../../data/types.js';
import type { Leaf } from './schema.js';
import { decodeValues, ENCODING } from './values.js';

/** Below this many bytes a loop copies faster than a call of `set`. */
const LOOP_BYTES = 40;

export class PlainTexts {
  private readonly data: Uint8Array;
  private readonly leaf: Leaf;
  private readonly type: DataType;
  private at: number;

  constructor(data: Uint8Array, at: number, leaf: Leaf, type: DataType) {
    this.data = data;
    this.at = at;
    this.leaf = leaf;
    this.type = type;
  }

  /** The `count` that are left; nothing may be asked for afterwards. */
  rest(count: number): Column {
    return decodeValues(this.data, this.at, ENCODING.PLAIN, count, this.leaf, this.type);
  }

  /** Throws an Error where the page ends before. */
  skip(count: number): void {
    for (let i = 0; i < count; i++) this.next();
  }

  /** Of those to come, numbered from `base` on, the ones with the numbers `rows`, which ascend. The next is then the one after the last. */
  pick(rows: Int32Array, base: number): Column {
    const { length } = rows;
    const ends = allocInt32(length);
    const offsets = allocInt32(length + 1);
    for (let k = 0, passed = base; k < length; k++, passed++) {
      for (; passed < rows[k]; passed++) this.next();
      offsets[k + 1] = offsets[k] + this.next();
      ends[k] = this.at;
    }
    const { data } = this;
    const picked = allocBytes(offsets[length]);
    for (let k = 0; k < length; k++) {
      const size = offsets[k + 1] - offsets[k];
      let from = ends[k] - size;
      if (size > LOOP_BYTES) picked.set(data.subarray(from, ends[k]), offsets[k]);
      else for (let to = offsets[k]; to < offsets[k + 1]; ) picked[to++] = data[from++];
    }
    return { layout: 'bytes', length, validity: null, offsets, data: picked };
  }

  /** Passes over one and gives its length. */
  private next(): number {
    const { data, at } = this;
    if (at + 4 > data.length) throw new Error('byte strings are cut short');
    const length = data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24);
    const end = at + 4 + length;
    if (length < 0 || end > data.length) throw new Error(`a byte string of ${length} bytes is cut short`);
    this.at = end;
    return length;
  }
}
