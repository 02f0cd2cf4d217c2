/** Owns: the tags of element bytes and their decoding; element.ts writes them and says how they are ordered. */
import { deserialize } from 'node:v8';
import { fatalError } from '../core/errors.js';
import { Decimal } from './decimal.js';
import { decodeWtf8, getUint32, magnitudeOf, readDouble } from './element-order.js';
import { DayTimeInterval, YearMonthInterval } from './interval.js';
import { LocalDate, LocalDateTime, Timestamp } from './temporal.js';
import { decodeUtf8 } from './utf8.js';

/** Ends arrays and strings: below every tag, so that a prefix sorts before what it is a prefix of. */
export const END = 0;
/** After END inside a string: a zero of the string itself. Above every tag. */
export const ESCAPED = 0xff;

export const TAG = {
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  string: 6,
  date: 7,
  timestamp: 8,
  localDateTime: 9,
  decimal: 10,
  binary: 11,
  array: 12,
  /** Of intervals the amount alone: their fields are those of the type that they become again. */
  dayTimeInterval: 13,
  yearMonthInterval: 14,
  /** From here on: elements only, never keys. */
  object: 32,
  map: 33,
  set: 34,
  /** Four bytes of length, then what v8.serialize made. */
  other: 35,
} as const;

/** One value from data[start, end). Binary values are copies. Throws CORRUPT_BLOCK for bytes that no encoder wrote. */
export function decodeElement(data: Uint8Array, start = 0, end = data.length): unknown {
  const reader = new ElementReader(data, start, end);
  const value = reader.read();
  if (reader.position !== end) throw corrupt();
  return value;
}

/** Short texts seen lately by their hash: names of fields and words repeat, and comparing bytes is cheaper than making a string. */
const known: (string | undefined)[] = new Array(1024);
const LONGEST_KNOWN = 24;

function knownText(data: Uint8Array, start: number, end: number, hash: number): string {
  const slot = hash & (known.length - 1);
  const candidate = known[slot];
  if (candidate !== undefined && candidate.length === end - start) {
    let i = 0;
    while (i < candidate.length && candidate.charCodeAt(i) === data[start + i]) i++;
    if (i === candidate.length) return candidate;
  }
  const text = decodeUtf8(data, start, end);
  known[slot] = text;
  return text;
}

class ElementReader {
  position: number;
  private readonly data: Uint8Array;
  private readonly end: number;

  constructor(data: Uint8Array, start: number, end: number) {
    this.data = data;
    this.position = start;
    this.end = end;
  }

  read(): unknown {
    const tag = this.byte();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.number:
        return this.double();
      case TAG.bigint:
        return this.bigint();
      case TAG.string:
        return this.text();
      case TAG.date:
        return new LocalDate(this.double());
      case TAG.timestamp:
        return new Timestamp(this.bigint());
      case TAG.localDateTime:
        return new LocalDateTime(this.bigint());
      case TAG.dayTimeInterval:
        return new DayTimeInterval(this.bigint());
      case TAG.yearMonthInterval:
        return new YearMonthInterval(this.double());
      case TAG.decimal:
        return this.decimal();
      case TAG.binary:
        return this.escaped();
      case TAG.array:
        return this.readUntilEnd();
      case TAG.object:
        return this.object();
      case TAG.map: {
        const flat = this.readUntilEnd();
        return new Map(Array.from({ length: flat.length >> 1 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]));
      }
      case TAG.set:
        return new Set(this.readUntilEnd());
      case TAG.other: {
        const length = getUint32(this.take(4), 0);
        return deserialize(this.take(length));
      }
      default:
        throw corrupt();
    }
  }

  private readUntilEnd(): unknown[] {
    const values: unknown[] = [];
    while (this.data[this.position] !== END) values.push(this.read());
    this.position++;
    return values;
  }

  private object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    while (this.data[this.position] !== END) {
      if (this.byte() !== TAG.string) throw corrupt();
      const name = this.text();
      const value = this.read();
      if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      else object[name] = value;
    }
    this.position++;
    return object;
  }

  private double(): number {
    const bytes = this.take(8);
    return readDouble(bytes, 0);
  }

  private bigint(): bigint {
    const first = this.byte();
    const negative = first < 128;
    let length = negative ? 127 - first : first - 128;
    if (length === 127) {
      const long = getUint32(this.take(4), 0);
      length = (negative ? ~long : long) >>> 0;
    }
    const bytes = this.take(length);
    const magnitude = magnitudeOf(bytes, 0, length, negative ? 255 : 0);
    return negative ? -magnitude : magnitude;
  }

  private decimal(): Decimal {
    const sign = this.byte();
    if (sign === 128) return new Decimal(0n);
    const negative = sign === 127;
    const exponent = this.double() * (negative ? -1 : 1);
    let digits = '';
    for (let byte = this.byte(); byte !== (negative ? 255 : END); byte = this.byte())
      digits += String.fromCharCode(negative ? 255 - byte : byte);
    const scale = digits.length - exponent;
    const unscaled = BigInt(digits) * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
    return new Decimal(negative ? -unscaled : unscaled, Math.max(scale, 0));
  }

  private text(): string {
    const { data, position, end } = this;
    let hash = 0;
    let at = position;
    let isAscii = true;
    for (; at < end && data[at] !== END; at++) {
      hash = (Math.imul(hash, 31) + data[at]) | 0;
      if (data[at] > 127) isAscii = false;
    }
    if (at >= end) throw corrupt();
    if (at + 1 < end && data[at + 1] === ESCAPED) {
      const bytes = this.escaped();
      return decodeWtf8(bytes, 0, bytes.length);
    }
    this.position = at + 1;
    if (!isAscii) return decodeWtf8(data, position, at);
    return at - position <= LONGEST_KNOWN ? knownText(data, position, at, hash) : decodeUtf8(data, position, at);
  }

  private escaped(): Uint8Array {
    const bytes: number[] = [];
    for (;;) {
      const byte = this.byte();
      if (byte === END) {
        if (this.position >= this.end || this.data[this.position] !== ESCAPED) return Uint8Array.from(bytes);
        this.position++;
      }
      bytes.push(byte);
    }
  }

  private byte(): number {
    if (this.position >= this.end) throw corrupt();
    return this.data[this.position++];
  }

  private take(length: number): Uint8Array {
    if (this.position + length > this.end) throw corrupt();
    this.position += length;
    return this.data.subarray(this.position - length, this.position);
  }
}

const corrupt = () => fatalError('CORRUPT_BLOCK', 'An element of a Dataset has bytes that no element has.');
