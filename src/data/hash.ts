/**
 * Owns: the one key hash: Spark SQL's hash(), Murmur3_x86_32 with seed 42 and Spark's own tail rule for bytes. Column after column,
 * the hash of a row so far is the seed of the next; null leaves it as it is. Formulas: Austin Appleby's MurmurHash3 (public domain).
 */
import type { Column, ColumnOf, FixedArray, Validity } from './batch.js';
import type { DataType } from './types.js';

const SEED = 42;

/** Spark's hash(columns…) of each of `length` rows. `types[i]` is the type of `columns[i]`. */
export function hashColumns(columns: readonly Column[], types: readonly DataType[], length: number): Int32Array {
  const hashes = new Int32Array(length).fill(SEED);
  for (let i = 0; i < columns.length; i++) chain(columns[i], types[i], hashes, length, i === 0);
  return hashes;
}

/** pmod(hash, partitions): the partition of each row, as Spark's HashPartitioning. */
export function partitionOf(hashes: Int32Array, partitions: number): Int32Array {
  const n = hashes.length;
  const result = new Int32Array(n);
  if ((partitions & (partitions - 1)) === 0) {
    for (let i = 0; i < n; i++) result[i] = hashes[i] & (partitions - 1);
    return result;
  }
  for (let i = 0; i < n; i++) {
    const rest = hashes[i] % partitions;
    result[i] = rest < 0 ? rest + partitions : rest;
  }
  return result;
}

/** Hashes one column into the seeds of its rows. `fresh` says that every seed is still 42. */
function chain(column: Column, type: DataType, hashes: Int32Array, length: number, fresh: boolean): void {
  switch (column.layout) {
    case 'null':
      break;
    case 'fixed':
      chainFixed(column.values, column.validity, hashes, length);
      break;
    case 'bits':
      for (let i = 0; i < length; i++) {
        if (valid(column.validity, i)) hashes[i] = hashInt((column.bits[i >> 3] >> (i & 7)) & 1, hashes[i]);
      }
      break;
    case 'bytes':
      chainBytes(column, hashes, length);
      break;
    case 'dictionary':
      chainDictionary(column, type, hashes, length, fresh);
      break;
    default:
      for (let i = 0; i < length; i++) hashes[i] = hashRow(column, type, i, hashes[i]);
  }
}

function valid(validity: Validity, row: number): boolean {
  return validity === null || (validity[row >> 3] & (1 << (row & 7))) !== 0;
}

function chainFixed(values: FixedArray, validity: Validity, hashes: Int32Array, length: number): void {
  if (values instanceof Int32Array) chainInt32(values, validity, hashes, length);
  else if (values instanceof BigInt64Array) chainInt64(lanes32(values), validity, hashes, length);
  else if (values instanceof Float64Array) chainFloat64(lanes32(values), validity, hashes, length);
  else if (values instanceof Float32Array) chainInt32(float32Bits(values, length), validity, hashes, length);
  else chainInt32(Int32Array.from(values.subarray(0, length)), validity, hashes, length);
}

function lanes32(values: BigInt64Array | Float64Array | Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.byteLength >> 2);
}

/** Java's floatToIntBits: one NaN; and -0 as 0. */
function float32Bits(values: Float32Array, length: number): Int32Array {
  const bits = lanes32(values).slice(0, length);
  for (let i = 0; i < length; i++) bits[i] = canonicalFloat(bits[i]);
  return bits;
}

function canonicalFloat(bits: number): number {
  if (bits === -0x80000000) return 0;
  return (bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits;
}

function chainInt32(values: Int32Array, validity: Validity, hashes: Int32Array, length: number): void {
  if (validity === null) {
    for (let i = 0; i < length; i++) hashes[i] = hashInt(values[i], hashes[i]);
  } else {
    for (let i = 0; i < length; i++) if (valid(validity, i)) hashes[i] = hashInt(values[i], hashes[i]);
  }
}

function chainInt64(lanes: Int32Array, validity: Validity, hashes: Int32Array, length: number): void {
  for (let i = 0; i < length; i++) {
    if (valid(validity, i)) hashes[i] = hashLong(lanes[2 * i], lanes[2 * i + 1], hashes[i]);
  }
}

function chainFloat64(lanes: Int32Array, validity: Validity, hashes: Int32Array, length: number): void {
  for (let i = 0; i < length; i++) {
    if (valid(validity, i)) hashes[i] = hashDouble(lanes[2 * i], lanes[2 * i + 1], hashes[i]);
  }
}

function chainBytes({ offsets, data, validity }: ColumnOf<'bytes'>, hashes: Int32Array, length: number): void {
  for (let i = 0; i < length; i++) {
    if (valid(validity, i)) hashes[i] = hashBytes(data, offsets[i], offsets[i + 1], hashes[i]);
  }
}

/** While all seeds are equal an entry of the dictionary hashes once for all its rows. */
function chainDictionary(column: ColumnOf<'dictionary'>, type: DataType, hashes: Int32Array, length: number, fresh: boolean): void {
  const { codes, dictionary, validity } = column;
  if (fresh && dictionary.length <= length) {
    const entries = hashColumns([dictionary], [type], dictionary.length);
    for (let i = 0; i < length; i++) if (valid(validity, i)) hashes[i] = entries[codes[i]];
    return;
  }
  for (let i = 0; i < length; i++) if (valid(validity, i)) hashes[i] = hashRow(dictionary, type, codes[i], hashes[i]);
}

/** The hash of one row of any column, chained onto `seed`. */
function hashRow(column: Column, type: DataType, row: number, seed: number): number {
  if (column.layout === 'null' || !valid(column.validity, row)) return seed;
  switch (column.layout) {
    case 'fixed':
      return hashFixed(column.values, row, seed);
    case 'wide':
      return hashWide(column.values, row, seed);
    case 'bits':
      return hashInt((column.bits[row >> 3] >> (row & 7)) & 1, seed);
    case 'bytes':
      return hashBytes(column.data, column.offsets[row], column.offsets[row + 1], seed);
    case 'dictionary':
      return hashRow(column.dictionary, type, column.codes[row], seed);
    case 'list': {
      const { element } = type as Extract<DataType, { kind: 'array' }>;
      for (let i = column.offsets[row]; i < column.offsets[row + 1]; i++) seed = hashRow(column.child, element, i, seed);
      return seed;
    }
    case 'map': {
      const { key, value } = type as Extract<DataType, { kind: 'map' }>;
      for (let i = column.offsets[row]; i < column.offsets[row + 1]; i++) {
        seed = hashRow(column.values, value, i, hashRow(column.keys, key, i, seed));
      }
      return seed;
    }
    case 'struct': {
      const { fields } = type as Extract<DataType, { kind: 'struct' }>;
      for (let i = 0; i < fields.length; i++) seed = hashRow(column.children[i], fields[i].type, row, seed);
      return seed;
    }
    default:
      return column satisfies never;
  }
}

const scratch = new DataView(new ArrayBuffer(16));

function hashFixed(values: FixedArray, row: number, seed: number): number {
  if (values instanceof BigInt64Array) {
    scratch.setBigInt64(0, values[row], true);
    return hashLong(scratch.getInt32(0, true), scratch.getInt32(4, true), seed);
  }
  if (values instanceof Float64Array) {
    scratch.setFloat64(0, values[row], true);
    return hashDouble(scratch.getInt32(0, true), scratch.getInt32(4, true), seed);
  }
  if (values instanceof Float32Array) {
    scratch.setFloat32(0, values[row], true);
    return hashInt(canonicalFloat(scratch.getInt32(0, true)), seed);
  }
  return hashInt(values[row], seed);
}

const wideBytes = new Uint8Array(scratch.buffer);

/** The bytes of Java's BigInteger.toByteArray(): big-endian two's complement, as few as hold the sign. */
function hashWide(values: BigInt64Array, row: number, seed: number): number {
  scratch.setBigInt64(0, values[2 * row + 1]);
  scratch.setBigInt64(8, values[2 * row]);
  const sign = wideBytes[0] >> 7 === 1 ? 255 : 0;
  let start = 0;
  while (start < 15 && wideBytes[start] === sign && wideBytes[start + 1] >> 7 === sign >> 7) start++;
  return hashBytes(wideBytes, start, 16, seed);
}

function mixKey(key: number): number {
  const k = Math.imul(key, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

function mixHash(hash: number, key: number): number {
  const h = hash ^ mixKey(key);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, bytes: number): number {
  let h = hash ^ bytes;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Spark's hashInt: booleans, integers of up to 32 bits, dates, float bits. */
export function hashInt(value: number, seed: number): number {
  return finish(mixHash(seed, value), 4);
}

/** Spark's hashLong over the low and high 32 bits: int64, timestamps, decimals of p ≤ 18. */
export function hashLong(low: number, high: number, seed: number): number {
  return finish(mixHash(mixHash(seed, low), high), 8);
}

/** hashLong of Java's doubleToLongBits (one NaN), and -0 as 0. */
function hashDouble(low: number, high: number, seed: number): number {
  if (low === 0 && high === -0x80000000) return hashLong(0, 0, seed);
  const exponent = high & 0x7fffffff;
  if (exponent > 0x7ff00000 || (exponent === 0x7ff00000 && low !== 0)) return hashLong(0, 0x7ff80000, seed);
  return hashLong(low, high, seed);
}

/** Spark's hashUnsafeBytes of data[start, end): whole words little-endian, then each byte left over as a sign-extended int. */
export function hashBytes(data: Uint8Array, start: number, end: number, seed: number): number {
  const words = start + ((end - start) & ~3);
  let hash = seed;
  let i = start;
  for (; i < words; i += 4) hash = mixHash(hash, data[i] | (data[i + 1] << 8) | (data[i + 2] << 16) | (data[i + 3] << 24));
  for (; i < end; i++) hash = mixHash(hash, (data[i] << 24) >> 24);
  return finish(hash, end - start);
}
