/**
 * Owns: the bytes of scalars whose order is the order of their values: doubles, bigints and strings, without their tags.
 * element.ts puts the tags before them.
 */
import { decodeUtf8 } from './utf8.js';

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Eight bytes, big-endian: the IEEE bits with the sign flipped for positive numbers and all bits flipped for negative ones, so that
 * unsigned byte order is numeric order, -0 just below 0. Every NaN becomes the one quiet NaN, above Infinity.
 */
export function writeDouble(value: number, data: Uint8Array, position: number): number {
  scratch.setFloat64(0, Number.isNaN(value) ? Number.NaN : value);
  let high = scratch.getUint32(0);
  let low = scratch.getUint32(4);
  if (value < 0 || Object.is(value, -0)) {
    high = ~high;
    low = ~low;
  } else high ^= 0x80000000;
  putUint32(high, data, position);
  putUint32(low, data, position + 4);
  return position + 8;
}

export function readDouble(data: Uint8Array, position: number): number {
  const high = getUint32(data, position);
  const low = getUint32(data, position + 4);
  const positive = high >>> 31 === 1;
  scratch.setUint32(0, positive ? high ^ 0x80000000 : ~high);
  scratch.setUint32(4, positive ? low : ~low);
  return scratch.getFloat64(0);
}

export function putUint32(value: number, data: Uint8Array, position: number): void {
  data[position] = value >>> 24;
  data[position + 1] = value >>> 16;
  data[position + 2] = value >>> 8;
  data[position + 3] = value;
}

export function getUint32(data: Uint8Array, position: number): number {
  return ((data[position] << 24) | (data[position + 1] << 16) | (data[position + 2] << 8) | data[position + 3]) >>> 0;
}

const small = new Uint8Array(8);

/** The big-endian bytes of a magnitude, without leading zeros: none for 0n. Read them before the next call. */
export function magnitudeBytes(magnitude: bigint): Uint8Array {
  if (magnitude <= Number.MAX_SAFE_INTEGER) {
    let at = 8;
    for (let rest = Number(magnitude); rest > 0; rest = Math.floor(rest / 256)) small[--at] = rest;
    return small.subarray(at);
  }
  const hex = magnitude.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** The integer of big-endian bytes, each xored with `mask` (255 undoes the complement of negative numbers). */
export function magnitudeOf(data: Uint8Array, start: number, end: number, mask: number): bigint {
  if (end - start <= 6) {
    let number = 0;
    for (let i = start; i < end; i++) number = number * 256 + (data[i] ^ mask);
    return BigInt(number);
  }
  const bytes = Buffer.from(data.subarray(start, end));
  if (mask !== 0) for (let i = 0; i < bytes.length; i++) bytes[i] ^= mask;
  return BigInt(`0x${bytes.toString('hex')}`);
}

/** Whether a string holds half of a surrogate pair, which UTF-8 cannot carry. */
export function hasLoneSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/.test(text) && /\p{Surrogate}/u.test(text);
}

/** UTF-8, with lone surrogates as the three bytes that their code point would take (WTF-8), so that every string keeps its own bytes. */
export function encodeWtf8(text: string): Uint8Array {
  const parts: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) parts.push(code);
    else if (code < 0x800) parts.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) parts.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else parts.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(parts);
}

/** The inverse of `encodeWtf8`, which is plain UTF-8 decoding unless the bytes hold a surrogate. */
export function decodeWtf8(data: Uint8Array, start: number, end: number): string {
  let text = '';
  let from = start;
  for (let i = start; i + 2 < end; i++) {
    if (data[i] !== 0xed || data[i + 1] < 0xa0) continue;
    text += decodeUtf8(data, from, i) + String.fromCharCode(0xd000 | ((data[i + 1] & 63) << 6) | (data[i + 2] & 63));
    from = i + 3;
    i += 2;
  }
  return text + decodeUtf8(data, from, end);
}
