/**
 * Owns: columns over the memory of apache-arrow's `Data`, converted where the layouts differ. Of a sliced Data, apache-arrow has cut
 * values and offsets already, but bitmaps still start `offset` bits before the first row.
 */
import type * as arrow from 'apache-arrow';
import { userError } from '../core/errors.js';
import { allocFixed, allocInt32, allocInt64, MAX_BUFFER_BYTES } from './alloc.js';
import { type Column, type FixedArray, isNull, plainLayout, type Validity } from './batch.js';
import { fullBitmap, sliceBits } from './bitmap.js';
import { concat } from './concat.js';
import { decodeDictionary } from './dictionary.js';
import type { DataType } from './types.js';

/** Microseconds in the units of Arrow's TimeUnit; nanoseconds divide instead. */
const MICROS = [1_000_000n, 1_000n, 1n] as const;
const DAY_MILLIS = 86_400_000n;

type Offsets = Int32Array | BigInt64Array;

/** The column of `type` (what arrow-interop.ts made of the Arrow type) over one Data. */
export function arrowColumn(data: arrow.Data, type: DataType): Column {
  const { length } = data;
  if (data.dictionary !== undefined && data.dictionary !== null) return dictionaryColumn(data, type);
  const layout = plainLayout(type);
  if (layout === 'null') return { layout, length };
  const validity = validityOf(data);
  switch (layout) {
    case 'fixed':
      return { layout, length, validity, values: fixedValues(data, type) };
    case 'wide':
      return { layout, length, validity, values: wideValues(data) };
    case 'bits':
      return { layout, length, validity, bits: sliceBits(data.values as Uint8Array, data.offset, data.offset + length) };
    case 'bytes':
      return { layout, length, validity, offsets: offsetsOf(data, byteWidth(data)), data: data.values as Uint8Array };
    case 'list': {
      const child = arrowColumn(data.children[0], (type as TypeOf<'array'>).element);
      return { layout, length, validity, offsets: offsetsOf(data, listSize(data)), child };
    }
    case 'map': {
      const [keys, values] = data.children[0].children;
      const { key, value } = type as TypeOf<'map'>;
      return { layout, length, validity, offsets: offsetsOf(data, 0), keys: arrowColumn(keys, key), values: arrowColumn(values, value) };
    }
    case 'struct': {
      const { fields } = type as TypeOf<'struct'>;
      return { layout, length, validity, children: data.children.map((child, i) => arrowColumn(child, fields[i].type)) };
    }
    default:
      return layout satisfies never;
  }
}

type TypeOf<K extends DataType['kind']> = Extract<DataType, { kind: K }>;

function validityOf(data: arrow.Data): Validity {
  if (data.nullCount === 0) return null;
  return sliceBits(data.nullBitmap as Uint8Array, data.offset, data.offset + data.length);
}

function dictionaryColumn(data: arrow.Data, type: DataType): Column {
  const chunks = (data.dictionary as arrow.Vector).data.map((chunk) => decodeDictionary(arrowColumn(chunk, type)));
  const dictionary = concat(type, chunks);
  const { length } = data;
  const indices = data.values as Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array;
  const codes = indices instanceof Int32Array ? indices.subarray(0, length) : Int32Array.from({ length }, (_, i) => Number(indices[i]));
  const column = { layout: 'dictionary', length, validity: validityOf(data), codes, dictionary } as const;
  if (dictionary.layout !== 'null' && dictionary.validity === null) return column;
  // Our dictionaries have no null entries: their rows become null themselves.
  const validity = fullBitmap(length);
  for (let i = 0; i < length; i++) {
    if (isNull(column, i) || isNull(dictionary, codes[i])) validity[i >> 3] &= ~(1 << (i & 7));
  }
  return { ...column, validity };
}

function fixedValues(data: arrow.Data, type: DataType): FixedArray {
  const { length } = data;
  const { unit } = data.type as unknown as { unit: number };
  const source = data.values as FixedArray | Uint8Array | Uint16Array | Uint32Array;
  switch (type.kind) {
    case 'decimal':
      return smallDecimals(source as Uint32Array, data.stride, length);
    case 'date':
      // Unit 1 is milliseconds, which are whole days.
      if (unit === 1) return Int32Array.from({ length }, (_, i) => Number((source as BigInt64Array)[i] / DAY_MILLIS));
      break;
    case 'timestamp':
    case 'timestamp_ntz':
    case 'day_time_interval':
      return micros(source as BigInt64Array, unit, length);
  }
  const values = allocFixed(type, 0);
  if (source.constructor === values.constructor) return (source as FixedArray).subarray(0, length);
  const widened = allocFixed(type, length);
  for (let i = 0; i < length; i++) widened[i] = (widened instanceof BigInt64Array ? BigInt(source[i]) : source[i]) as never;
  return widened;
}

/** Microseconds of seconds, milliseconds, microseconds or nanoseconds (rounded down). */
function micros(source: BigInt64Array, unit: number, length: number): BigInt64Array {
  if (unit === 2) return source.subarray(0, length);
  const values = allocInt64(length);
  for (let i = 0; i < length; i++) values[i] = unit === 3 ? floorThousandth(source[i]) : source[i] * MICROS[unit];
  return values;
}

function floorThousandth(nanos: bigint): bigint {
  return nanos >= 0n ? nanos / 1000n : -((999n - nanos) / 1000n);
}

/** Decimals of p ≤ 18, which Arrow may hold in 32, 64 or 128 bits. */
function smallDecimals(words: Uint32Array, stride: number, length: number): BigInt64Array {
  const values = allocInt64(length);
  const lanes = new Int32Array(values.buffer, values.byteOffset, 2 * length);
  for (let i = 0; i < length; i++) {
    const low = words[i * stride];
    lanes[2 * i] = low;
    lanes[2 * i + 1] = stride === 1 ? (low | 0) >> 31 : words[i * stride + 1];
  }
  return values;
}

function wideValues(data: arrow.Data): BigInt64Array {
  const { length } = data;
  const words = data.values as Uint32Array | BigUint64Array;
  // An unsigned 64-bit integer is a decimal(20,0) here.
  if (words instanceof BigUint64Array) {
    const wide = allocInt64(2 * length);
    for (let i = 0; i < length; i++) wide[2 * i] = BigInt.asIntN(64, words[i]);
    return wide;
  }
  if (words.byteOffset % 8 === 0) return new BigInt64Array(words.buffer, words.byteOffset, 2 * length);
  const copy = words.slice(0, 4 * length);
  return new BigInt64Array(copy.buffer, 0, 2 * length);
}

/** Bytes of a row of a fixed-size binary column, else 0. */
function byteWidth(data: arrow.Data): number {
  return (data.type as unknown as { byteWidth?: number }).byteWidth ?? 0;
}

/** Elements of a row of a fixed-size list, else 0. */
function listSize(data: arrow.Data): number {
  return (data.type as unknown as { listSize?: number }).listSize ?? 0;
}

/** 32-bit offsets; those of columns with `fixedSize` elements a row are made up. */
function offsetsOf(data: arrow.Data, fixedSize: number): Int32Array {
  const { length } = data;
  const offsets = data.valueOffsets as Offsets | undefined;
  if (fixedSize > 0) return Int32Array.from({ length: length + 1 }, (_, i) => i * fixedSize);
  if (offsets === undefined || offsets.length === 0) return allocInt32(1);
  if (offsets instanceof Int32Array) return offsets.subarray(0, length + 1);
  if (offsets[length] > BigInt(MAX_BUFFER_BYTES)) {
    throw userError('BATCH_TOO_LARGE', 'A column of an Arrow batch holds more than 2 GiB of text or entries.', {
      hint: 'Hand it over in smaller batches',
    });
  }
  return Int32Array.from({ length: length + 1 }, (_, i) => Number(offsets[i]));
}
