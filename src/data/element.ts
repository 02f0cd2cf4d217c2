/**
 * Owns: elements of functional datasets as bytes: one tagged, self-delimiting encoding of any value that can be copied.
 * Among keys (null, booleans, numbers, bigints, strings, dates, decimals, binary and arrays of them) equal values have equal bytes and
 * unsigned byte order is: null < false < true < numbers (NaN last) < bigints < the rest by kind, each kind in its own order.
 */
import { serialize } from 'node:v8';
import { userError } from '../core/errors.js';
import { Decimal } from './decimal.js';
import { END, ESCAPED, TAG } from './element-decode.js';
import { encodeWtf8, hasLoneSurrogate, magnitudeBytes, putUint32, writeDouble } from './element-order.js';
import { DayTimeInterval, YearMonthInterval } from './interval.js';
import { LocalDate, LocalDateTime, Timestamp } from './temporal.js';
import { encodeUtf8 } from './utf8.js';

export { decodeElement } from './element-decode.js';

/** Deeper values, cyclic ones among them, go through v8.serialize as a whole. */
const MAX_DEPTH = 100;
const TOO_DEEP = new Error('too deep');

/** The bytes of any structured-cloneable value. Throws a user error INVALID_ELEMENT for functions and instances of classes. */
export function encodeElement(value: unknown): Uint8Array {
  const encoder = new ElementEncoder();
  encoder.write(value);
  return encoder.data.slice(0, encoder.length);
}

/** The bytes of a key, -0 as 0. Throws a user error INVALID_KEY for anything but scalars and arrays of them. */
export function encodeKey(value: unknown): Uint8Array {
  const encoder = new ElementEncoder();
  encoder.writeKey(value);
  return encoder.data.slice(0, encoder.length);
}

/** The bytes of the array [key, value] from the bytes of both. */
export function encodePair(key: Uint8Array, value: Uint8Array): Uint8Array {
  const pair = new Uint8Array(key.length + value.length + 2);
  pair[0] = TAG.array;
  pair.set(key, 1);
  pair.set(value, 1 + key.length);
  pair[pair.length - 1] = END;
  return pair;
}

/** Writes elements one after another into one growing buffer: `data[0, length)`. Set `length = 0` to start over. */
export class ElementEncoder {
  data: Uint8Array = new Uint8Array(256);
  length = 0;
  private keysOnly = false;

  write(value: unknown): void {
    const start = this.length;
    this.keysOnly = false;
    try {
      this.put(value, 0);
    } catch (error) {
      if (error !== TOO_DEEP) throw error;
      this.length = start;
      this.putSerialized(value);
    }
  }

  writeKey(value: unknown): void {
    this.keysOnly = true;
    this.put(value, 0);
  }

  private put(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.putString(value);
        break;
      case 'number':
        this.putDouble(TAG.number, this.keysOnly ? value + 0 : value);
        break;
      case 'bigint':
        this.putBigint(TAG.bigint, value);
        break;
      case 'boolean':
        this.putTag(value ? TAG.true : TAG.false);
        break;
      case 'object':
        if (value === null) this.putTag(TAG.null);
        else if (depth > MAX_DEPTH) throw this.keysOnly ? invalidKey(value) : TOO_DEEP;
        else this.putObject(value, depth);
        break;
      default:
        this.putOther(value);
    }
  }

  private putObject(value: object, depth: number): void {
    if (Array.isArray(value)) this.putAll(TAG.array, value, depth);
    else if (value instanceof Uint8Array) {
      this.putTag(TAG.binary);
      this.putEscaped(value);
    } else if (value instanceof LocalDate) this.putDouble(TAG.date, value.days);
    else if (value instanceof Timestamp) this.putBigint(TAG.timestamp, value.micros);
    else if (value instanceof LocalDateTime) this.putBigint(TAG.localDateTime, value.micros);
    else if (value instanceof DayTimeInterval) this.putBigint(TAG.dayTimeInterval, value.micros);
    else if (value instanceof YearMonthInterval) this.putDouble(TAG.yearMonthInterval, value.months);
    else if (value instanceof Decimal) this.putDecimal(value);
    else if (this.keysOnly) throw invalidKey(value);
    else if (isPlain(value)) this.putFields(value as Record<string, unknown>, depth);
    else if (value instanceof Map) this.putAll(TAG.map, [...value].flat(1), depth);
    else if (value instanceof Set) this.putAll(TAG.set, value, depth);
    else this.putOther(value);
  }

  private putAll(tag: number, values: Iterable<unknown>, depth: number): void {
    this.putTag(tag);
    for (const value of values) this.put(value, depth + 1);
    this.putTag(END);
  }

  private putFields(object: Record<string, unknown>, depth: number): void {
    this.putTag(TAG.object);
    for (const name of Object.keys(object)) {
      this.putString(name);
      this.put(object[name], depth + 1);
    }
    this.putTag(END);
  }

  private putOther(value: unknown): void {
    if (this.keysOnly) throw invalidKey(value);
    if (typeof value === 'object' && value !== null && !isCloneable(value)) {
      throw userError('INVALID_ELEMENT', `An instance of class ${value.constructor?.name ?? '(none)'} cannot be an element of a Dataset.`, {
        hint: value instanceof Promise ? 'Functions of a Dataset cannot be async' : 'Return a plain object of its fields',
      });
    }
    this.putSerialized(value);
  }

  private putSerialized(value: unknown): void {
    let bytes: Uint8Array;
    try {
      bytes = serialize(value);
    } catch (cause) {
      throw userError('INVALID_ELEMENT', `A ${typeof value} cannot be an element of a Dataset: ${(cause as Error).message}`, { cause });
    }
    this.reserve(5 + bytes.length);
    this.data[this.length] = TAG.other;
    putUint32(bytes.length, this.data, this.length + 1);
    this.data.set(bytes, this.length + 5);
    this.length += 5 + bytes.length;
  }

  private putString(text: string): void {
    this.putTag(TAG.string);
    this.reserve(text.length * 3 + 1);
    if (text.length <= 48 && this.putShortAscii(text)) return;
    if (hasLoneSurrogate(text)) {
      this.putEscaped(encodeWtf8(text));
      return;
    }
    const start = this.length;
    const end = encodeUtf8(text, this.data, start);
    if (text.includes('\0')) this.putEscaped(this.data.slice(start, end));
    else {
      this.data[end] = END;
      this.length = end + 1;
    }
  }

  /** The usual case, faster than calls into native code; false, and nothing written, where a character is zero or not ASCII. */
  private putShortAscii(text: string): boolean {
    const { data, length } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 0 || unit > 127) return false;
      data[length + i] = unit;
    }
    data[length + text.length] = END;
    this.length = length + text.length + 1;
    return true;
  }

  /** Bytes up to a zero that no 255 follows; zeros inside are followed by one. */
  private putEscaped(bytes: Uint8Array): void {
    this.reserve(bytes.length * 2 + 1);
    const { data } = this;
    let at = this.length;
    for (let i = 0; i < bytes.length; i++) {
      data[at++] = bytes[i];
      if (bytes[i] === 0) data[at++] = ESCAPED;
    }
    data[at++] = END;
    this.length = at;
  }

  private putDouble(tag: number, value: number): void {
    this.putTag(tag);
    this.reserve(8);
    this.length = writeDouble(value, this.data, this.length);
  }

  /**
   * One byte: 128 + the magnitude's length in bytes, or 127 - it for negative numbers, whose bytes are complemented; from 127 bytes on
   * 255 or 0 and four bytes of length. So longer is farther from zero, and equal lengths compare by their digits.
   */
  private putBigint(tag: number, value: bigint): void {
    this.putTag(tag);
    const negative = value < 0n;
    const bytes = magnitudeBytes(negative ? -value : value);
    const mask = negative ? 255 : 0;
    this.reserve(bytes.length + 5);
    const short = bytes.length < 127;
    this.data[this.length++] = (128 + (short ? bytes.length : 127)) ^ mask;
    if (!short) {
      putUint32((negative ? ~bytes.length : bytes.length) >>> 0, this.data, this.length);
      this.length += 4;
    }
    for (let i = 0; i < bytes.length; i++) this.data[this.length++] = bytes[i] ^ mask;
  }

  /**
   * Sign, the power of ten of the first digit, the digits. Keys drop trailing zeros, so that 1.0 and 1.00 are one key, and then sort by value;
   * other elements keep their scale.
   */
  private putDecimal(value: Decimal): void {
    this.putTag(TAG.decimal);
    let { unscaled, scale } = value;
    for (; this.keysOnly && unscaled !== 0n && unscaled % 10n === 0n; scale--) unscaled /= 10n;
    if (this.keysOnly && unscaled === 0n) {
      this.putTag(128);
      return;
    }
    const negative = unscaled < 0n;
    const digits = unscaled === 0n ? '0'.repeat(scale + 1) : (negative ? -unscaled : unscaled).toString();
    this.reserve(10 + digits.length);
    this.data[this.length++] = negative ? 127 : 129;
    const exponent = digits.length - scale;
    this.length = writeDouble(negative ? -exponent : exponent, this.data, this.length);
    for (let i = 0; i < digits.length; i++) this.data[this.length++] = negative ? 255 - digits.charCodeAt(i) : digits.charCodeAt(i);
    this.data[this.length++] = negative ? 255 : END;
  }

  private putTag(tag: number): void {
    this.reserve(1);
    this.data[this.length++] = tag;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.data.length) return;
    const bigger = new Uint8Array(Math.max(this.data.length * 2, this.length + bytes));
    bigger.set(this.data.subarray(0, this.length));
    this.data = bigger;
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether v8.serialize keeps what the object is, rather than turning an instance of a class into a plain object. */
function isCloneable(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Error ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value) ||
    value instanceof Number ||
    value instanceof String ||
    value instanceof Boolean
  );
}

function invalidKey(value: unknown) {
  const what = typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'object') : typeof value;
  return userError('INVALID_KEY', `A key cannot be of type ${what}.`, {
    hint: 'Keys are null, booleans, numbers, bigints, strings, dates, decimals, binary and arrays of them: for an object, use an array of its fields',
  });
}
