/**
 * Owns: key → dense group number, by open addressing over typed arrays: one table for byte keys, one for keys of 64 bits.
 * Groups are numbered 0, 1, … in order of arrival. Generated code calls `find` (-1 where absent) and `insert`.
 * The hashes are of their own: rows of one reduce partition share the residue of Spark's.
 */
import { allocInt32, growTo } from '../../data/alloc.js';

const FIRST_SLOTS = 1024;

/** Golden ratio of 2^32: spreads what is added to a hash over its high bits. */
const SPREAD = -1640531527;

/**
 * Keys are byte strings: single strings as they are, several columns in the row form of key-buffer.ts.
 * Bytes are hashed, kept and compared four at a time, as little-endian words padded with zeros.
 */
export class BytesTable {
  /** Groups so far. */
  size = 0;
  /** A slot is (hash, group + 1, first word, bytes); 0 in the second marks it free. One cache line answers most look-ups but for the key itself. */
  private slots: Int32Array = allocInt32(FIRST_SLOTS * 4);
  private mask = FIRST_SLOTS - 1;
  private heap: Int32Array = allocInt32(2048);
  private heapWords = 0;
  /** First word and bytes of each group's key. */
  private keys: Int32Array = allocInt32(512);
  /** The key that was looked up last. */
  private words: Int32Array = allocInt32(64);
  private wordCount = 0;
  private hash = 0;

  /** The group of data[start .. end), or -1. */
  find(data: Uint8Array, start: number, end: number): number {
    return this.slots[this.locate(data, start, end) + 1] - 1;
  }

  /** The group of data[start .. end), made now where it is new: then `size` has grown. */
  insert(data: Uint8Array, start: number, end: number): number {
    const slot = this.locate(data, start, end);
    const group = this.slots[slot + 1] - 1;
    return group < 0 ? this.add(slot, end - start) : group;
  }

  /** A group that no key leads to. */
  reserve(): number {
    const group = this.size++;
    if (2 * group + 1 >= this.keys.length) this.keys = growTo(this.keys, this.keys.length * 2);
    this.keys[2 * group] = this.heapWords;
    this.keys[2 * group + 1] = 0;
    return group;
  }

  /** The key of a group: a view, good until the next insert. */
  keyOf(group: number): Uint8Array {
    return new Uint8Array(this.heap.buffer, this.heap.byteOffset + this.keys[2 * group] * 4, this.keys[2 * group + 1]);
  }

  clear(): void {
    this.slots.fill(0);
    this.size = 0;
    this.heapWords = 0;
  }

  /** Bytes held. */
  byteSize(): number {
    return this.slots.byteLength + this.heap.byteLength + this.keys.byteLength;
  }

  /**
   * The slot of the key, or the free one where it belongs; leaves the key's words and hash behind. One function, for speed: it is where
   * a word count spends most of its time.
   */
  private locate(data: Uint8Array, start: number, end: number): number {
    const bytes = end - start;
    if (bytes > this.words.length * 4) this.words = allocInt32((bytes + 3) >> 2);
    const { words, slots, heap, mask } = this;
    let count = 0;
    let hash = bytes;
    let i = start;
    for (; i + 4 <= end; i += 4) {
      const word = data[i] | (data[i + 1] << 8) | (data[i + 2] << 16) | (data[i + 3] << 24);
      words[count++] = word;
      hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ word, SPREAD);
    }
    if (i < end) {
      let word = data[i++];
      if (i < end) word |= data[i++] << 8;
      if (i < end) word |= data[i++] << 16;
      words[count++] = word;
      hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ word, SPREAD);
    }
    this.hash = hash;
    this.wordCount = count;
    let slot = ((hash ^ (hash >>> 15)) & mask) << 2;
    for (;;) {
      if (slots[slot + 1] === 0) return slot;
      if (slots[slot] === hash && slots[slot + 3] === bytes) {
        const from = slots[slot + 2];
        let k = 0;
        while (k < count && heap[from + k] === words[k]) k++;
        if (k === count) return slot;
      }
      slot = (slot + 4) & ((mask << 2) | 3);
    }
  }

  private add(slot: number, bytes: number): number {
    const group = this.reserve();
    const from = this.heapWords;
    const to = from + this.wordCount;
    if (to > this.heap.length) this.heap = growTo(this.heap, Math.max(to, this.heap.length * 2));
    this.heap.set(this.words.subarray(0, this.wordCount), from);
    this.heapWords = to;
    this.keys[2 * group + 1] = bytes;
    this.slots[slot] = this.hash;
    this.slots[slot + 1] = group + 1;
    this.slots[slot + 2] = from;
    this.slots[slot + 3] = bytes;
    if (this.size * 2 > this.mask) this.growSlots();
    return group;
  }

  /** Doubles the slots; at most half of them are taken. */
  private growSlots(): void {
    const old = this.slots;
    this.mask = this.mask * 2 + 1;
    const last = this.mask * 4 + 3;
    this.slots = allocInt32(old.length * 2);
    for (let i = 0; i < old.length; i += 4) {
      if (old[i + 1] === 0) continue;
      let slot = ((old[i] ^ (old[i] >>> 15)) & this.mask) * 4;
      while (this.slots[slot + 1] !== 0) slot = (slot + 4) & last;
      this.slots.set(old.subarray(i, i + 4), slot);
    }
  }
}

/** Keys are 64 bits, as two signed halves: every integer, date, timestamp, boolean, small decimal, and the bits of a double. */
export class LongTable {
  /** Groups so far. */
  size = 0;
  /** Group + 1, or 0 where free. */
  private slots: Int32Array = allocInt32(FIRST_SLOTS);
  private mask = FIRST_SLOTS - 1;
  /** Key of group g is (keys[2g], keys[2g + 1]). */
  private keys: Int32Array = allocInt32(512);

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

  byteSize(): number {
    return this.slots.byteLength + this.keys.byteLength;
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
  let h = Math.imul(low ^ Math.imul(high, SPREAD), -2048144789);
  h ^= h >>> 13;
  h = Math.imul(h, -1028477387);
  return h ^ (h >>> 16);
}
