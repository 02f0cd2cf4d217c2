/** Owns: the builders of array, map, struct and void columns, over the builders of their children. */
import { allocInt32, growTo } from './alloc.js';
import { type Column, type ColumnOf, isNull } from './batch.js';
import { type ColumnBuilder, RowBuilder } from './builder-base.js';
import { type DataType, NULL } from './types.js';
import type { EngineValue } from './value.js';

/** Shared by lists and maps: offsets into children. Append the entries of a row to the children, then call `endRow`. */
abstract class OffsetBuilder extends RowBuilder {
  protected offsets: Int32Array = allocInt32(1);

  /** Rows of the children so far. */
  protected abstract entries(): number;

  /** Closes a row whose entries were appended to the child builders. */
  endRow(): void {
    const row = this.length;
    if (row === this.capacity) this.grow();
    this.offsets[row + 1] = this.entries();
    this.length = row + 1;
  }

  override appendNull(): void {
    if (this.length === this.capacity) this.grow();
    this.markNull(this.length);
    this.endRow();
  }

  protected takeOffsets(): Int32Array {
    const offsets = this.offsets.subarray(0, this.length + 1);
    this.offsets = allocInt32(1);
    this.capacity = 0;
    this.length = 0;
    return offsets;
  }

  protected growStorage(capacity: number): void {
    this.offsets = growTo(this.offsets, capacity + 1);
  }

  protected offsetBytes(): number {
    return (this.length + 1) * 4 + this.validityBytes();
  }
}

export class ListBuilder extends OffsetBuilder {
  readonly child: ColumnBuilder;

  constructor(type: DataType, capacity: number, child: ColumnBuilder) {
    super(type, capacity);
    this.child = child;
  }

  append(value: EngineValue): void {
    if (value === null) {
      this.appendNull();
      return;
    }
    for (const element of value as readonly EngineValue[]) this.child.append(element);
    this.endRow();
  }

  appendFrom(column: Column, row: number): void {
    if (isNull(column, row)) {
      this.appendNull();
      return;
    }
    if (column.layout === 'dictionary') {
      this.appendFrom(column.dictionary, column.codes[row]);
      return;
    }
    const { offsets, child } = column as ColumnOf<'list'>;
    for (let i = offsets[row]; i < offsets[row + 1]; i++) this.child.appendFrom(child, i);
    this.endRow();
  }

  byteSize(): number {
    return this.offsetBytes() + this.child.byteSize();
  }

  finish(): Column {
    const length = this.length;
    const validity = this.takeValidity();
    return { layout: 'list', length, validity, offsets: this.takeOffsets(), child: this.child.finish() };
  }

  protected entries(): number {
    return this.child.length;
  }
}

export class MapBuilder extends OffsetBuilder {
  readonly keys: ColumnBuilder;
  readonly values: ColumnBuilder;

  constructor(type: DataType, capacity: number, keys: ColumnBuilder, values: ColumnBuilder) {
    super(type, capacity);
    this.keys = keys;
    this.values = values;
  }

  append(value: EngineValue): void {
    if (value === null) {
      this.appendNull();
      return;
    }
    for (const [key, item] of value as readonly (readonly [EngineValue, EngineValue])[]) {
      this.keys.append(key);
      this.values.append(item);
    }
    this.endRow();
  }

  appendFrom(column: Column, row: number): void {
    if (isNull(column, row)) {
      this.appendNull();
      return;
    }
    if (column.layout === 'dictionary') {
      this.appendFrom(column.dictionary, column.codes[row]);
      return;
    }
    const { offsets, keys, values } = column as ColumnOf<'map'>;
    for (let i = offsets[row]; i < offsets[row + 1]; i++) {
      this.keys.appendFrom(keys, i);
      this.values.appendFrom(values, i);
    }
    this.endRow();
  }

  byteSize(): number {
    return this.offsetBytes() + this.keys.byteSize() + this.values.byteSize();
  }

  finish(): Column {
    const length = this.length;
    const validity = this.takeValidity();
    return { layout: 'map', length, validity, offsets: this.takeOffsets(), keys: this.keys.finish(), values: this.values.finish() };
  }

  protected entries(): number {
    return this.keys.length;
  }
}

/** Append one value to every child, then call `endRow`; or use `append`. */
export class StructBuilder extends RowBuilder {
  readonly children: readonly ColumnBuilder[];

  constructor(type: DataType, capacity: number, children: readonly ColumnBuilder[]) {
    super(type, capacity);
    this.children = children;
  }

  /** Closes a row whose fields were appended to the child builders. */
  endRow(): void {
    if (this.length === this.capacity) this.grow();
    this.length++;
  }

  append(value: EngineValue): void {
    if (value === null) {
      this.appendNull();
      return;
    }
    const fields = value as readonly EngineValue[];
    for (let i = 0; i < this.children.length; i++) this.children[i].append(fields[i]);
    this.endRow();
  }

  override appendNull(): void {
    for (const child of this.children) child.appendNull();
    if (this.length === this.capacity) this.grow();
    this.markNull(this.length++);
  }

  appendFrom(column: Column, row: number): void {
    if (isNull(column, row)) {
      this.appendNull();
      return;
    }
    if (column.layout === 'dictionary') {
      this.appendFrom(column.dictionary, column.codes[row]);
      return;
    }
    const { children } = column as ColumnOf<'struct'>;
    for (let i = 0; i < children.length; i++) this.children[i].appendFrom(children[i], row);
    this.endRow();
  }

  byteSize(): number {
    let bytes = this.validityBytes();
    for (const child of this.children) bytes += child.byteSize();
    return bytes;
  }

  finish(): Column {
    const column: Column = {
      layout: 'struct',
      length: this.length,
      validity: this.takeValidity(),
      children: this.children.map((child) => child.finish()),
    };
    this.length = 0;
    this.capacity = 0;
    return column;
  }

  /** The children hold the storage. */
  protected growStorage(): void {}
}

/** A void column: it has rows and nothing else. */
export class NullBuilder implements ColumnBuilder {
  readonly type: DataType = NULL;
  length = 0;

  append(): void {
    this.length++;
  }

  appendNull(): void {
    this.length++;
  }

  appendFrom(): void {
    this.length++;
  }

  byteSize(): number {
    return 0;
  }

  finish(): Column {
    const { length } = this;
    this.length = 0;
    return { layout: 'null', length };
  }
}
