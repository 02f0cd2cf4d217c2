/**
 * Owns: key → dense group number, by open addressing over typed arrays: one table for byte keys, one for keys of 64 bits.
 * Groups are numbered 0, 1, … in order of arrival. Generated code calls `find` (-1 where absent) and `insert`.
 * The hashes are of their own: rows of one reduce partition share the residue of Spark's.
 */
import { fatalError } from '../../core/errors.js';
import { allocBytes, allocInt32, growTo } from '../../data/alloc.js';

const FIRST_SLOTS = 1024;

/** A power of two, of which `groups` take at most half. */
function slotsFor(groups: number): number {
  return Math.max(FIRST_SLOTS, 2 ** Math.ceil(Math.log2(2 * groups + 2)));
}

/** Odd constants that spread what is added to a hash over its high bits. */
const SPREAD = -1640531527;
const SPREAD_2 = -2048144789;
const SPREAD_3 = 668265263;

/** Bits of a slot's last word that tell the key's bytes; this value stands for as many or more. */
const LENGTH_BITS = 6;
const LENGTH_MASK = (1 << LENGTH_BITS) - 1;
/** The bits that are left number the groups. */
const MAX_GROUPS = 2 ** (32 - LENGTH_BITS) - 2;

/**
 * Keys are byte strings: single strings as they are, several columns in the row form of key-buffer.ts.
 * A key of up to twelve bytes is told by its length and three words, which overlap where it is shorter than all: its look-up reads one slot.
 */
export class BytesTable {
  /** Groups so far. */
  size = 0;
  /** A slot is (first word, second word, last word, group + 1 and bytes); 0 in the last marks it free. */
  private slots: Int32Array;
  private mask: number;
  /** Key of group g is heap[offsets[g] .. offsets[g + 1]). */
  private heap: Uint8Array = allocBytes(8192);
  private heapView = viewOf(this.heap);
  private offsets: Int32Array = allocInt32(257);
  /** For reading words where they start at any byte; of the data that was looked up last. */
  private view: DataView = new DataView(new ArrayBuffer(0));
  private viewed: Uint8Array | null = null;

  /** Has room for `expected` groups; grows beyond. */
  constructor(expected = 0) {
    const slots = slotsFor(expected);
    this.slots = allocInt32(slots * 4);
    this.mask = slots - 1;
  }

  /** The group of data[start .. end), or -1. */
  find(data: Uint8Array, start: number, end: number): number {
    return this.lookUp(data, start, end, false);
  }

  /** The group of data[start .. end), made now where it is new: then `size` has grown. Throws TOO_MANY_GROUPS. */
  insert(data: Uint8Array, start: number, end: number): number {
    return this.lookUp(data, start, end, true);
  }

  /** A group that no key leads to. */
  reserve(): number {
    if (this.size === MAX_GROUPS) throw tooManyGroups();
    const group = this.size++;
    if (group + 1 === this.offsets.length) this.offsets = growTo(this.offsets, this.offsets.length * 2);
    this.offsets[group + 1] = this.offsets[group];
    return group;
  }

  /** The key of a group: a view, good until the next insert. */
  keyOf(group: number): Uint8Array {
    return this.heap.subarray(this.offsets[group], this.offsets[group + 1]);
  }

  clear(): void {
    this.slots.fill(0);
    this.size = 0;
    this.viewed = null;
  }

  /** Bytes that the groups take: of the slots, which are a quarter to half full, three each. */
  byteSize(): number {
    return this.size * (3 * 16 + 4) + this.offsets[this.size];
  }

  /**
   * A word count spends half of its time here: as few branches as can be, and under the 460 bytes of bytecode
   * that V8 inlines into the loops that call it (`node --print-bytecode` tells).
   */
  private lookUp(data: Uint8Array, start: number, end: number, adds: boolean): number {
    if (data !== this.viewed) this.look(data);
    const { view, slots, mask } = this;
    const bytes = end - start;
    let first: number;
    let second = 0;
    let last = 0;
    if (bytes < 4) first = shortKey(data, start, bytes);
    else {
      first = view.getInt32(start, true);
      second = view.getInt32(start + Math.min(4, bytes - 4), true);
      last = view.getInt32(end - 4, true);
    }
    const length = Math.min(bytes, LENGTH_MASK);
    let hash = hashWords(first, second, last, length);
    if (bytes > 12) hash = hashMiddle(view, start, end, hash);
    let slot = (hash & mask) << 2;
    for (;;) {
      const tag = slots[slot + 3];
      if (tag === 0) return adds ? this.add(slot, first, second, last, data, start, end) : -1;
      if (((slots[slot] ^ first) | (slots[slot + 1] ^ second) | (slots[slot + 2] ^ last) | ((tag ^ length) & LENGTH_MASK)) === 0) {
        const group = (tag >>> LENGTH_BITS) - 1;
        if (bytes <= 12 || this.isMiddle(group, view, start, end)) return group;
      }
      slot = (slot + 4) & ((mask << 2) | 3);
    }
  }

  private look(data: Uint8Array): void {
    this.viewed = data;
    this.view = viewOf(data);
  }

  /** Whether the group's key has as many bytes, and the same ones between the first eight and the last four. */
  private isMiddle(group: number, view: DataView, start: number, end: number): boolean {
    const { heapView } = this;
    const from = this.offsets[group] - start;
    if (this.offsets[group + 1] - from !== end) return false;
    for (let i = start + 8; i + 4 < end; i += 4) if (heapView.getInt32(from + i, true) !== view.getInt32(i, true)) return false;
    return true;
  }

  private add(slot: number, first: number, second: number, last: number, data: Uint8Array, start: number, end: number): number {
    const group = this.reserve();
    const from = this.offsets[group];
    const to = from + end - start;
    if (to > this.heap.length) {
      this.heap = growTo(this.heap, Math.max(to, this.heap.length * 2));
      this.heapView = viewOf(this.heap);
    }
    this.heap.set(data.subarray(start, end), from);
    this.offsets[group + 1] = to;
    this.slots[slot] = first;
    this.slots[slot + 1] = second;
    this.slots[slot + 2] = last;
    this.slots[slot + 3] = ((group + 1) << LENGTH_BITS) | Math.min(end - start, LENGTH_MASK);
    if (this.size * 2 > this.mask) this.growSlots();
    return group;
  }

  /** Doubles the slots; at most half of them are taken. */
  private growSlots(): void {
    const old = this.slots;
    this.mask = this.mask * 2 + 1;
    this.slots = allocInt32(old.length * 2);
    for (let i = 0; i < old.length; i += 4) {
      const tag = old[i + 3];
      if (tag === 0) continue;
      const group = (tag >>> LENGTH_BITS) - 1;
      const [start, end] = [this.offsets[group], this.offsets[group + 1]];
      let hash = hashWords(old[i], old[i + 1], old[i + 2], tag & LENGTH_MASK);
      if (end - start > 12) hash = hashMiddle(this.heapView, start, end, hash);
      let slot = (hash & this.mask) << 2;
      while (this.slots[slot + 3] !== 0) slot = (slot + 4) & ((this.mask << 2) | 3);
      this.slots[slot] = old[i];
      this.slots[slot + 1] = old[i + 1];
      this.slots[slot + 2] = old[i + 2];
      this.slots[slot + 3] = tag;
    }
  }
}

function tooManyGroups(): Error {
  return fatalError('TOO_MANY_GROUPS', `One task holds ${MAX_GROUPS} groups, and no table holds more.`, {
    hint: 'use more partitions (--conf shuffle.partitions), or a smaller memory, so that groups spill',
  });
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

/** Up to three bytes as one word. */
function shortKey(data: Uint8Array, start: number, bytes: number): number {
  return bytes === 0 ? 0 : data[start] | (data[start + (bytes >> 1)] << 8) | (data[start + bytes - 1] << 16);
}

function hashWords(first: number, second: number, last: number, length: number): number {
  let hash = Math.imul(first, SPREAD) ^ Math.imul(second, SPREAD_2) ^ Math.imul(last, SPREAD_3) ^ length;
  hash = Math.imul(hash ^ (hash >>> 15), -1028477387);
  return hash ^ (hash >>> 13);
}

/** Goes on with a hash over what lies between the first eight bytes and the last word, which may overlap it. */
function hashMiddle(view: DataView, start: number, end: number, hash: number): number {
  for (let i = start + 8; i + 4 < end; i += 4) hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ view.getInt32(i, true), SPREAD);
  return hash ^ (hash >>> 15);
}

/** Keys are 64 bits, as two signed halves: every integer, date, timestamp, boolean, small decimal, and the bits of a double. */
export class LongTable {
  /** Groups so far. */
  size = 0;
  /** Group + 1, or 0 where free. */
  private slots: Int32Array;
  private mask: number;
  /** Key of group g is (keys[2g], keys[2g + 1]). */
  private keys: Int32Array = allocInt32(512);

  /** Has room for `expected` groups; grows beyond. */
  constructor(expected = 0) {
    const slots = slotsFor(expected);
    this.slots = allocInt32(slots);
    this.mask = slots - 1;
  }

  /** The group of the key, or -1. */
  find(low: number, high: number): number {
    return this.slots[this.probe(low, high)] - 1;
  }

  /** The group of the key, made now where it is new: then `size` has grown. */
  insert(low: number, high: number): number {
    const slot = this.probe(low, high);
    const group = this.slots[slot] - 1;
    return group < 0 ? this.add(slot, low, high) : group;
  }

  /** A group that no key leads to. */
  reserve(): number {
    const group = this.size++;
    if (2 * group + 1 >= this.keys.length) this.keys = growTo(this.keys, this.keys.length * 2);
    return group;
  }

  clear(): void {
    this.slots.fill(0);
    this.size = 0;
  }

  /** As of BytesTable. */
  byteSize(): number {
    return this.size * (3 * 4 + 8);
  }

  private probe(low: number, high: number): number {
    const { slots, mask, keys } = this;
    let slot = hashLong(low, high) & mask;
    for (;;) {
      const group = slots[slot] - 1;
      if (group < 0 || (keys[2 * group] === low && keys[2 * group + 1] === high)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private add(slot: number, low: number, high: number): number {
    const group = this.reserve();
    this.keys[2 * group] = low;
    this.keys[2 * group + 1] = high;
    this.slots[slot] = group + 1;
    if (this.size * 2 > this.mask) this.growSlots();
    return group;
  }

  /** Doubles the slots; at most half of them are taken. */
  private growSlots(): void {
    const old = this.slots;
    this.mask = this.mask * 2 + 1;
    this.slots = allocInt32(old.length * 2);
    for (const taken of old) {
      if (taken === 0) continue;
      let slot = hashLong(this.keys[2 * taken - 2], this.keys[2 * taken - 1]) & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = taken;
    }
  }
}

/** As Murmur3's finaliser mixes, over both halves. */
function hashLong(low: number, high: number): number {
  let h = Math.imul(low ^ Math.imul(high, SPREAD), SPREAD_2);
  h ^= h >>> 13;
  h = Math.imul(h, -1028477387);
  return h ^ (h >>> 16);
}
