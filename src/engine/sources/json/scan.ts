/**
 * Owns: walking over JSON as bytes: white space, strings, numbers, literals, and skipping a value. Strict as RFC 8259 says but for what Spark reads
 * unasked: strings in single quotes, NaN and infinities. Receives data[at, end), gives positions; what values mean is the readers' business.
 */
import { decodeUtf8 } from '../../../data/utf8.js';

const QUOTE = 34;
const SINGLE_QUOTE = 39;
const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
export const CLOSE_BRACKET = 93;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const MINUS = 45;
const PLUS = 43;
const POINT = 46;
const LETTER_T = 116;
const LETTER_F = 102;
const LETTER_N = 110;
/** Numbers that JSON does not have, after their sign. */
const NO_FINITE = ['NaN', 'Infinity', 'INF'].map((word) => Buffer.from(word));
/** Deeper values are refused rather than overflowing the stack. */
const MOST_DEPTH = 500;

/** What stands in single quotes, as it stands in double ones. */
const singleQuoted = (part: string): string => (part === '"' ? '\\"' : part === "\\'" ? "'" : part);

/** The bytes are not JSON; the message says where and why. */
export class JsonSyntaxError extends Error {}

export type TokenKind = 'string' | 'number' | 'true' | 'false' | 'null' | 'object' | 'array';

export class JsonScanner {
  data: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** Of the last string or number: data[tokenStart, tokenEnd), without quotes. */
  tokenStart = 0;
  tokenEnd = 0;
  /** Whether the last string held a backslash. */
  escaped = false;
  /** Whether the last number had neither point nor exponent. */
  integral = false;
  private depth = 0;
  private readonly names: { readonly bytes: Uint8Array; readonly text: string }[] = [];

  reset(data: Uint8Array, start: number, end: number): void {
    this.data = data;
    this.at = start;
    this.end = end;
    this.depth = 0;
  }

  /** Whether anything but white space is left. */
  more(): boolean {
    this.space();
    return this.at < this.end;
  }

  /** The kind of the value that comes next; it is not taken. */
  peek(): TokenKind {
    this.space();
    if (this.at >= this.end) throw this.fault('it ends where a value is expected');
    switch (this.data[this.at]) {
      case QUOTE:
      case SINGLE_QUOTE:
        return 'string';
      case OPEN_BRACE:
        return 'object';
      case OPEN_BRACKET:
        return 'array';
      case LETTER_T:
        return 'true';
      case LETTER_F:
        return 'false';
      case LETTER_N:
        return 'null';
      default:
        return 'number';
    }
  }

  /** Takes the opening bracket of an object or array; false where it is empty and wholly taken. */
  enter(close: number): boolean {
    if (++this.depth > MOST_DEPTH) throw this.fault(`it is nested more than ${MOST_DEPTH} deep`);
    this.at++;
    this.space();
    if (this.data[this.at] !== close || this.at >= this.end) return true;
    this.at++;
    this.depth--;
    return false;
  }

  /** After an element: true past a comma, false past the closing bracket. */
  next(close: number): boolean {
    this.space();
    const byte = this.at < this.end ? this.data[this.at] : -1;
    if (byte !== COMMA && byte !== close) throw this.fault(`',' or '${String.fromCharCode(close)}' is expected`);
    this.at++;
    if (byte === COMMA) return true;
    this.depth--;
    return false;
  }

  /** Takes a member's name and colon; the token is the name. */
  key(): void {
    this.space();
    if (this.at >= this.end || (this.data[this.at] !== QUOTE && this.data[this.at] !== SINGLE_QUOTE))
      throw this.fault("a member's name is expected");
    this.string();
    this.space();
    if (this.at >= this.end || this.data[this.at] !== COLON) throw this.fault("':' is expected");
    this.at++;
  }

  /** Takes a string. */
  string(): void {
    const { data, end } = this;
    const quote = data[this.at];
    this.tokenStart = this.at + 1;
    this.escaped = false;
    for (let i = this.at + 1; i < end; i++) {
      const byte = data[i];
      if (byte === quote) {
        this.tokenEnd = i;
        this.at = i + 1;
        return;
      }
      if (byte < 32) throw this.fault('a string holds a control character', i);
      if (byte === BACKSLASH) {
        this.escaped = true;
        i++;
      }
    }
    throw this.fault('a string is not closed');
  }

  /** The text of the string that was just taken. */
  text(): string {
    if (!this.escaped) return decodeUtf8(this.data, this.tokenStart, this.tokenEnd);
    try {
      const text = decodeUtf8(this.data, this.tokenStart, this.tokenEnd);
      const isSingle = this.data[this.tokenEnd] === SINGLE_QUOTE;
      return JSON.parse(`"${isSingle ? text.replace(/\\.|"/gs, singleQuoted) : text}"`) as string;
    } catch {
      throw this.fault('a string has an escape that is none', this.tokenStart);
    }
  }

  /** `text` of a member's name: the same few come again and again, so that they are looked up by their bytes. */
  name(): string {
    const { data, tokenStart, tokenEnd, names } = this;
    const length = tokenEnd - tokenStart;
    if (this.escaped || length === 0) return this.text();
    const slot = (length * 31 + data[tokenStart] * 7 + data[tokenEnd - 1] * 3 + data[tokenStart + (length >> 1)]) & 255;
    const known = names[slot];
    if (known !== undefined && known.bytes.length === length) {
      let i = 0;
      while (i < length && known.bytes[i] === data[tokenStart + i]) i++;
      if (i === length) return known.text;
    }
    const text = this.text();
    names[slot] = { bytes: data.slice(tokenStart, tokenEnd), text };
    return text;
  }

  /** Takes a number. */
  number(): void {
    const { data } = this;
    this.tokenStart = this.at;
    this.integral = true;
    if (data[this.at] === MINUS) this.at++;
    const first = this.at;
    if (data[first] > 57 || data[first] === PLUS) {
      this.noFinite();
      return;
    }
    if (this.digits() > 1 && data[first] === 48) throw this.fault('a number begins with 0', first);
    if (this.at < this.end && data[this.at] === POINT) {
      this.integral = false;
      this.at++;
      this.digits();
    }
    if (this.at < this.end && (data[this.at] | 32) === 101) {
      this.integral = false;
      this.at++;
      if (data[this.at] === 43 || data[this.at] === MINUS) this.at++;
      this.digits();
    }
    this.tokenEnd = this.at;
  }

  private noFinite(): void {
    const { data, tokenStart } = this;
    const start = data[tokenStart] === MINUS || data[tokenStart] === PLUS ? tokenStart + 1 : tokenStart;
    const word = NO_FINITE.find((each) => start + each.length <= this.end && each.every((byte, i) => data[start + i] === byte));
    if (word === undefined || (word[0] === 78 && start > tokenStart)) throw this.fault('a value is expected', tokenStart);
    this.integral = false;
    this.at = start + word.length;
    this.tokenEnd = this.at;
  }

  literal(word: 'true' | 'false' | 'null'): void {
    for (let i = 0; i < word.length; i++) {
      if (this.at + i >= this.end || this.data[this.at + i] !== word.charCodeAt(i)) throw this.fault('a value is expected');
    }
    this.at += word.length;
  }

  /** Takes any value; its bytes are data[position before, at). */
  skip(): void {
    const kind = this.peek();
    switch (kind) {
      case 'string':
        this.string();
        // Escapes must be right even where nobody reads them.
        if (this.escaped) this.text();
        break;
      case 'number':
        this.number();
        break;
      case 'object':
        if (!this.enter(CLOSE_BRACE)) return;
        do {
          this.key();
          this.skip();
        } while (this.next(CLOSE_BRACE));
        break;
      case 'array':
        if (!this.enter(CLOSE_BRACKET)) return;
        do this.skip();
        while (this.next(CLOSE_BRACKET));
        break;
      default:
        this.literal(kind);
    }
  }

  fault(what: string, at = this.at): JsonSyntaxError {
    return new JsonSyntaxError(`${what}, at its byte ${at + 1}`);
  }

  private digits(): number {
    const from = this.at;
    while (this.at < this.end && this.data[this.at] >= 48 && this.data[this.at] <= 57) this.at++;
    if (this.at === from) throw this.fault(from === this.tokenStart ? 'a value is expected' : 'a digit is expected');
    return this.at - from;
  }

  private space(): void {
    const { data, end } = this;
    let at = this.at;
    while (at < end && (data[at] === 32 || data[at] === 10 || data[at] === 13 || data[at] === 9)) at++;
    this.at = at;
  }
}
