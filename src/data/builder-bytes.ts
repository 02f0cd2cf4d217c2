/** Owns: the builder of string and binary columns: 32-bit offsets into one growing byte array. */
import { allocBytes, allocInt32, growTo, nextCapacity } from './alloc.js';
import { type Column, type ColumnOf, isNull } from './batch.js';
import { RowBuilder } from './builder-base.js';
import type { DataType } from './types.js';
import { encodeUtf8 } from './utf8.js';
import type { EngineValue } from './value.js';

/** Below this many bytes a loop copies faster than a call of `set` on a fresh view. */
const LOOP_BYTES = 40;

export class BytesBuilder extends RowBuilder {
  /** offsets[length] is the number of bytes so far. */
  private offsets: Int32Array = allocInt32(1);
  private data: Uint8Array = allocBytes(0);

  constructor(type: DataType, capacity: number) {
    super(type, capacity);
  }

  append(value: EngineValue): void {
    if (value === null) this.appendNull();
    else if (typeof value === 'string') this.appendString(value);
    else this.appendSlice(value as Uint8Array, 0, (value as Uint8Array).length);
  }

  /** Copies data[start, end) as the next row. */
  appendSlice(data: Uint8Array, start: number, end: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    const from = this.offsets[row];
    const to = from + (end - start);
    if (to > this.data.length) this.growData(to);
    const target = this.data;
    if (end - start <= LOOP_BYTES) {
      for (let i = start, j = from; i < end; i++, j++) target[j] = data[i];
    } else {
      target.set(data.subarray(start, end), from);
    }
    this.offsets[row + 1] = to;
    this.length = row + 1;
  }

  appendString(text: string): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    const from = this.offsets[row];
    // A UTF-16 unit takes three bytes at most.
    const most = from + text.length * 3;
    if (most > this.data.length) this.growData(most);
    this.offsets[row + 1] = encodeUtf8(text, this.data, from);
    this.length = row + 1;
  }

  override appendNull(): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.markNull(row);
    this.offsets[row + 1] = this.offsets[row];
    this.length = row + 1;
  }

  appendFrom(column: Column, row: number): void {
    if (isNull(column, row)) {
      this.appendNull();
    } else if (column.layout === 'dictionary') {
      this.appendFrom(column.dictionary, column.codes[row]);
    } else {
      const { offsets, data } = column as ColumnOf<'bytes'>;
      this.appendSlice(data, offsets[row], offsets[row + 1]);
    }
  }

  /** Bytes of text so far. */
  dataBytes(): number {
    return this.offsets[this.length];
  }

  byteSize(): number {
    return (this.length + 1) * 4 + this.offsets[this.length] + this.validityBytes();
  }

  finish(): Column {
    const length = this.length;
    const bytes = this.offsets[length];
    let { offsets, data } = this;
    if (this.mostlyEmpty()) {
      offsets = offsets.slice(0, length + 1);
    } else {
      offsets = offsets.subarray(0, length + 1);
      this.offsets = allocInt32(1);
      this.capacity = 0;
    }
    if (bytes * 2 < data.length) {
      data = data.slice(0, bytes);
    } else {
      data = data.subarray(0, bytes);
      this.data = allocBytes(0);
    }
    const column: Column = { layout: 'bytes', length, validity: this.takeValidity(), offsets, data };
    this.length = 0;
    return column;
  }

  protected growStorage(capacity: number): void {
    this.offsets = growTo(this.offsets, capacity + 1);
  }

  private growData(needed: number): void {
    this.data = growTo(this.data, nextCapacity(this.data.length, needed, 1));
  }
}
