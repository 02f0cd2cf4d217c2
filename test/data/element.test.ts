import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../src/data/decimal.js';
import { decodeElement, ElementEncoder, encodeElement, encodeKey } from '../../src/data/element.js';
import { LocalDate, LocalDateTime, Timestamp } from '../../src/data/temporal.js';

type Key = null | boolean | number | bigint | string | readonly Key[];

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\0', 'a', '\ud800', '\udc00', '\uffff', '\u{10000}') }),
);
const { key } = fc.letrec<{ key: Key; list: Key[] }>((tie) => ({
  key: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.integer({ min: -3, max: 3 }),
    fc.bigInt(),
    fc.bigInt({ min: -(2n ** 1100n), max: 2n ** 1100n }),
    text,
    tie('list'),
  ),
  list: fc.array(tie('key'), { maxLength: 4 }),
}));

const rank = (k: Key) =>
  k === null ? 0 : typeof k === 'boolean' ? 1 : typeof k === 'number' ? 2 : typeof k === 'bigint' ? 3 : typeof k === 'string' ? 4 : 5;

const codePoints = (s: string): Key => [...s].map((c) => c.codePointAt(0)!);

/** The documented order, by values alone. */
function compareKeys(a: Key, b: Key): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === 'string') return compareKeys(codePoints(a), codePoints(b as string));
  if (Array.isArray(a)) {
    const other = b as readonly Key[];
    for (let i = 0; i < Math.min(a.length, other.length); i++) {
      const order = compareKeys(a[i], other[i]);
      if (order !== 0) return order;
    }
    return a.length - other.length;
  }
  if (typeof a === 'number') {
    const [x, y] = [a, b as number];
    return Number.isNaN(x) || Number.isNaN(y) ? Number(Number.isNaN(x)) - Number(Number.isNaN(y)) : x - y || 0;
  }
  return (a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0;
}

describe('keys', () => {
  test('byte order is value order, and equal bytes mean equal values', () => {
    const near = fc.oneof(
      fc.tuple(key, key),
      key.map((k): [Key, Key] => [k, k]),
      fc.tuple(text, text).map(([a, b]): [Key, Key] => [[a, b], [a + b]]),
      fc.tuple(fc.double(), fc.double()),
    );
    fc.assert(
      fc.property(near, ([a, b]) => {
        expect(Math.sign(Buffer.compare(encodeKey(a), encodeKey(b)))).toBe(Math.sign(compareKeys(a, b)));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    [-0, 0],
    [Number.NaN, -Number.NaN],
    [Decimal.parse('1.0'), Decimal.parse('1.00')],
    [Decimal.parse('0.00'), Decimal.parse('0')],
    [
      [1, ['a']],
      [1, ['a']],
    ],
  ])('%s and %s are one key', (a, b) => {
    expect(encodeKey(a)).toEqual(encodeKey(b));
  });

  test('dates, times, decimals and bytes keep their order', () => {
    const decimals = ['-100', '-99.5', '-1.5', '-1.25', '-0.1', '-0.01', '0', '0.001', '0.1', '0.15', '1', '1.25', '9.9', '10', '1e20'].map(
      (t) => Decimal.parse(t),
    );
    const dates = [LocalDate.of(-5, 1, 1), LocalDate.of(1969, 12, 31), LocalDate.of(2024, 2, 29)];
    const times = [new Timestamp(-5n), new Timestamp(0n), new Timestamp(2n ** 60n), new LocalDateTime(-1n), new LocalDateTime(300n)];
    const bytes = [[], [0], [0, 0], [0, 255], [1], [255]].map((b) => Uint8Array.from(b));
    for (const keys of [decimals, [...dates, ...times], bytes]) {
      const encoded = keys.map((k) => Buffer.from(encodeKey(k)));
      expect([...encoded].reverse().sort(Buffer.compare)).toEqual(encoded);
    }
  });

  test.each([[{ a: 1 }], [undefined], [[1, undefined]], [new Map()], [() => 1], [new Date()], [[[{}]]]])('refuses %o', (value) => {
    expect(() => encodeKey(value)).toThrow(expect.objectContaining({ kind: 'user', condition: 'INVALID_KEY' }));
  });
});

describe('elements', () => {
  test('come back as they were', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(decodeElement(encodeElement(value))).toEqual(structuredClone(value));
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(key, (value) => {
        expect(decodeElement(encodeElement(value))).toEqual(value);
      }),
    );
  });

  test('keep minus zero, scales, undefined and the classes of minispark, at any depth', () => {
    const value = {
      z: -0,
      u: undefined,
      d: [Decimal.parse('1.50'), Decimal.parse('0.00'), Decimal.parse('-0.05')],
      m: new Map([[LocalDate.of(2024, 2, 29), new Timestamp(-7n)]]),
    };
    const back = decodeElement(encodeElement(value)) as typeof value;
    expect(back).toEqual(value);
    expect(Object.is(back.z, -0)).toBe(true);
    expect(back.d.map(String)).toEqual(['1.50', '0.00', '-0.05']);
  });

  test('may refer to themselves', () => {
    const node: { name: string; next?: unknown } = { name: 'a' };
    node.next = node;
    const back = decodeElement(encodeElement(node)) as typeof node;
    expect(back.next).toBe(back);
  });

  test('are not instances of other classes, nor functions', () => {
    class Point {
      x = 1;
    }
    expect(() => encodeElement({ p: new Point() })).toThrow(/class Point/);
    expect(() => encodeElement(Promise.resolve(1))).toThrow(expect.objectContaining({ hint: expect.stringContaining('async') }));
    expect(() => encodeElement([() => 1])).toThrow(expect.objectContaining({ condition: 'INVALID_ELEMENT' }));
  });

  test('follow one another in one buffer, and are read from the middle', () => {
    const encoder = new ElementEncoder();
    const ends = ['x\0y', [1, 'é'], -5n].map((value) => {
      encoder.write(value);
      return encoder.length;
    });
    expect(decodeElement(encoder.data, 0, ends[0])).toBe('x\0y');
    expect(decodeElement(encoder.data, ends[0], ends[1])).toEqual([1, 'é']);
    expect(decodeElement(encoder.data, ends[1], ends[2])).toBe(-5n);
  });

  test('cut short, they are refused', () => {
    const bytes = encodeElement({ a: [1, 'text', 5n, Decimal.parse('1.5')], d: new Date(0) });
    for (let n = 0; n < bytes.length; n++)
      expect(() => decodeElement(bytes, 0, n)).toThrow(expect.objectContaining({ condition: 'CORRUPT_BLOCK' }));
  });
});
