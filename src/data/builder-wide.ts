/** Owns: the builder of decimals of p > 18: two 64-bit limbs a row, low first. */
import { allocInt64, growTo } from './alloc.js';
import { type Column, type ColumnOf, isNull } from './batch.js';
import { RowBuilder } from './builder-base.js';
import type { EngineValue } from './value.js';

export class WideBuilder extends RowBuilder {
  values: BigInt64Array = allocInt64(0);
  private lanes: Int32Array = new Int32Array(0);

  append(value: EngineValue): void {
    if (value === null) this.appendNull();
    else this.appendBig(value as bigint);
  }

  appendBig(value: bigint): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    // A store into a BigInt64Array keeps the low 64 bits.
    this.values[2 * row] = value;
    this.values[2 * row + 1] = value >> 64n;
    this.length = row + 1;
  }

  /** An exact integer of magnitude up to 2^53. */
  appendDouble(value: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    const high = Math.floor(value / 2 ** 32);
    this.lanes[4 * row] = value;
    this.lanes[4 * row + 1] = high;
    this.lanes[4 * row + 2] = this.lanes[4 * row + 3] = high >> 31;
    this.length = row + 1;
  }

  appendFrom(column: Column, row: number): void {
    if (isNull(column, row)) {
      this.appendNull();
    } else if (column.layout === 'dictionary') {
      this.appendFrom(column.dictionary, column.codes[row]);
    } else {
      if (this.length === this.capacity) this.grow();
      const { values } = column as ColumnOf<'wide'>;
      this.values[2 * this.length] = values[2 * row];
      this.values[2 * this.length + 1] = values[2 * row + 1];
      this.length++;
    }
  }

  byteSize(): number {
    return this.length * 16 + this.validityBytes();
  }

  finish(): Column {
    const length = this.length;
    const values = this.values.subarray(0, length * 2);
    const column: Column = { layout: 'wide', length, validity: this.takeValidity(), values };
    this.values = allocInt64(0);
    this.lanes = new Int32Array(0);
    this.capacity = 0;
    this.length = 0;
    return column;
  }

  protected growStorage(capacity: number): void {
    this.values = growTo(this.values, capacity * 2);
    this.lanes = new Int32Array(this.values.buffer, this.values.byteOffset, capacity * 4);
  }
}
