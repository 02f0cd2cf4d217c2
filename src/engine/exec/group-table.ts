/**
 * Owns: key → dense group number, by open addressing over typed arrays: one table for byte keys, one for keys of 64 bits.
 * Groups are numbered 0, 1, … in order of arrival. Generated code calls `find` (-1 where absent) and `insert`.
 * Slots are chosen by the hash's high bits mixed down: rows of one reduce partition share the low bits of Spark's hash.
 */
import { allocBytes, allocInt32, growTo } from '../../data/alloc.js';

const FIRST_SLOTS = 1024;

/** What both tables share: the slots and their growth. */
abstract class GroupTable {
  /** Groups so far. */
  size = 0;
  /** Pairs (hash, group + 1); 0 in the second marks a free slot. */
  protected slots: Int32Array = allocInt32(FIRST_SLOTS * 2);
  protected mask = FIRST_SLOTS - 1;

  protected abstract resizeGroups(): void;

  clear(): void {
    this.slots.fill(0);
    this.size = 0;
  }

  protected place(hash: number): number {
    const { slots, mask } = this;
    let s = (hash ^ (hash >>> 15)) & mask;
    while (slots[2 * s + 1] !== 0) s = (s + 1) & mask;
    return s;
  }

  /** Doubles the slots; at most half of them are taken. */
  protected growSlots(): void {
    const old = this.slots;
    this.slots = allocInt32(old.length * 2);
    this.mask = old.length - 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      const s = this.place(old[i]);
      this.slots[2 * s] = old[i];
      this.slots[2 * s + 1] = old[i + 1];
    }
  }
}

/** Keys are byte strings: single strings as they are, several columns in the row form of key-buffer.ts. */
export class BytesTable extends GroupTable {
  /** Key of group g is heap[offsets[g] .. offsets[g + 1]). */
  offsets: Int32Array = allocInt32(257);
  heap: Uint8Array = allocBytes(4096);

  /** The group of data[start .. end), or -1. */
  find(data: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(data, start, end);
    const { slots, mask, heap, offsets } = this;
    const length = end - start;
    let s = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const group = slots[2 * s + 1] - 1;
      if (group < 0) return -1;
      if (slots[2 * s] === hash) {
        let from = offsets[group];
        if (offsets[group + 1] - from === length) {
          let k = start;
          while (k < end && heap[from] === data[k]) {
            k++;
            from++;
          }
          if (k === end) return group;
        }
      }
      s = (s + 1) & mask;
    }
  }

  /** The group of data[start .. end), made now where it is new: then `size` has grown. */
  insert(data: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(data, start, end);
    const { slots, mask, heap, offsets } = this;
    const length = end - start;
    let s = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const group = slots[2 * s + 1] - 1;
      if (group < 0) return this.add(hash, s, data, start, end);
      if (slots[2 * s] === hash) {
        let from = offsets[group];
        if (offsets[group + 1] - from === length) {
          let k = start;
          while (k < end && heap[from] === data[k]) {
            k++;
            from++;
          }
          if (k === end) return group;
        }
      }
      s = (s + 1) & mask;
    }
  }

  private add(hash: number, slot: number, data: Uint8Array, start: number, end: number): number {
    const group = this.size++;
    if (group + 1 >= this.offsets.length) this.resizeGroups();
    const from = this.offsets[group];
    const to = from + end - start;
    if (to > this.heap.length) this.heap = growTo(this.heap, Math.max(to, this.heap.length * 2));
    this.heap.set(data.subarray(start, end), from);
    this.offsets[group + 1] = to;
    this.slots[2 * slot] = hash;
    this.slots[2 * slot + 1] = group + 1;
    if (this.size * 2 > this.mask) this.growSlots();
    return group;
  }

  /** A group that no key leads to. */
  reserve(): number {
    const group = this.size++;
    if (group + 1 >= this.offsets.length) this.resizeGroups();
    this.offsets[group + 1] = this.offsets[group];
    return group;
  }

  protected resizeGroups(): void {
    this.offsets = growTo(this.offsets, this.offsets.length * 2);
  }

  byteSize(): number {
    return this.slots.byteLength + this.offsets.byteLength + this.heap.byteLength;
  }
}

/** Keys are 64 bits, as two signed halves: every integer, date, timestamp, boolean, small decimal, and the bits of a double. */
export class LongTable extends GroupTable {
  /** Key of group g is (keys[2g], keys[2g + 1]). */
  private keys: Int32Array = allocInt32(512);

  find(low: number, high: number): number {
    const hash = hashLong(low, high);
    const { slots, mask, keys } = this;
    let s = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const group = slots[2 * s + 1] - 1;
      if (group < 0 || (keys[2 * group] === low && keys[2 * group + 1] === high)) return group;
      s = (s + 1) & mask;
    }
  }

  insert(low: number, high: number): number {
    const hash = hashLong(low, high);
    const { slots, mask, keys } = this;
    let s = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const group = slots[2 * s + 1] - 1;
      if (group < 0) return this.add(hash, s, low, high);
      if (keys[2 * group] === low && keys[2 * group + 1] === high) return group;
      s = (s + 1) & mask;
    }
  }

  private add(hash: number, slot: number, low: number, high: number): number {
    const group = this.size++;
    if (2 * group >= this.keys.length) this.resizeGroups();
    this.keys[2 * group] = low;
    this.keys[2 * group + 1] = high;
    this.slots[2 * slot] = hash;
    this.slots[2 * slot + 1] = group + 1;
    if (this.size * 2 > this.mask) this.growSlots();
    return group;
  }

  /** A group that no key leads to. */
  reserve(): number {
    const group = this.size++;
    if (2 * group >= this.keys.length) this.resizeGroups();
    return group;
  }

  protected resizeGroups(): void {
    this.keys = growTo(this.keys, this.keys.length * 2);
  }

  byteSize(): number {
    return this.slots.byteLength + this.keys.byteLength;
  }
}

function hashBytes(data: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + data[i]) | 0;
  return Math.imul(hash, -1640531527);
}

/** Two rounds of Murmur3's finaliser. */
function hashLong(low: number, high: number): number {
  let h = Math.imul(low ^ Math.imul(high, -1640531527), -2048144789);
  h ^= h >>> 13;
  return Math.imul(h, -1028477387);
}
