/** Owns: the crossing between UTF-8 bytes and JavaScript strings, without a view object a string. */
import { fatalError } from '../core/errors.js';

/** Node's own slices of a byte array; they take any Uint8Array, shared ones too, where TextDecoder refuses shared memory. */
interface NodeText {
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
}
const { utf8Slice, utf8Write } = Buffer.prototype as unknown as NodeText;
if (typeof utf8Slice !== 'function' || typeof utf8Write !== 'function') {
  throw fatalError(
    'UNSUPPORTED_RUNTIME',
    `Node ${process.version} lacks Buffer's utf8Slice and utf8Write, which minispark reads text with.`,
  );
}

/** The text of bytes `start` to `end`; what is not UTF-8 becomes U+FFFD. */
export function decodeUtf8(data: Uint8Array, start: number, end: number): string {
  return start === end ? '' : utf8Slice.call(data, start, end);
}

/**
 * Writes `text` into `data` at `position` and gives the position after it. Lone surrogates become U+FFFD.
 * `data` must have room for three bytes a UTF-16 unit.
 */
export function encodeUtf8(text: string, data: Uint8Array, position: number): number {
  const n = text.length;
  if (n > 48) return position + utf8Write.call(data, text, position, data.length - position);
  // Short ASCII, the usual key: a loop here is cheaper than a call into native code.
  for (let i = 0; i < n; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return position + utf8Write.call(data, text, position, data.length - position);
    data[position + i] = unit;
  }
  return position + n;
}

/** Order of two strings by their UTF-8 bytes, i.e. by code point; JavaScript's own `<` goes by UTF-16 units. */
export function compareText(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // Surrogates (code points above U+FFFF) sort after the units U+E000 to U+FFFF.
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Order of data[start, end) and otherData[otherStart, otherEnd) as unsigned bytes. */
export function compareBytes(
  data: Uint8Array,
  start: number,
  end: number,
  otherData: Uint8Array,
  otherStart: number,
  otherEnd: number,
): number {
  const n = Math.min(end - start, otherEnd - otherStart);
  for (let i = 0; i < n; i++) {
    const difference = data[start + i] - otherData[otherStart + i];
    if (difference !== 0) return difference;
  }
  return end - start - (otherEnd - otherStart);
}
