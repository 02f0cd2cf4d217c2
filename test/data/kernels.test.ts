import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column, ColumnOf } from '../../src/data/batch.js';
import { columnOf } from '../../src/data/builder.js';
import { concat, concatBatches, emptyBatch } from '../../src/data/concat.js';
import { decodeDictionary, pruneDictionary } from '../../src/data/dictionary.js';
import { batchBytes, columnBytes } from '../../src/data/size.js';
import { slice, sliceBatch } from '../../src/data/slice.js';
import { take, takeBatch } from '../../src/data/take.js';
import * as types from '../../src/data/types.js';
import { readRows } from '../../src/data/value.js';
import { anyType, encoded, filledColumn } from './arbitraries.js';

const someColumn = fc.tuple(anyType(), fc.nat({ max: 30 })).chain(([type, rows]) => filledColumn(type, rows));

describe('take', () => {
  test('gives the rows asked for, null for -1, whatever the type and layout', () => {
    const column = fc.tuple(anyType(), fc.integer({ min: 1, max: 30 })).chain(([type, rows]) => filledColumn(type, rows));
    const picks = fc.array(fc.integer({ min: -1, max: 29 }), { maxLength: 40 });
    fc.assert(
      fc.property(column, picks, ({ type, values, column }, rows) => {
        const inRange = rows.map((row) => Math.min(row, values.length - 1));
        const taken = take(column, Int32Array.from([...inRange, 99]), inRange.length);
        expect(taken.length).toBe(inRange.length);
        expect(readRows(taken, type)).toEqual(inRange.map((row) => (row < 0 ? null : values[row])));
      }),
      { numRuns: 300 },
    );
  });

  test('keeps NaN bits and the dictionary', () => {
    const values = new Float64Array(1);
    new Int32Array(values.buffer).set([7, 0x7ff00001]);
    const taken = take({ layout: 'fixed', length: 1, validity: null, values }, Int32Array.of(0, 0), 2) as ColumnOf<'fixed'>;
    expect([...new Int32Array(taken.values.buffer)]).toEqual([7, 0x7ff00001, 7, 0x7ff00001]);
    const coded = encoded(types.STRING, ['a', 'b']) as ColumnOf<'dictionary'>;
    expect((take(coded, Int32Array.of(1), 1) as ColumnOf<'dictionary'>).dictionary).toBe(coded.dictionary);
  });

  test('drops a validity that no longer says anything', () => {
    const taken = take(columnOf(types.INT32, [1, null]), Int32Array.of(0), 1) as ColumnOf<'fixed'>;
    expect(taken.validity).toBe(null);
  });

  test('works on batches', () => {
    const batch = { length: 2, columns: [columnOf(types.INT32, [1, 2]), columnOf(types.STRING, ['a', 'b'])] };
    const taken = takeBatch(batch, Int32Array.of(1, -1, 0), 3);
    expect(taken.length).toBe(3);
    expect(readRows(taken.columns[0], types.INT32)).toEqual([2, null, 1]);
    expect(readRows(taken.columns[1], types.STRING)).toEqual(['b', null, 'a']);
  });
});

describe('slice', () => {
  test('gives the rows between', () => {
    fc.assert(
      fc.property(someColumn, fc.nat(), fc.nat(), ({ type, values, column }, a, b) => {
        const [from, to] = [a % (values.length + 1), b % (values.length + 1)].sort((x, y) => x - y);
        const sliced = slice(column, from, to);
        expect(sliced.length).toBe(to - from);
        expect(readRows(sliced, type)).toEqual(values.slice(from, to));
      }),
      { numRuns: 200 },
    );
  });

  test('shares the memory', () => {
    const column = columnOf(types.STRING, ['a', 'b', 'c']) as ColumnOf<'bytes'>;
    expect((slice(column, 1, 2) as ColumnOf<'bytes'>).data).toBe(column.data);
    expect(slice(column, 0, 3)).toBe(column);
  });

  test('works on batches', () => {
    const sliced = sliceBatch({ length: 3, columns: [columnOf(types.BOOLEAN, [true, false, null])] }, 1, 3);
    expect(sliced.length).toBe(2);
    expect(readRows(sliced.columns[0], types.BOOLEAN)).toEqual([false, null]);
  });
});

describe('concat', () => {
  test('puts rows end to end, whatever mixture of layouts', () => {
    const parts = fc.tuple(anyType(), fc.array(fc.nat({ max: 20 }), { maxLength: 5 })).chain(([type, lengths]) => {
      return fc.tuple(fc.constant(type), fc.tuple(...lengths.map((rows) => filledColumn(type, rows))));
    });
    fc.assert(
      fc.property(parts, ([type, filled]) => {
        const joined = concat(
          type,
          filled.map((part) => part.column),
        );
        const values = filled.flatMap((part) => [...part.values]);
        expect(joined.length).toBe(values.length);
        expect(readRows(joined, type)).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });

  test('keeps one shared dictionary', () => {
    const coded = encoded(types.STRING, ['a', null, 'b', 'a']);
    const joined = concat(types.STRING, [slice(coded, 0, 1), coded]) as ColumnOf<'dictionary'>;
    expect(joined.dictionary).toBe((coded as ColumnOf<'dictionary'>).dictionary);
    expect(readRows(joined, types.STRING)).toEqual(['a', 'a', null, 'b', 'a']);
  });

  test('brings small dictionaries of text to one', () => {
    const words = fc.constantFrom('a', 'bb', 'a long text of more than forty characters, at least so', null);
    const columns = fc.array(fc.array(words, { maxLength: 30 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(columns, (parts) => {
        const joined = concat(
          types.STRING,
          parts.map((values) => pruned(values)),
        );
        const values = parts.flat();
        expect(readRows(joined, types.STRING)).toEqual(values);
        if (joined.layout === 'dictionary') {
          const entries = readRows(joined.dictionary, types.STRING);
          expect(new Set(entries).size).toBe(entries.length);
        }
      }),
    );
    const many = pruned(['x', 'y', 'x', 'y', null, 'x', 'y', 'x']);
    const joined = concat(types.STRING, [many, pruned([null, 'z', 'y', 'z']), many]) as ColumnOf<'dictionary'>;
    expect(readRows(joined.dictionary, types.STRING)).toEqual(['x', 'y', 'z']);
    // Too many entries for so few rows: plain.
    expect(concat(types.STRING, [encoded(types.STRING, ['a', 'b']), encoded(types.STRING, ['c'])]).layout).toBe('bytes');
  });

  test('works on batches, and no batches are no rows', () => {
    const schema = types.schemaOf(types.field('n', types.INT64));
    const batch = { length: 1, columns: [columnOf(types.INT64, [5n])] };
    const joined = concatBatches(schema, [batch, emptyBatch(schema), batch]);
    expect(joined.length).toBe(2);
    expect(readRows(joined.columns[0], types.INT64)).toEqual([5n, 5n]);
    expect(concatBatches(schema, [])).toEqual(emptyBatch(schema));
    expect(
      concatBatches({ fields: [] }, [
        { length: 3, columns: [] },
        { length: 4, columns: [] },
      ]).length,
    ).toBe(7);
  });
});

describe('dictionaries', () => {
  test('decode to the same rows at every depth', () => {
    fc.assert(
      fc.property(someColumn, ({ type, values, column }) => {
        const plain = decodeDictionary(column);
        expect(readRows(plain, type)).toEqual(values);
        expect(hasDictionary(plain)).toBe(false);
      }),
    );
    const inner: Column = { layout: 'struct', length: 3, validity: null, children: [encoded(types.STRING, ['x', null, 'y'])] };
    expect(hasDictionary(decodeDictionary(inner))).toBe(false);
  });

  test('are pruned to the entries in use', () => {
    const coded = encoded(types.STRING, ['a', 'b', null, 'c', 'a']);
    const pruned = pruneDictionary(slice(coded, 2, 5) as ColumnOf<'dictionary'>);
    expect(readRows(pruned.dictionary, types.STRING)).toEqual(['c', 'a']);
    expect(readRows(pruned, types.STRING)).toEqual([null, 'c', 'a']);
  });
});

/** An encoded column whose entries are distinct. */
function pruned(values: readonly (string | null)[]): Column {
  const entries = [...new Set(values)].filter((value) => value !== null);
  const validity = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value !== null) validity[i >> 3] |= 1 << (i & 7);
  });
  const codes = Int32Array.from(values, (value) => (value === null ? 0 : entries.indexOf(value)));
  return { layout: 'dictionary', length: values.length, validity, codes, dictionary: columnOf(types.STRING, entries) };
}

function hasDictionary(column: Column): boolean {
  switch (column.layout) {
    case 'dictionary':
      return true;
    case 'list':
      return hasDictionary(column.child);
    case 'map':
      return hasDictionary(column.keys) || hasDictionary(column.values);
    case 'struct':
      return column.children.some(hasDictionary);
    default:
      return false;
  }
}

describe('sizes', () => {
  test.each([
    ['int', columnOf(types.INT32, [1, 2, 3]), 12],
    ['int with a null', columnOf(types.INT32, [1, null, 3]), 13],
    ['bigint', columnOf(types.INT64, [1n]), 8],
    ['boolean', columnOf(types.BOOLEAN, [true, false]), 1],
    ['wide decimal', columnOf(types.decimal(20, 0), [1n, 2n]), 32],
    ['string', columnOf(types.STRING, ['ab', 'c']), 15],
    ['part of a string column', slice(columnOf(types.STRING, ['x'.repeat(99), 'c']), 1, 2), 9],
    ['array', columnOf(types.arrayOf(types.INT32), [[1, 2], []]), 20],
    ['void', columnOf(types.NULL, [null]), 0],
  ])('%s', (_, column, bytes) => {
    expect(columnBytes(column)).toBe(bytes);
    expect(batchBytes({ length: column.length, columns: [column, column] })).toBe(2 * bytes);
  });
});
