/**
 * Owns: the little of the FlatBuffers format that Arrow's messages need: a writer that grows from the end (for schemas, which are rare)
 * and a reader that trusts nothing. Format: flatbuffers.dev, "FlatBuffer Internals". All positions are bytes; everything is little-endian.
 */
import { fatalError, MinisparkError } from '../core/errors.js';

/** What every reader of stored or received Arrow bytes throws. */
export function corruptBlock(what: string) {
  return fatalError('CORRUPT_BLOCK', `Arrow data cannot be read: ${what}.`);
}

/** Nothing is wrong with the bytes, but minispark has no such type. */
export function unknownType(what: string) {
  return fatalError('CORRUPT_BLOCK', `Arrow data cannot be read: it holds ${what}, which minispark has no type for.`, {
    data: { isUnknownType: true },
  });
}

export const isUnknownType = (error: unknown): boolean => error instanceof MinisparkError && error.data?.isUnknownType === true;

/** One field of a table to write. Offsets are what `string`, `vector` and `table` gave. */
export interface FlatField {
  readonly slot: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly value: number;
  readonly isOffset?: boolean;
}

/** Objects are written children first; each method gives the object's distance from the end of the buffer. */
export class FlatWriter {
  private bytes = new Uint8Array(512);
  private view = new DataView(this.bytes.buffer);
  private used = 0;

  string(text: string): number {
    const utf8 = Buffer.from(text, 'utf8');
    this.align(4, utf8.length + 1);
    this.reserve(1);
    this.reserve(utf8.length);
    this.bytes.set(utf8, this.bytes.length - this.used);
    return this.int32(utf8.length);
  }

  /** A vector of offsets. */
  vector(targets: readonly number[]): number {
    this.align(4, 4 * targets.length);
    for (let i = targets.length - 1; i >= 0; i--) this.offset(targets[i]);
    return this.int32(targets.length);
  }

  table(fields: readonly FlatField[]): number {
    const end = this.used;
    const slots = Math.max(-1, ...fields.map((f) => f.slot)) + 1;
    const positions = new Array<number>(slots).fill(0);
    for (const { slot, size, value, isOffset } of fields) {
      if (isOffset) this.offset(value);
      else this.number(size, value);
      positions[slot] = this.used;
    }
    const start = this.int32(0);
    for (let slot = slots - 1; slot >= 0; slot--) this.number(2, positions[slot] === 0 ? 0 : start - positions[slot]);
    this.number(2, start - end);
    this.number(2, 4 + 2 * slots);
    this.view.setInt32(this.bytes.length - start, this.used - start, true);
    return start;
  }

  /** The finished buffer, a multiple of eight bytes long. */
  finish(root: number): Uint8Array {
    this.align(8, 4);
    this.offset(root);
    return this.bytes.slice(this.bytes.length - this.used);
  }

  private int32(value: number): number {
    this.number(4, value);
    return this.used;
  }

  private offset(target: number): void {
    this.align(4, 0);
    this.number(4, this.used + 4 - target);
  }

  private number(size: 1 | 2 | 4 | 8, value: number): void {
    this.align(size, 0);
    this.reserve(size);
    const at = this.bytes.length - this.used;
    if (size === 1) this.view.setUint8(at, value);
    else if (size === 2) this.view.setUint16(at, value, true);
    else if (size === 4) this.view.setInt32(at, value, true);
    else this.view.setBigInt64(at, BigInt(value), true);
  }

  /** Pads so that the position is a multiple of `size` once `following` more bytes are written. */
  private align(size: number, following: number): void {
    this.reserve(-(this.used + following) & (size - 1));
  }

  private reserve(bytes: number): void {
    this.used += bytes;
    if (this.used <= this.bytes.length) return;
    const bigger = new Uint8Array(Math.max(this.used, this.bytes.length * 2));
    bigger.set(this.bytes, bigger.length - this.bytes.length);
    this.bytes = bigger;
    this.view = new DataView(bigger.buffer);
  }
}

const TWO_32 = 4294967296;

/** A table inside a buffer of untrusted bytes. Every access is checked against the table, its vtable and the buffer. */
export class FlatTable {
  private readonly view: DataView;
  private readonly start: number;
  private readonly vtable: number;
  private readonly vtableSize: number;
  private readonly size: number;

  constructor(view: DataView, start: number) {
    this.view = view;
    this.start = start;
    if (start < 4 || start + 4 > view.byteLength) throw corruptBlock('a table lies outside its message');
    this.vtable = start - view.getInt32(start, true);
    if (this.vtable < 0 || this.vtable + 4 > view.byteLength) throw corruptBlock('a table description lies outside its message');
    this.vtableSize = view.getUint16(this.vtable, true);
    this.size = view.getUint16(this.vtable + 2, true);
    if (this.vtableSize < 4 || this.vtable + this.vtableSize > view.byteLength || start + this.size > view.byteLength) {
      throw corruptBlock('a table passes the end of its message');
    }
  }

  /** The root table of a buffer. */
  static root(view: DataView): FlatTable {
    if (view.byteLength < 8) throw corruptBlock('a message is too short');
    return new FlatTable(view, view.getUint32(0, true));
  }

  int8(slot: number, byDefault = 0): number {
    const at = this.locate(slot, 1);
    return at === 0 ? byDefault : this.view.getInt8(at);
  }

  int16(slot: number, byDefault = 0): number {
    const at = this.locate(slot, 2);
    return at === 0 ? byDefault : this.view.getInt16(at, true);
  }

  int32(slot: number, byDefault = 0): number {
    const at = this.locate(slot, 4);
    return at === 0 ? byDefault : this.view.getInt32(at, true);
  }

  /** A count, length or id: refused where it is negative or past 2^53. */
  count(slot: number): number {
    const at = this.locate(slot, 8);
    return at === 0 ? 0 : readCount(this.view, at);
  }

  bool(slot: number): boolean {
    return this.int8(slot) !== 0;
  }

  has(slot: number): boolean {
    return this.locate(slot, 1) !== 0;
  }

  /** Null where the field is absent. */
  table(slot: number): FlatTable | null {
    const at = this.locate(slot, 4);
    return at === 0 ? null : new FlatTable(this.view, at + this.view.getUint32(at, true));
  }

  string(slot: number): string {
    const { start, count } = this.vector(slot, 1);
    return Buffer.from(this.view.buffer as ArrayBuffer, this.view.byteOffset + start, count).toString('utf8');
  }

  /** The tables of a vector of offsets. */
  tables(slot: number): FlatTable[] {
    const { start, count } = this.vector(slot, 4);
    return Array.from({ length: count }, (_, i) => new FlatTable(this.view, start + 4 * i + this.view.getUint32(start + 4 * i, true)));
  }

  /** Where the elements of a vector are and how many; (0, 0) where it is absent. */
  vector(slot: number, elementSize: number): { start: number; count: number } {
    const at = this.locate(slot, 4);
    if (at === 0) return { start: 0, count: 0 };
    const start = at + this.view.getUint32(at, true);
    if (start + 4 > this.view.byteLength) throw corruptBlock('a list lies outside its message');
    const count = this.view.getUint32(start, true);
    if (start + 4 + count * elementSize > this.view.byteLength) throw corruptBlock('a list passes the end of its message');
    return { start: start + 4, count };
  }

  /** The position of a field's value, 0 where it is absent. */
  private locate(slot: number, size: number): number {
    const entry = 4 + 2 * slot;
    if (entry + 2 > this.vtableSize) return 0;
    const offset = this.view.getUint16(this.vtable + entry, true);
    if (offset === 0) return 0;
    if (offset + size > this.size) throw corruptBlock('a field passes the end of its table');
    return this.start + offset;
  }
}

/** A 64-bit count at `at`, which must lie in the view. */
export function readCount(view: DataView, at: number): number {
  const value = view.getUint32(at, true) + view.getInt32(at + 4, true) * TWO_32;
  if (value < 0 || value > Number.MAX_SAFE_INTEGER) throw corruptBlock('a length is negative or absurd');
  return value;
}
