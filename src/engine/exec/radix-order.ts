/**
 * Owns: the order of rows by one key in linear time: the key's values as 64 bits that compare like them, sorted digit by digit from the last.
 * Receives a column without dictionary; gives row numbers, rows of equal bits in their old order, and whether equal bits are equal values.
 */
import { type Column, type ColumnOf, isNull } from '../../data/batch.js';

export interface KeyBits {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** Whether rows of equal bits are equal in the key. */
  readonly isExact: boolean;
}

/** Bits that order the column's values ascending; those of nulls are anything. Null where its layout has no such bits. */
export function keyBits(column: Column): KeyBits | null {
  const high = new Uint32Array(column.length);
  const low = new Uint32Array(column.length);
  switch (column.layout) {
    case 'fixed':
      fillFixed(column, high, low);
      return { high, low, isExact: true };
    case 'bytes':
      fillBytes(column, high, low);
      return { high, low, isExact: false };
    default:
      return null;
  }
}

function fillFixed({ values, length }: ColumnOf<'fixed'>, high: Uint32Array, low: Uint32Array): void {
  if (values instanceof BigInt64Array) {
    const lanes = new Uint32Array(values.buffer, values.byteOffset, length * 2);
    for (let i = 0; i < length; i++) {
      low[i] = lanes[2 * i];
      high[i] = lanes[2 * i + 1] ^ 0x80000000;
    }
  } else if (values instanceof Float64Array || values instanceof Float32Array) {
    fillFloats(values, length, high, low);
  } else {
    for (let i = 0; i < length; i++) high[i] = values[i] ^ 0x80000000;
  }
}

/** IEEE bits grow with the value but for the sign: negative ones are turned over. -0 is 0, and every NaN the largest. */
function fillFloats(values: Float64Array | Float32Array, length: number, high: Uint32Array, low: Uint32Array): void {
  const float = new Float64Array(1);
  const lanes = new Uint32Array(float.buffer);
  for (let i = 0; i < length; i++) {
    const value = values[i];
    float[0] = value + 0;
    if (Number.isNaN(value)) {
      high[i] = low[i] = 0xffffffff;
    } else if (lanes[1] >>> 31 === 1) {
      low[i] = ~lanes[0];
      high[i] = ~lanes[1];
    } else {
      low[i] = lanes[0];
      high[i] = lanes[1] | 0x80000000;
    }
  }
}

/** The first eight bytes; shorter ones end in zeros. */
function fillBytes({ data, offsets, length }: ColumnOf<'bytes'>, high: Uint32Array, low: Uint32Array): void {
  const byteAt = (p: number, end: number): number => (p < end ? data[p] : 0);
  for (let i = 0; i < length; i++) {
    const p = offsets[i];
    const end = offsets[i + 1];
    high[i] = (byteAt(p, end) << 24) | (byteAt(p + 1, end) << 16) | (byteAt(p + 2, end) << 8) | byteAt(p + 3, end);
    low[i] = (byteAt(p + 4, end) << 24) | (byteAt(p + 5, end) << 16) | (byteAt(p + 6, end) << 8) | byteAt(p + 7, end);
  }
}

/** Turns the order around. */
export function turnOver({ high, low }: KeyBits): void {
  for (let i = 0; i < high.length; i++) {
    high[i] = ~high[i];
    low[i] = ~low[i];
  }
}

/** All row numbers; where nulls go first or last, they are put there in their old order. `nulls` says how many there are. */
export function rowsByNull(column: Column, nullsFirst: boolean): { readonly rows: Int32Array; readonly nulls: number } {
  const rows = new Int32Array(column.length);
  let nulls = 0;
  if ('validity' in column && column.validity !== null) for (let i = 0; i < column.length; i++) if (isNull(column, i)) nulls++;
  let [ofNull, ofValue] = nullsFirst ? [0, nulls] : [column.length - nulls, 0];
  if (nulls === 0) for (let i = 0; i < rows.length; i++) rows[i] = i;
  else for (let i = 0; i < rows.length; i++) rows[isNull(column, i) ? ofNull++ : ofValue++] = i;
  return { rows, nulls };
}

const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;
/** Of 32 bits: the last digit has ten. */
const DIGITS = 3;

/** Sorts rows[from, to) by their bits, stably. Digits that all rows share cost nothing. */
export function radixSort(rows: Int32Array, from: number, to: number, { high, low }: KeyBits): void {
  let source = rows.subarray(from, to);
  let target: Int32Array = new Int32Array(source.length);
  for (const lane of [low, high]) {
    for (let digit = 0; digit < DIGITS; digit++) {
      if (!pass(source, target, lane, digit * DIGIT_BITS)) continue;
      [source, target] = [target, source];
    }
  }
  if (source.buffer !== rows.buffer) rows.set(source, from);
}

/** Whether the rows went to `target`: not where all have one digit. */
function pass(source: Int32Array, target: Int32Array, lane: Uint32Array, shift: number): boolean {
  const counts = new Uint32Array(BUCKETS);
  for (let i = 0; i < source.length; i++) counts[(lane[source[i]] >>> shift) & (BUCKETS - 1)]++;
  if (source.length === 0 || counts[(lane[source[0]] >>> shift) & (BUCKETS - 1)] === source.length) return false;
  let next = 0;
  for (let b = 0; b < BUCKETS; b++) {
    const count = counts[b];
    counts[b] = next;
    next += count;
  }
  for (let i = 0; i < source.length; i++) {
    const row = source[i];
    target[counts[(lane[row] >>> shift) & (BUCKETS - 1)]++] = row;
  }
  return true;
}
