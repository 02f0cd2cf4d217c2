/** Owns: the values of a leaf as bytes: plain, or codes into a dictionary for texts that repeat. */
import { allocBytes, allocInt32, growTo } from '../../../data/alloc.js';
import type { Column, ColumnOf } from '../../../data/batch.js';
import { pruneDictionary } from '../../../data/dictionary.js';
import { compareBytes } from '../../../data/utf8.js';
import type { LeafSchema } from './shred.js';

/** Plain bytes of rows `from` to `to` of a column without nulls. Numbers without conversion are views. */
export function plainBytes(column: Column, leaf: LeafSchema, from: number, to: number): Uint8Array {
  switch (column.layout) {
    case 'fixed':
      return fixedBytes(column, leaf, from, to);
    case 'wide':
      return bigEndian(column, from, to);
    case 'bits': {
      const bits = allocBytes((to - from + 7) >> 3);
      for (let i = from, k = 0; i < to; i++, k++) if (column.bits[i >> 3] & (1 << (i & 7))) bits[k >> 3] |= 1 << (k & 7);
      return bits;
    }
    case 'bytes':
      return prefixed(column, from, to);
    default:
      throw new Error(`no plain bytes for ${column.layout}`);
  }
}

function fixedBytes({ values }: ColumnOf<'fixed'>, { physical }: LeafSchema, from: number, to: number): Uint8Array {
  const narrowed = physical === 'INT32' && values.BYTES_PER_ELEMENT !== 4;
  const stored = narrowed ? Int32Array.from(values.subarray(from, to) as BigInt64Array, Number) : values.subarray(from, to);
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

function bigEndian({ values }: ColumnOf<'wide'>, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset + from * 16, (to - from) * 16);
  const out = allocBytes(bytes.length);
  for (let i = 0; i < bytes.length; i += 16) for (let k = 0; k < 16; k++) out[i + k] = bytes[i + 15 - k];
  return out;
}

function prefixed({ offsets, data }: ColumnOf<'bytes'>, from: number, to: number): Uint8Array {
  const out = allocBytes(offsets[to] - offsets[from] + 4 * (to - from));
  let at = 0;
  for (let i = from; i < to; i++) {
    const start = offsets[i];
    const length = offsets[i + 1] - start;
    out[at] = length;
    out[at + 1] = length >> 8;
    out[at + 2] = length >> 16;
    out[at + 3] = length >> 24;
    at += 4;
    if (length > 32) out.set(data.subarray(start, start + length), at);
    else for (let k = 0; k < length; k++) out[at + k] = data[start + k];
    at += length;
  }
  return out;
}

/** A dictionary larger than this is not worth its page. */
const MOST_DICTIONARY_BYTES = 1 << 20;

/** The column over a dictionary of entries that are all different and used; null where plain values are smaller. */
export function dictionaryEncoded(column: Column): ColumnOf<'dictionary'> | null {
  if (column.layout === 'dictionary' && column.dictionary.layout === 'bytes') {
    const pruned = pruneDictionary(column);
    const unique = encodeBytes(pruned.dictionary as ColumnOf<'bytes'>, pruned.dictionary.length);
    if (unique === null) return null;
    // Entries may repeat in what came; in the file they do not.
    const codes = unique.dictionary.length === pruned.dictionary.length ? pruned.codes : pruned.codes.map((code) => unique.codes[code]);
    return { ...pruned, codes, dictionary: unique.dictionary };
  }
  return column.layout === 'bytes' && column.length > 0 ? encodeBytes(column, Math.max(16, column.length >> 2)) : null;
}

/** After so many rows it is known whether values repeat enough. */
const SAMPLED_ROWS = 4096;

/** Gives up past `most` different values or the bytes of a dictionary, and where the first rows repeat so seldom that it would come to that. */
function encodeBytes(column: ColumnOf<'bytes'>, most: number): ColumnOf<'dictionary'> | null {
  const { length, offsets, data } = column;
  const size = 1 << (33 - Math.clz32(Math.min(most, 1 << 20) | 15));
  // Slots hold code + 1; the first row with that value stands for it.
  let table = new Int32Array(size);
  let firsts = allocInt32(1024);
  const hashes = allocInt32(length);
  const codes = allocInt32(length);
  let entries = 0;
  let bytes = 0;
  for (let row = 0; row < length; row++) {
    if (row === SAMPLED_ROWS && seldomRepeats(entries, bytes, most)) return null;
    const start = offsets[row];
    const end = offsets[row + 1];
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + data[i]) | 0;
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 13;
    hashes[row] = hash;
    let slot = hash & (table.length - 1);
    let code = -1;
    for (; table[slot] !== 0; slot = (slot + 1) & (table.length - 1)) {
      const first = firsts[table[slot] - 1];
      if (hashes[first] === hash && compareBytes(data, start, end, data, offsets[first], offsets[first + 1]) === 0) {
        code = table[slot] - 1;
        break;
      }
    }
    if (code < 0) {
      bytes += end - start + 4;
      if (entries === most || bytes > MOST_DICTIONARY_BYTES) return null;
      if (entries === firsts.length) firsts = growTo(firsts, entries * 2);
      firsts[entries] = row;
      code = entries++;
      table[slot] = entries;
      if (entries * 2 > table.length) table = rehash(firsts, entries, hashes, table.length * 2);
    }
    codes[row] = code;
  }
  return { layout: 'dictionary', length, validity: null, codes, dictionary: gather(column, firsts, entries) };
}

/** Whether more values differ than n rows drawn from twice the values that fit would have: of d values they meet d (1 − e^(−n/d)). */
function seldomRepeats(entries: number, bytes: number, most: number): boolean {
  const values = 2 * Math.min(most, MOST_DICTIONARY_BYTES / (bytes / entries));
  return entries > values * (1 - Math.exp(-SAMPLED_ROWS / values));
}

function rehash(firsts: Int32Array, entries: number, hashes: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const table = new Int32Array(size);
  for (let code = 0; code < entries; code++) {
    let slot = hashes[firsts[code]] & (size - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (size - 1);
    table[slot] = code + 1;
  }
  return table;
}

function gather({ offsets, data }: ColumnOf<'bytes'>, rows: Int32Array, count: number): Column {
  const out = allocInt32(count + 1);
  for (let i = 0; i < count; i++) out[i + 1] = out[i] + offsets[rows[i] + 1] - offsets[rows[i]];
  const bytes = allocBytes(out[count]);
  for (let i = 0; i < count; i++) bytes.set(data.subarray(offsets[rows[i]], offsets[rows[i] + 1]), out[i]);
  return { layout: 'bytes', length: count, validity: null, offsets: out, data: bytes };
}
