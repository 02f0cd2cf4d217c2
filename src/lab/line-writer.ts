/** Owns: putting ASCII together in a byte buffer, as fast as generators need it: no strings, no allocation. The caller sees to it that it fits. */

export class LineWriter {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;

  /** Starts over in another buffer. */
  into(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
  }

  byte(code: number): void {
    this.bytes[this.at++] = code;
  }

  ascii(text: Uint8Array): void {
    const { bytes } = this;
    let at = this.at;
    for (let i = 0; i < text.length; i++) bytes[at++] = text[i];
    this.at = at;
  }

  /** A whole number ≥ 0 below 2^31, with zeros in front up to `width` digits. */
  digits(value: number, width: number): void {
    const length = Math.max(width, lengthOf(value));
    let at = this.at + length;
    this.at = at;
    const { bytes } = this;
    let rest = value;
    for (let left = length; left > 0; left -= 3) {
      const above = (rest / 1000) | 0;
      const triple = (rest - above * 1000) * 3;
      bytes[--at] = TRIPLES[triple + 2];
      if (left > 1) bytes[--at] = TRIPLES[triple + 1];
      if (left > 2) bytes[--at] = TRIPLES[triple];
      rest = above;
    }
  }
}

/** `000` to `999` end to end: one division for three digits. */
const TRIPLES = ascii(Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0')).join(''));

function lengthOf(value: number): number {
  if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3;
  return 3 + lengthOf((value / 1000) | 0);
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
