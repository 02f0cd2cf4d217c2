/**
 * Owns: what every column builder shares: its interface, the row count, the capacity, and the validity bitmap.
 * The bitmap is made at the first null with every bit set, so that appending a value never touches it.
 */
import { allocBytes, growTo, nextCapacity } from './alloc.js';
import type { Column, Validity } from './batch.js';
import { clearTail } from './bitmap.js';
import type { DataType } from './types.js';
import type { EngineValue } from './value.js';

/** Appends rows to one column. `finish` hands the buffers over and leaves the builder empty and usable. */
export interface ColumnBuilder {
  readonly type: DataType;
  /** Rows so far. */
  readonly length: number;
  /** Any engine value of the builder's type, or null. */
  append(value: EngineValue): void;
  appendNull(): void;
  /** Copies one row of a column of the same type, whatever its layout. */
  appendFrom(column: Column, row: number): void;
  /** Bytes that the rows so far take, validity and offsets included. */
  byteSize(): number;
  finish(): Column;
}

export abstract class RowBuilder implements ColumnBuilder {
  readonly type: DataType;
  length = 0;
  capacity = 0;
  protected validity: Uint8Array | null = null;
  private readonly firstCapacity: number;

  constructor(type: DataType, capacity: number) {
    this.type = type;
    this.firstCapacity = Math.max(1, capacity);
  }

  abstract append(value: EngineValue): void;
  abstract appendFrom(column: Column, row: number): void;
  abstract byteSize(): number;
  abstract finish(): Column;
  /** Gives the storage of the subclass room for `capacity` rows. */
  protected abstract growStorage(capacity: number): void;

  /** Storage that is zero where nothing was stored needs nothing more; other builders say what a null row takes. */
  appendNull(): void {
    if (this.length === this.capacity) this.grow();
    this.markNull(this.length++);
  }

  /** Makes room for at least one more row. Called by the append methods at the edge of the capacity only. */
  grow(): void {
    // Sixteen bytes a row, the widest there is, keeps every buffer of fixed width below 2 GiB.
    const capacity = this.capacity === 0 ? this.firstCapacity : nextCapacity(this.capacity, this.length + 1, 16);
    this.growStorage(capacity);
    if (this.validity !== null) {
      const used = this.validity.length;
      this.validity = growTo(this.validity, (capacity + 7) >> 3).fill(255, used);
    }
    this.capacity = capacity;
  }

  /** Marks `row` null; there must be room for it. */
  protected markNull(row: number): void {
    if (this.validity === null) this.validity = allocBytes((this.capacity + 7) >> 3).fill(255);
    this.validity[row >> 3] &= ~(1 << (row & 7));
  }

  protected validityBytes(): number {
    return this.validity === null ? 0 : (this.length + 7) >> 3;
  }

  /** Hands the validity of the rows so far over. */
  protected takeValidity(): Validity {
    if (this.validity === null) return null;
    const bits = this.validity.subarray(0, (this.length + 7) >> 3);
    clearTail(bits, this.length);
    this.validity = null;
    return bits;
  }

  /** Whether a buffer is so empty that a copy of its front is handed over and the buffer kept. */
  protected mostlyEmpty(): boolean {
    return this.length * 2 < this.capacity;
  }
}
