/**
 * Owns: moving the rows of one column, from several batches, each to its place. Sources are read in order and each partition is written
 * in order, so that a cache line is loaded once; gathering the same rows by index is five times slower at 200 partitions.
 */
import { allocBytes, allocFixed, allocInt32, allocInt64, MAX_BUFFER_BYTES, nextCapacity } from '../../data/alloc.js';
import type { Column, ColumnOf, FixedArray, Validity } from '../../data/batch.js';
import { concat } from '../../data/concat.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { lanesOf } from '../../data/lanes.js';
import { take } from '../../data/take.js';
import type { DataType } from '../../data/types.js';

/** Row i of parts[b] goes to row places[b][i] of the result, which has `length` rows; every row is written once. */
export interface Move {
  readonly places: readonly Int32Array[];
  readonly length: number;
}

/** Dictionary columns stay so, over one dictionary of all their entries, unless that has more entries than there are rows. */
export function scatter(type: DataType, parts: readonly Column[], move: Move): Column {
  const coded = all(parts, 'dictionary');
  if (coded) return scatterCodes(type, coded, move) ?? scatter(type, parts.map(decodeDictionary), move);
  const plain = parts.map(decodeDictionary);
  const bytes = all(plain, 'bytes');
  if (bytes) return scatterBytes(bytes, move);
  const fixed = all(plain, 'fixed');
  if (fixed) {
    const values = allocFixed(type, move.length);
    scatterFixed(valuesOf(fixed), values, values.BYTES_PER_ELEMENT, move);
    return { layout: 'fixed', length: move.length, validity: scatterValidity(fixed, move), values };
  }
  const wide = all(plain, 'wide');
  if (wide) {
    const values = allocInt64(2 * move.length);
    scatterFixed(valuesOf(wide), values, 16, move);
    return { layout: 'wide', length: move.length, validity: scatterValidity(wide, move), values };
  }
  return take(concat(type, plain), invert(move), move.length);
}

const valuesOf = (parts: readonly { readonly values: FixedArray }[]): FixedArray[] => parts.map((part) => part.values);

/** The parts as columns of one layout, or null where one of them is not. */
function all<L extends Column['layout']>(parts: readonly Column[], layout: L): readonly ColumnOf<L>[] | null {
  return parts.every((part) => part.layout === layout) ? (parts as readonly ColumnOf<L>[]) : null;
}

function scatterFixed(sources: readonly FixedArray[], target: FixedArray, width: number, { places }: Move): void {
  const to = lanesOf(target) as Int32Array;
  const move = width === 16 ? move16 : width === 8 ? move8 : move1;
  for (let b = 0; b < sources.length; b++) move(lanesOf(sources[b]) as Int32Array, to, places[b]);
}

function move1(from: Int32Array, to: Int32Array, places: Int32Array): void {
  for (let i = 0; i < places.length; i++) to[places[i]] = from[i];
}

function move8(from: Int32Array, to: Int32Array, places: Int32Array): void {
  for (let i = 0; i < places.length; i++) {
    const at = 2 * places[i];
    to[at] = from[2 * i];
    to[at + 1] = from[2 * i + 1];
  }
}

function move16(from: Int32Array, to: Int32Array, places: Int32Array): void {
  for (let i = 0; i < places.length; i++) {
    const at = 4 * places[i];
    for (let lane = 0; lane < 4; lane++) to[at + lane] = from[4 * i + lane];
  }
}

/** Below this many bytes a loop copies faster than a call of `set` on a fresh view. */
const LOOP_BYTES = 40;

function scatterBytes(parts: readonly ColumnOf<'bytes'>[], move: Move): Column {
  const { places, length } = move;
  const offsets = allocInt32(length + 1);
  for (let b = 0; b < parts.length; b++) {
    const from = parts[b].offsets;
    const to = places[b];
    for (let i = 0; i < to.length; i++) offsets[to[i] + 1] = from[i + 1] - from[i];
  }
  let total = 0;
  for (let i = 1; i <= length; i++) {
    total += offsets[i];
    offsets[i] = total;
  }
  if (total > MAX_BUFFER_BYTES) nextCapacity(0, total, 1);
  const data = allocBytes(total);
  for (let b = 0; b < parts.length; b++) moveBytes(parts[b], data, offsets, places[b]);
  return { layout: 'bytes', length, validity: scatterValidity(parts, move), offsets, data };
}

function moveBytes({ offsets: from, data: source }: ColumnOf<'bytes'>, data: Uint8Array, offsets: Int32Array, places: Int32Array): void {
  for (let i = 0; i < places.length; i++) {
    const start = from[i];
    const end = from[i + 1];
    let at = offsets[places[i]];
    if (end - start > LOOP_BYTES) data.set(source.subarray(start, end), at);
    else for (let k = start; k < end; k++) data[at++] = source[k];
  }
}

function scatterValidity(parts: readonly { readonly validity: Validity }[], { places, length }: Move): Validity {
  if (parts.every((part) => part.validity === null)) return null;
  const bits = allocBytes((length + 7) >> 3);
  for (let b = 0; b < parts.length; b++) {
    const { validity } = parts[b];
    const to = places[b];
    for (let i = 0; i < to.length; i++) {
      if (validity === null || (validity[i >> 3] >> (i & 7)) & 1) bits[to[i] >> 3] |= 1 << (to[i] & 7);
    }
  }
  return bits;
}

/** Null where the dictionaries together are not worth keeping. */
function scatterCodes(type: DataType, parts: readonly ColumnOf<'dictionary'>[], move: Move): Column | null {
  const shifts = new Map<Column, number>();
  let entries = 0;
  for (const { dictionary } of parts) {
    if (shifts.has(dictionary)) continue;
    shifts.set(dictionary, entries);
    entries += dictionary.length;
  }
  if (entries > move.length) return null;
  const sources = parts.map(({ codes, dictionary }) => {
    const shift = shifts.get(dictionary) as number;
    return shift === 0 ? codes : codes.map((code) => code + shift);
  });
  const codes = allocInt32(move.length);
  scatterFixed(sources, codes, 4, move);
  const dictionary = concat(type, [...shifts.keys()].map(decodeDictionary));
  return { layout: 'dictionary', length: move.length, validity: scatterValidity(parts, move), codes, dictionary };
}

/** For layouts without a scatter of their own: which row, counted through all parts, goes to each place. */
function invert({ places, length }: Move): Int32Array {
  const rows = allocInt32(length);
  let row = 0;
  for (const to of places) for (let i = 0; i < to.length; i++) rows[to[i]] = row++;
  return rows;
}
