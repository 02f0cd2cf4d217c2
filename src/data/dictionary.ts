/**
 * Owns: the plain form of dictionary-encoded columns, and smaller dictionaries for columns that use few of their entries.
 * Entries of a dictionary may repeat, but are never null: nulls are in the validity of the codes.
 */
import { allocInt32 } from './alloc.js';
import type { Column, ColumnOf } from './batch.js';
import { getBit } from './bitmap.js';
import { hashBytes } from './hash.js';
import { take } from './take.js';
import { compareBytes } from './utf8.js';

/** The same rows without any dictionary, at every depth; a column without one comes back as it is. */
export function decodeDictionary(column: Column): Column {
  switch (column.layout) {
    case 'dictionary':
      return decodeDictionary(take(column.dictionary, rowsOf(column), column.length));
    case 'list': {
      const child = decodeDictionary(column.child);
      return child === column.child ? column : { ...column, child };
    }
    case 'map': {
      const [keys, values] = [decodeDictionary(column.keys), decodeDictionary(column.values)];
      return keys === column.keys && values === column.values ? column : { ...column, keys, values };
    }
    case 'struct': {
      const children = column.children.map(decodeDictionary);
      return children.every((child, i) => child === column.children[i]) ? column : { ...column, children };
    }
    default:
      return column;
  }
}

/** The codes with -1 for null rows, as `take` wants them. */
function rowsOf({ codes, validity, length }: ColumnOf<'dictionary'>): Int32Array {
  if (validity === null) return codes;
  const rows = allocInt32(length);
  for (let i = 0; i < length; i++) rows[i] = getBit(validity, i) ? codes[i] : -1;
  return rows;
}

/**
 * The distinct rows of a column of bytes without nulls: `codes[i]` is the place of row i's value among them, in order of first appearance,
 * and `firsts` the rows where they first appear.
 */
export function distinctBytes({ length, offsets, data }: ColumnOf<'bytes'>): { codes: Int32Array; firsts: Int32Array } {
  const mask = 2 ** Math.ceil(Math.log2(2 * length + 1)) - 1;
  // Each slot of the open-addressed table holds a code + 1, or 0.
  const table = allocInt32(mask + 1);
  const codes = allocInt32(length);
  const firsts = allocInt32(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const [start, end] = [offsets[i], offsets[i + 1]];
    let slot = hashBytes(data, start, end, 0) & mask;
    for (; table[slot] !== 0; slot = (slot + 1) & mask) {
      const first = firsts[table[slot] - 1];
      if (compareBytes(data, start, end, data, offsets[first], offsets[first + 1]) === 0) break;
    }
    if (table[slot] === 0) {
      firsts[count] = i;
      table[slot] = ++count;
    }
    codes[i] = table[slot] - 1;
  }
  return { codes, firsts: firsts.subarray(0, count) };
}

/** The same rows over a dictionary of the entries that they use, in order of first use; itself where all are used. */
export function pruneDictionary(column: ColumnOf<'dictionary'>): ColumnOf<'dictionary'> {
  const { codes, validity, length, dictionary } = column;
  const newCodes = allocInt32(dictionary.length).fill(-1);
  const used = allocInt32(Math.min(length, dictionary.length));
  const pruned = allocInt32(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    if (validity !== null && !getBit(validity, i)) continue;
    const code = codes[i];
    if (newCodes[code] < 0) {
      newCodes[code] = count;
      used[count++] = code;
    }
    pruned[i] = newCodes[code];
  }
  if (count === dictionary.length) return column;
  return { layout: 'dictionary', length, validity, codes: pruned, dictionary: take(dictionary, used, count) };
}
