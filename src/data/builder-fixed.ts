/**
 * Owns: builders of columns with a fixed width a row: one class an array kind, so that the store in each hot method sees one kind only.
 * The unused part of a values array is always zero; so a null row needs no store.
 */
import { allocFloat32, allocFloat64, allocInt8, allocInt16, allocInt32, allocInt64, growTo } from './alloc.js';
import { type Column, type ColumnOf, type FixedArray, isNull } from './batch.js';
import { RowBuilder } from './builder-base.js';
import type { DataType } from './types.js';
import type { EngineValue } from './value.js';

/** int8–64, floats, date, timestamps and decimals of p ≤ 18. Every append method works on every kind; one is the natural and fast one. */
export abstract class FixedBuilder extends RowBuilder {
  abstract values: FixedArray;
  /** For all but BigInt64 arrays the fast one; the value must fit the type. */
  abstract appendNumber(value: number): void;
  /** For BigInt64 arrays: the value must fit 64 bits. */
  abstract appendBig(value: bigint): void;
  /** For BigInt64 arrays: an exact integer, |value| ≤ 2^53, stored without making a bigint. */
  abstract appendDouble(value: number): void;
  /** An empty array of this builder's kind. */
  protected abstract none(): FixedArray;

  byteSize(): number {
    return this.length * this.values.BYTES_PER_ELEMENT + this.validityBytes();
  }

  finish(): Column {
    const length = this.length;
    let values: FixedArray;
    if (this.mostlyEmpty()) {
      values = this.values.slice(0, length);
      new Uint8Array(this.values.buffer, this.values.byteOffset, values.byteLength).fill(0);
    } else {
      values = this.values.subarray(0, length);
      this.values = this.none();
      this.capacity = 0;
    }
    const column: Column = { layout: 'fixed', length, validity: this.takeValidity(), values };
    this.length = 0;
    return column;
  }

  protected growStorage(capacity: number): void {
    this.values = growTo(this.values, capacity);
  }
}

/** What the four number builders of 32 bits and less, and doubles, share; their hot `appendNumber` is their own. */
abstract class NumberBuilder extends FixedBuilder {
  append(value: EngineValue): void {
    if (value === null) this.appendNull();
    else this.appendNumber(value as number);
  }

  appendBig(value: bigint): void {
    this.appendNumber(Number(value));
  }

  appendDouble(value: number): void {
    this.appendNumber(value);
  }

  appendFrom(column: Column, row: number): void {
    if (isNull(column, row)) this.appendNull();
    else if (column.layout === 'dictionary') this.appendFrom(column.dictionary, column.codes[row]);
    else this.appendNumber((column as ColumnOf<'fixed'>).values[row] as number);
  }
}

class Int8Builder extends NumberBuilder {
  values: Int8Array = allocInt8(0);
  appendNumber(value: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.values[row] = value;
    this.length = row + 1;
  }
  protected none(): Int8Array {
    return allocInt8(0);
  }
}

class Int16Builder extends NumberBuilder {
  values: Int16Array = allocInt16(0);
  appendNumber(value: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.values[row] = value;
    this.length = row + 1;
  }
  protected none(): Int16Array {
    return allocInt16(0);
  }
}

class Int32Builder extends NumberBuilder {
  values: Int32Array = allocInt32(0);
  appendNumber(value: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.values[row] = value;
    this.length = row + 1;
  }
  protected none(): Int32Array {
    return allocInt32(0);
  }
}

class Float32Builder extends NumberBuilder {
  values: Float32Array = allocFloat32(0);
  appendNumber(value: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.values[row] = value;
    this.length = row + 1;
  }
  protected none(): Float32Array {
    return allocFloat32(0);
  }
}

class Float64Builder extends NumberBuilder {
  values: Float64Array = allocFloat64(0);
  appendNumber(value: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.values[row] = value;
    this.length = row + 1;
  }
  protected none(): Float64Array {
    return allocFloat64(0);
  }
}

const TWO_32 = 4294967296;

/** int64, timestamps, decimals of p ≤ 18. */
export class Int64Builder extends FixedBuilder {
  values: BigInt64Array = allocInt64(0);
  /** The same memory as pairs of (low, high) 32-bit lanes. */
  lanes: Int32Array = allocInt32(0);
  /** The array that `appendFrom` last copied from, and its lanes: copying lanes makes no bigint. */
  private source: BigInt64Array | null = null;
  private sourceLanes: Int32Array = this.lanes;

  append(value: EngineValue): void {
    if (value === null) this.appendNull();
    else this.appendBig(value as bigint);
  }

  appendBig(value: bigint): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.values[row] = value;
    this.length = row + 1;
  }

  appendDouble(value: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    const lanes = this.lanes;
    // ToInt32 is exact modulo 2^32 for every exact integer, so no range check is needed for the low lane.
    lanes[2 * row] = value | 0;
    lanes[2 * row + 1] = Math.floor(value / TWO_32);
    this.length = row + 1;
  }

  appendNumber(value: number): void {
    this.appendDouble(value);
  }

  /** The value whose low and high 32 bits are given. */
  appendLanes(low: number, high: number): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.lanes[2 * row] = low;
    this.lanes[2 * row + 1] = high;
    this.length = row + 1;
  }

  appendFrom(column: Column, row: number): void {
    if (isNull(column, row)) {
      this.appendNull();
    } else if (column.layout === 'dictionary') {
      this.appendFrom(column.dictionary, column.codes[row]);
    } else {
      const values = (column as ColumnOf<'fixed'>).values as BigInt64Array;
      if (values !== this.source) {
        this.source = values;
        this.sourceLanes = lanesOf(values);
      }
      this.appendLanes(this.sourceLanes[2 * row], this.sourceLanes[2 * row + 1]);
    }
  }

  override finish(): Column {
    this.source = null;
    this.sourceLanes = this.lanes;
    const column = super.finish();
    this.lanes = lanesOf(this.values);
    return column;
  }

  protected none(): BigInt64Array {
    return allocInt64(0);
  }

  protected override growStorage(capacity: number): void {
    super.growStorage(capacity);
    this.lanes = lanesOf(this.values);
  }
}

function lanesOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** The builder of a type with the `fixed` layout. */
export function createFixedBuilder(type: DataType, capacity: number): FixedBuilder {
  switch (type.kind) {
    case 'int8':
      return new Int8Builder(type, capacity);
    case 'int16':
      return new Int16Builder(type, capacity);
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return new Int32Builder(type, capacity);
    case 'float32':
      return new Float32Builder(type, capacity);
    case 'float64':
      return new Float64Builder(type, capacity);
    default:
      return new Int64Builder(type, capacity);
  }
}
