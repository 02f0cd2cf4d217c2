/** Patterns found byte by byte: the parts are those of the regular expression. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteSeparator, byteSeparator } from '../../../src/frontend/functions/byte-separator.js';
import { compileRegex } from '../../../src/frontend/functions/regex.js';
import { splitText } from '../../../src/frontend/functions/split.js';

const members = (separator: ByteSeparator | null): string =>
  separator?.kind === 'class'
    ? Array.from(separator.table.keys())
        .filter((byte) => byte < 128 && separator.table[byte] === 1)
        .map((byte) => String.fromCharCode(byte))
        .join('')
    : '';

test('literal text, escaped or not', () => {
  expect(byteSeparator(', ')).toEqual({ kind: 'text', bytes: new Uint8Array([44, 32]) });
  expect(byteSeparator('\\|')).toEqual({ kind: 'text', bytes: new Uint8Array([124]) });
  expect(byteSeparator('\\t')).toEqual({ kind: 'text', bytes: new Uint8Array([9]) });
});

test('classes', () => {
  expect(members(byteSeparator('[a-c\\-]'))).toBe('-abc');
  expect(members(byteSeparator('\\s+'))).toBe('\t\n\v\f\r ');
  expect(byteSeparator('\\W+')).toMatchObject({ kind: 'class', repeated: true });
});

test('what needs a regular expression', () => {
  for (const pattern of ['', 'a|b', '\\W', '[^a]', 'a*', '(a)', '[é]+', '.', '[a-z&&[b]]+', '\\p{L}+', 'ab+', 'a\\+']) {
    expect([pattern, byteSeparator(pattern)?.kind ?? null]).toEqual([pattern, pattern === 'a\\+' ? 'text' : null]);
  }
});

/** The loop of split.ts, run instead of emitted. */
function partsOf(data: Uint8Array, separator: ByteSeparator): string[] {
  const parts: string[] = [];
  const last = data.length;
  for (let part = 0, next = 0; part <= last; part = next) {
    let end = part;
    if (separator.kind === 'class') {
      while (end < last && separator.table[data[end]] === 0) end++;
      next = end + 1;
      if (separator.repeated) while (next < last && separator.table[data[next]] === 1) next++;
    } else {
      while (end <= last - separator.bytes.length && !separator.bytes.every((byte, i) => data[end + i] === byte)) end++;
      if (end > last - separator.bytes.length) end = last;
      next = end + separator.bytes.length;
    }
    parts.push(new TextDecoder().decode(data.subarray(part, end)));
  }
  return parts;
}

test('parts are those of the regular expression', () => {
  const text = fc.array(fc.constantFrom('a', 'B', ' ', ',', 'é', '😀', '_', '7', '\n')).map((letters) => letters.join(''));
  fc.assert(
    fc.property(text, fc.constantFrom('\\W+', ' ', ', ', '[^a-z]+', '\\s+', '[,_]', '[a-zA-Z]+', 'é', ',+'), (value, pattern) => {
      const separator = byteSeparator(pattern)!;
      expect(partsOf(new TextEncoder().encode(value), separator)).toEqual(splitText(value, compileRegex(pattern), -1));
    }),
  );
});
