/**
 * Owns: the values of a page, decoded to columns of our types. Two steps: bytes → physical values by encoding, physical values → a column
 * by type; both typed arrays, the second often the same memory. Nulls are not in here: values lie end to end.
 */
import { allocBytes, allocFloat32, allocInt8, allocInt16, allocInt32, allocInt64 } from '../../../data/alloc.js';
import type { Column } from '../../../data/batch.js';
import type { DataType } from '../../../data/types.js';
import { readDeltaIntegers, readDeltaLengths, readDeltaStrings } from './delta.js';
import type { Physical } from './footer.js';
import { readHybrid } from './hybrid.js';
import type { Leaf } from './schema.js';

/** parquet.thrift's Encoding. */
export const ENCODING = {
  PLAIN: 0,
  PLAIN_DICTIONARY: 2,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
} as const;

/** Byte strings, fixed ones too, as offsets into data; booleans as one byte each. */
type Values =
  | { readonly kind: 'int32'; readonly values: Int32Array }
  | { readonly kind: 'int64'; readonly values: BigInt64Array }
  | { readonly kind: 'float32'; readonly values: Float32Array }
  | { readonly kind: 'float64'; readonly values: Float64Array }
  | { readonly kind: 'boolean'; readonly values: Uint8Array }
  | { readonly kind: 'int96'; readonly data: Uint8Array; readonly count: number }
  | { readonly kind: 'bytes'; readonly offsets: Int32Array; readonly data: Uint8Array };

/** `count` values from data[at, data.length) as a column without nulls. `data` is given away. Throws an Error where the bytes do not hold them. */
export function decodeValues(data: Uint8Array, at: number, encoding: number, count: number, leaf: Leaf, type: DataType): Column {
  return toColumn(physicalValues(data, at, encoding, count, leaf), leaf, type);
}

function physicalValues(data: Uint8Array, at: number, encoding: number, count: number, leaf: Leaf): Values {
  switch (encoding) {
    case ENCODING.PLAIN:
      return plainValues(data, at, count, leaf);
    case ENCODING.RLE: {
      if (leaf.physical !== 'BOOLEAN') break;
      // Four bytes of length come first; the page ends there anyway.
      const values = allocBytes(count);
      readHybrid(data, at + 4, data.length, 1, values, count);
      return { kind: 'boolean', values };
    }
    case ENCODING.DELTA_BINARY_PACKED:
      return deltaIntegers(data, at, count, leaf.physical);
    case ENCODING.DELTA_LENGTH_BYTE_ARRAY:
      return { kind: 'bytes', ...readDeltaLengths({ data, at }, count) };
    case ENCODING.DELTA_BYTE_ARRAY:
      return { kind: 'bytes', ...readDeltaStrings({ data, at }, count) };
    case ENCODING.BYTE_STREAM_SPLIT: {
      const width = widthOf(leaf);
      if (at + count * width > data.length) throw new Error('split byte streams are cut short');
      const plain = allocBytes(count * width);
      for (let k = 0; k < width; k++) for (let i = 0; i < count; i++) plain[i * width + k] = data[at + k * count + i];
      return plainValues(plain, 0, count, leaf);
    }
  }
  throw new Error(`encoding ${encoding} of ${leaf.physical} values is not known`);
}

function deltaIntegers(data: Uint8Array, at: number, count: number, physical: Physical): Values {
  if (physical === 'INT32') {
    const values = allocInt32(count);
    readDeltaIntegers({ data, at }, values);
    return { kind: 'int32', values };
  }
  if (physical !== 'INT64') throw new Error(`${physical} values are no differences`);
  const values = allocInt64(count);
  readDeltaIntegers({ data, at }, values);
  return { kind: 'int64', values };
}

function widthOf({ physical, typeLength }: Leaf): number {
  switch (physical) {
    case 'INT32':
    case 'FLOAT':
      return 4;
    case 'INT64':
    case 'DOUBLE':
      return 8;
    case 'INT96':
      return 12;
    case 'FIXED_LEN_BYTE_ARRAY':
      return typeLength;
    default:
      throw new Error(`${physical} values have no width`);
  }
}

function plainValues(data: Uint8Array, at: number, count: number, leaf: Leaf): Values {
  switch (leaf.physical) {
    case 'BOOLEAN': {
      if (at + ((count + 7) >> 3) > data.length) throw new Error('booleans are cut short');
      const values = allocBytes(count);
      for (let i = 0; i < count; i++) values[i] = (data[at + (i >> 3)] >> (i & 7)) & 1;
      return { kind: 'boolean', values };
    }
    case 'BYTE_ARRAY':
      return plainBytes(data, at, count);
    case 'INT32': {
      const { buffer, byteOffset } = aligned(data, at, count * 4, 4);
      return { kind: 'int32', values: new Int32Array(buffer, byteOffset, count) };
    }
    case 'INT64': {
      const { buffer, byteOffset } = aligned(data, at, count * 8, 8);
      return { kind: 'int64', values: new BigInt64Array(buffer, byteOffset, count) };
    }
    case 'FLOAT': {
      const { buffer, byteOffset } = aligned(data, at, count * 4, 4);
      return { kind: 'float32', values: new Float32Array(buffer, byteOffset, count) };
    }
    case 'DOUBLE': {
      const { buffer, byteOffset } = aligned(data, at, count * 8, 8);
      return { kind: 'float64', values: new Float64Array(buffer, byteOffset, count) };
    }
    case 'INT96':
      return { kind: 'int96', data: aligned(data, at, count * 12, 1), count };
    case 'FIXED_LEN_BYTE_ARRAY': {
      const bytes = aligned(data, at, count * leaf.typeLength, 1);
      const offsets = allocInt32(count + 1);
      for (let i = 0; i <= count; i++) offsets[i] = i * leaf.typeLength;
      return { kind: 'bytes', offsets, data: bytes };
    }
    default:
      return leaf.physical satisfies never;
  }
}

/** The bytes [at, at + size), copied only where a typed array could not lie over them. */
function aligned(data: Uint8Array, at: number, size: number, width: number): Uint8Array {
  if (at + size > data.length) throw new Error(`values take ${size} bytes and ${data.length - at} are left`);
  const view = data.subarray(at, at + size);
  return view.byteOffset % width === 0 ? view : view.slice();
}

/** Takes the lengths out of the page in place, so that values lie end to end. */
function plainBytes(data: Uint8Array, start: number, count: number): Values {
  if (start + 4 * count > data.length) throw new Error('byte strings are cut short');
  const offsets = allocInt32(count + 1);
  const end = data.length;
  let from = start;
  let to = start;
  offsets[0] = start;
  for (let i = 0; i < count; i++) {
    if (from + 4 > end) throw new Error('byte strings are cut short');
    const length = data[from] | (data[from + 1] << 8) | (data[from + 2] << 16) | (data[from + 3] << 24);
    from += 4;
    if (length < 0 || from + length > end) throw new Error(`a byte string of ${length} bytes is cut short`);
    if (length <= 32) for (const stop = from + length; from < stop; ) data[to++] = data[from++];
    else {
      data.copyWithin(to, from, from + length);
      from += length;
      to += length;
    }
    offsets[i + 1] = to;
  }
  return { kind: 'bytes', offsets, data };
}

const fixed = (values: Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array): Column => ({
  layout: 'fixed',
  length: values.length,
  validity: null,
  values,
});

function toColumn(physical: Values, leaf: Leaf, type: DataType): Column {
  switch (physical.kind) {
    case 'float32':
    case 'float64':
      return fixed(physical.values);
    case 'boolean':
      return booleanColumn(physical.values);
    case 'int96':
      return int96Column(physical.data, physical.count);
    case 'int32':
      return int32Column(physical.values, leaf, type);
    case 'int64':
      return int64Column(physical.values, leaf, type);
    case 'bytes':
      if (type.kind === 'decimal') return decimalColumn(physical.offsets, physical.data, type.precision <= 18);
      if (type.kind === 'float32') return float16Column(physical.data, physical.offsets);
      return { layout: 'bytes', length: physical.offsets.length - 1, validity: null, offsets: physical.offsets, data: physical.data };
    default:
      return physical satisfies never;
  }
}

function booleanColumn(values: Uint8Array): Column {
  const bits = allocBytes((values.length + 7) >> 3);
  for (let i = 0; i < values.length; i++) if (values[i]) bits[i >> 3] |= 1 << (i & 7);
  return { layout: 'bits', length: values.length, validity: null, bits };
}

function int32Column(values: Int32Array, { unsigned }: Leaf, type: DataType): Column {
  switch (type.kind) {
    case 'int8':
      return fixed(copyInto(allocInt8(values.length), values));
    case 'int16':
      return fixed(copyInto(allocInt16(values.length), values));
    case 'int64':
    case 'decimal': {
      const wide = type.kind === 'decimal' && type.precision > 18;
      const step = wide ? 4 : 2;
      const out = allocInt64(values.length * (wide ? 2 : 1));
      const lanes = new Int32Array(out.buffer, out.byteOffset, out.length * 2);
      for (let i = 0; i < values.length; i++) {
        lanes[step * i] = values[i];
        const sign = unsigned ? 0 : values[i] >> 31;
        for (let k = 1; k < step; k++) lanes[step * i + k] = sign;
      }
      return wide ? { layout: 'wide', length: values.length, validity: null, values: out } : fixed(out);
    }
    default:
      return fixed(values);
  }
}

function copyInto<T extends Int8Array | Int16Array>(out: T, values: Int32Array): T {
  for (let i = 0; i < values.length; i++) out[i] = values[i];
  return out;
}

function int64Column(values: BigInt64Array, { unit, unsigned }: Leaf, type: DataType): Column {
  if (type.kind === 'decimal' && type.precision > 18) {
    const out = allocInt64(values.length * 2);
    for (let i = 0; i < values.length; i++) {
      out[2 * i] = values[i];
      out[2 * i + 1] = unsigned || values[i] >= 0n ? 0n : -1n;
    }
    return { layout: 'wide', length: values.length, validity: null, values: out };
  }
  if (unit === 'micros') return fixed(values);
  const out = allocInt64(values.length);
  if (unit === 'millis') for (let i = 0; i < values.length; i++) out[i] = values[i] * 1000n;
  // Division of bigints truncates; the microsecond at or before is wanted.
  else for (let i = 0; i < values.length; i++) out[i] = (values[i] - (((values[i] % 1000n) + 1000n) % 1000n)) / 1000n;
  return fixed(out);
}

/** Julian day of 1970-01-01. */
const EPOCH_DAY = 2440588;

/** Impala's timestamp: nanoseconds of the day in eight bytes, the Julian day in four. */
function int96Column(data: Uint8Array, count: number): Column {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const out = allocInt64(count);
  for (let i = 0; i < count; i++) {
    const day = BigInt(view.getInt32(12 * i + 8, true) - EPOCH_DAY);
    out[i] = day * 86_400_000_000n + view.getBigInt64(12 * i, true) / 1000n;
  }
  return fixed(out);
}

/** Big-endian two's complement of any length. */
function decimalColumn(offsets: Int32Array, data: Uint8Array, narrow: boolean): Column {
  const length = offsets.length - 1;
  const lanesPerRow = narrow ? 2 : 4;
  const out = allocInt64(narrow ? length : length * 2);
  const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  const width = lanesPerRow * 4;
  for (let i = 0; i < length; i++) {
    const start = offsets[i];
    const end = offsets[i + 1];
    const sign = end > start && data[start] & 128 ? 255 : 0;
    // More bytes than the type needs only repeat the sign.
    for (let k = 0; k < width; k++) bytes[width * i + k] = end - 1 - k >= start ? data[end - 1 - k] : sign;
  }
  return narrow ? fixed(out) : { layout: 'wide', length, validity: null, values: out };
}

function float16Column(data: Uint8Array, offsets: Int32Array): Column {
  const out = allocFloat32(offsets.length - 1);
  for (let i = 0; i < out.length; i++) {
    const bits = data[offsets[i]] | (data[offsets[i] + 1] << 8);
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const size =
      exponent === 0
        ? fraction * 2 ** -24
        : exponent === 31
          ? fraction
            ? Number.NaN
            : Number.POSITIVE_INFINITY
          : (1 + fraction / 1024) * 2 ** (exponent - 15);
    out[i] = bits & 0x8000 ? -size : size;
  }
  return fixed(out);
}
