/** Owns: the builder of booleans, one bit a row. */
import { allocBytes, growTo } from './alloc.js';
import { type Column, type ColumnOf, isNull } from './batch.js';
import { clearTail, getBit } from './bitmap.js';
import { RowBuilder } from './builder-base.js';
import type { EngineValue } from './value.js';

export class BitsBuilder extends RowBuilder {
  private bits: Uint8Array = allocBytes(0);

  append(value: EngineValue): void {
    if (value === null) this.appendNull();
    else this.appendBool(value as boolean);
  }

  appendBool(value: boolean | number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    if (value) this.bits[row >> 3] |= 1 << (row & 7);
    this.length = row + 1;
  }

  appendFrom(column: Column, row: number): void {
    if (isNull(column, row)) this.appendNull();
    else if (column.layout === 'dictionary') this.appendFrom(column.dictionary, column.codes[row]);
    else this.appendBool(getBit((column as ColumnOf<'bits'>).bits, row));
  }

  byteSize(): number {
    return ((this.length + 7) >> 3) + this.validityBytes();
  }

  finish(): Column {
    const length = this.length;
    const bits = this.bits.subarray(0, (length + 7) >> 3);
    clearTail(bits, length);
    const column: Column = { layout: 'bits', length, validity: this.takeValidity(), bits };
    this.bits = allocBytes(0);
    this.capacity = 0;
    this.length = 0;
    return column;
  }

  protected growStorage(capacity: number): void {
    this.bits = growTo(this.bits, (capacity + 7) >> 3);
  }
}
