/** Owns: what stands between the quotes of an SQL string → the string it means, with Spark's escapes. */

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-1][0-7]{2})|([\s\S]))/g;

const CONTROLS: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };

/**
 * `\n`, `\t`, `\u00e9`, `\U0001F600`, octal `\101` and so on; a doubled quote is the quote itself. `\%` and `\_` keep their backslash, since LIKE
 * wants it. Any other character after a backslash stands for itself.
 */
export function unescaped(text: string, quote: string): string {
  const single = text.replaceAll(quote + quote, quote);
  if (!text.includes('\\')) return single;
  return splitQuotes(text, quote).replace(ESCAPE, (whole, short, long, octal, character) => {
    if (short !== undefined) return String.fromCharCode(Number.parseInt(short, 16));
    if (long !== undefined) return codePoint(Number.parseInt(long, 16), whole);
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (character === '%' || character === '_') return whole;
    return CONTROLS[character] ?? character;
  });
}

/** Doubled quotes made one, without taking the second of `\''` for the first of a pair. */
const splitQuotes = (text: string, quote: string): string =>
  text.replace(/\\[\s\S]|''|""/g, (part) => (part === quote + quote ? quote : part));

const codePoint = (code: number, otherwise: string): string => (code <= 0x10ffff ? String.fromCodePoint(code) : otherwise);
