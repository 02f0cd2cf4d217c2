import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BytesTable, LongTable } from '../../../src/engine/exec/group-table.js';

test('byte keys: the same group for equal bytes only, of any length, at any place of any array', () => {
  const key = fc.oneof(
    fc.uint8Array({ maxLength: 10 }),
    fc.uint8Array({ minLength: 7, maxLength: 80 }),
    // Alike but for one byte, or for their length.
    fc
      .tuple(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 69 }))
      .map(([n, at]) => new Uint8Array(n).map((_, i) => (i === at ? 1 : 0))),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat(9)), { maxLength: 400 }), (keys) => {
      const table = new BytesTable();
      const groups = new Map<string, number>();
      for (const [bytes, offset] of keys) {
        const data = new Uint8Array(bytes.length + offset + 3).fill(255);
        data.set(bytes, offset);
        const name = bytes.join();
        const known = groups.get(name) ?? -1;
        expect(table.find(data, offset, offset + bytes.length)).toBe(known);
        if (known < 0) groups.set(name, groups.size);
        expect(table.insert(data, offset, offset + bytes.length)).toBe(groups.get(name));
      }
      expect(table.size).toBe(groups.size);
      for (const [name, group] of groups) expect(table.keyOf(group).join()).toBe(name);
    }),
    { numRuns: 200 },
  );
});

test('keys stay found while the table grows, and none after clear()', () => {
  const table = new BytesTable();
  const keys = Array.from({ length: 20_000 }, (_, i) => new TextEncoder().encode(`${i % 7 === 0 ? 'a long key with number ' : ''}${i}`));
  keys.forEach((key, i) => {
    expect(table.insert(key, 0, key.length)).toBe(i);
  });
  keys.forEach((key, i) => {
    expect(table.find(key, 0, key.length)).toBe(i);
  });
  table.clear();
  expect(table.find(keys[5], 0, keys[5].length)).toBe(-1);
  expect(table.insert(keys[5], 0, keys[5].length)).toBe(0);
});

test('long keys: both halves count', () => {
  const table = new LongTable();
  const pairs = Array.from({ length: 5000 }, (_, i): [number, number] => [i % 70, (i / 70) | 0]);
  pairs.forEach(([low, high], i) => {
    expect(table.insert(low, high)).toBe(i);
  });
  pairs.forEach(([low, high], i) => {
    expect(table.find(low, high)).toBe(i);
  });
  expect(table.find(-1, 0)).toBe(-1);
});
