import { tableFromIPC, tableToIPC } from 'apache-arrow';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MinisparkError } from '../../src/core/errors.js';
import { fromArrowTable, toArrowTable } from '../../src/data/arrow-interop.js';
import { type Batch, type Column, isNull } from '../../src/data/batch.js';
import { columnOf } from '../../src/data/builder.js';
import { loadCodec } from '../../src/data/codec.js';
import { FlatWriter } from '../../src/data/flatbuffer.js';
import { decodePieces, decodeStream, END_OF_STREAM, encodeBatch, encodeSchema, encodeStream } from '../../src/data/ipc.js';
import { slice } from '../../src/data/slice.js';
import type { Schema } from '../../src/data/types.js';
import * as types from '../../src/data/types.js';
import { readRows } from '../../src/data/value.js';
import { encoded, filledBatches } from './arbitraries.js';

function valuesOf(schema: Schema, batches: readonly Batch[]) {
  return batches.map((batch) => batch.columns.map((column, i) => readRows(column, schema.fields[i].type)));
}

const WORDS = types.schemaOf(types.field('word', types.STRING), types.field('n', types.INT64, false));
const WORD_BATCH: Batch = { length: 3, columns: [columnOf(types.STRING, ['to', null, 'be']), columnOf(types.INT64, [1n, -2n, 2n ** 62n])] };

describe('streams', () => {
  test('come back as they went', () => {
    fc.assert(
      fc.property(filledBatches, ({ schema, batches, values, dictionaries }) => {
        const decoded = decodeStream(encodeStream(schema, batches, { dictionaries }));
        expect(decoded.schema).toEqual(schema);
        expect(decoded.batches.map((batch) => batch.length)).toEqual(batches.map((batch) => batch.length));
        expect(valuesOf(schema, decoded.batches)).toEqual(values);
        expect(valuesOf(schema, [...inPieces(encodeStream(schema, batches, { dictionaries }))])).toEqual(values);
        for (const batch of decoded.batches) {
          batch.columns.forEach((column, i) => {
            expect(column.layout === 'dictionary').toBe(dictionaries[i]);
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  test('come back with every decimal in 128 bits', () => {
    fc.assert(
      fc.property(filledBatches, ({ schema, batches, values, dictionaries }) => {
        const decoded = decodeStream(encodeStream(schema, batches, { dictionaries, onlyDecimal128: true }));
        expect(decoded.schema).toEqual(schema);
        expect(valuesOf(schema, decoded.batches)).toEqual(values);
      }),
    );
  });

  test.each(['lz4', 'zstd'] as const)('come back from %s, and are smaller on the way', async (codec) => {
    await loadCodec(codec);
    const rows = Array.from({ length: 5000 }, (_, i) => i);
    const words = columnOf(
      types.STRING,
      rows.map((i) => (i % 3 === 0 ? null : `word ${i % 50}`)),
    );
    const batch: Batch = {
      length: 5000,
      columns: [
        words,
        columnOf(
          types.INT64,
          rows.map((i) => BigInt(i % 7)),
        ),
      ],
    };
    for (const dictionaries of [
      [false, false],
      [true, false],
    ]) {
      const plain = encodeStream(WORDS, [batch, WORD_BATCH], { dictionaries });
      const packed = encodeStream(WORDS, [batch, WORD_BATCH], { dictionaries, codec });
      expect(packed.length).toBeLessThan(plain.length / 3);
      expect(valuesOf(WORDS, decodeStream(packed).batches)).toEqual(valuesOf(WORDS, decodeStream(plain).batches));
    }
  });

  test('a compressed buffer that does not unpack is corrupt, whatever byte of it was hit', async () => {
    await loadCodec('lz4');
    const batch: Batch = {
      length: 2000,
      columns: [columnOf(types.STRING, Array(2000).fill('again')), columnOf(types.INT64, Array(2000).fill(7n))],
    };
    const packed = encodeStream(WORDS, [batch], { codec: 'lz4' });
    for (let at = 0; at < packed.length; at++) {
      const damaged = packed.slice();
      damaged[at] ^= 1 << (at % 8);
      try {
        decodeStream(damaged);
      } catch (error) {
        expect(error).toMatchObject({ condition: 'CORRUPT_BLOCK' });
      }
    }
  });

  test('apache-arrow reads ours and we read what it writes and holds', () => {
    fc.assert(
      fc.property(filledBatches, ({ schema, batches, values, dictionaries }) => {
        const table = tableFromIPC(encodeStream(schema, batches, { dictionaries }));
        expect(table.numRows).toBe(batches.reduce((sum, batch) => sum + batch.length, 0));
        if (batches.length === 0 || schema.fields.length === 0) return;
        const held = fromArrowTable(table);
        expect(held.schema.fields.map((f) => f.type)).toEqual(schema.fields.map((f) => f.type));
        expect(valuesOf(schema, held.batches).filter(hasRows)).toEqual(values.filter(hasRows));
        const written = decodeStream(tableToIPC(table, 'stream'));
        expect(valuesOf(schema, written.batches).filter(hasRows)).toEqual(values.filter(hasRows));
      }),
      { numRuns: 100 },
    );
  });

  test('apache-arrow shows the values', async () => {
    const table = await toArrowTable(WORDS, [WORD_BATCH, WORD_BATCH]);
    expect(table.toArray().map((row) => row.toJSON())).toEqual(
      [1, 2].flatMap(() => [
        { word: 'to', n: 1n },
        { word: null, n: -2n },
        { word: 'be', n: 2n ** 62n },
      ]),
    );
    expect(String(table.schema.fields[1])).toBe('n: Int64');
  });

  test('a schema without columns keeps the row counts', () => {
    const decoded = decodeStream(encodeStream({ fields: [] }, [{ length: 7, columns: [] }]));
    expect(decoded).toEqual({ schema: { fields: [] }, batches: [{ length: 7, columns: [] }] });
  });

  test('large batches are handed out as views and read back', () => {
    const column = columnOf(
      types.INT32,
      Array.from({ length: 30_000 }, (_, i) => i),
    );
    const schema = types.schemaOf(types.field('i', types.INT32));
    const parts = encodeBatch(schema, { length: 29_999, columns: [slice(column, 1, 30_000)] });
    expect(parts.length).toBeGreaterThan(1);
    expect(parts[1].buffer).toBe((column as Extract<Column, { layout: 'fixed' }>).values.buffer);
    const stream = Buffer.concat([encodeSchema(schema), ...parts, END_OF_STREAM]);
    const [batch] = decodeStream(stream).batches;
    expect(readRows(batch.columns[0], types.INT32, 0, 2)).toEqual([1, 2]);
    expect(readRows(batch.columns[0], types.INT32, 29_998)).toEqual([29_999]);
  });

  test('a slice writes its own rows only', () => {
    const long = columnOf(types.STRING, ['x'.repeat(10_000), 'a', 'b', 'y'.repeat(10_000)]);
    const schema = types.schemaOf(types.field('s', types.STRING));
    const bytes = encodeStream(schema, [{ length: 2, columns: [slice(long, 1, 3)] }]);
    expect(bytes.length).toBeLessThan(1000);
    expect(readRows(decodeStream(bytes).batches[0].columns[0], types.STRING)).toEqual(['a', 'b']);
  });

  test('one dictionary for several batches is written once, a new one replaces it', () => {
    const schema = types.schemaOf(types.field('s', types.STRING));
    const first = encoded(types.STRING, ['long'.repeat(500), 'b']);
    const batch = { length: 2, columns: [first] };
    const other = { length: 1, columns: [encoded(types.STRING, ['c'])] };
    const options = { dictionaries: [true] };
    const once = encodeStream(schema, [batch], options);
    const thrice = encodeStream(schema, [batch, batch, batch], options);
    expect(thrice.length - once.length).toBeLessThan(2000);
    const { batches } = decodeStream(encodeStream(schema, [batch, other, batch], options));
    expect(valuesOf(schema, batches)).toEqual([[['long'.repeat(500), 'b']], [['c']], [['long'.repeat(500), 'b']]]);
  });

  test('bytes at odd addresses are copied, not refused', () => {
    const stream = encodeStream(WORDS, [WORD_BATCH]);
    const shifted = new Uint8Array(stream.length + 3);
    shifted.set(stream, 3);
    expect(valuesOf(WORDS, decodeStream(shifted.subarray(3)).batches)).toEqual(valuesOf(WORDS, [WORD_BATCH]));
  });

  test('null entries of a dictionary make their rows null', () => {
    const dictionary = columnOf(types.STRING, ['a', null]);
    const column: Column = { layout: 'dictionary', length: 3, validity: Uint8Array.of(3), codes: Int32Array.of(0, 1, 0), dictionary };
    const schema = types.schemaOf(types.field('s', types.STRING));
    const [batch] = decodeStream(encodeStream(schema, [{ length: 3, columns: [column] }], { dictionaries: [true] })).batches;
    expect([0, 1, 2].map((row) => isNull(batch.columns[0], row))).toEqual([false, true, true]);
  });

  test('codes of null rows are brought into the dictionary', () => {
    const dictionary = columnOf(types.STRING, ['a']);
    const column: Column = { layout: 'dictionary', length: 2, validity: Uint8Array.of(1), codes: Int32Array.of(0, 77), dictionary };
    const schema = types.schemaOf(types.field('s', types.STRING));
    const [batch] = decodeStream(encodeStream(schema, [{ length: 2, columns: [column] }], { dictionaries: [true] })).batches;
    expect((batch.columns[0] as Extract<Column, { layout: 'dictionary' }>).codes).toEqual(Int32Array.of(0, 0));
  });

  test('bytes in shared memory are read in place', () => {
    const stream = encodeStream(WORDS, [WORD_BATCH]);
    const shared = new Uint8Array(new SharedArrayBuffer(stream.length));
    shared.set(stream);
    expect(valuesOf(WORDS, decodeStream(shared).batches)).toEqual(valuesOf(WORDS, [WORD_BATCH]));
  });

  test('what is read is a view of the input', () => {
    const stream = encodeStream(WORDS, [WORD_BATCH]);
    const [batch] = decodeStream(stream).batches;
    expect((batch.columns[1] as Extract<Column, { layout: 'fixed' }>).values.buffer).toBe(stream.buffer);
  });
});

function hasRows(columns: readonly (readonly unknown[])[]): boolean {
  return columns.length > 0 && columns[0].length > 0;
}

/** Throws unless every access that a reader could make stays in bounds. Without `expect`, which would cost more than the decoding. */
function checkColumn(column: Column, length: number): void {
  ensure(column.length === length);
  if (column.layout === 'null') return;
  if (column.validity !== null) ensure(column.validity.length >= Math.ceil(length / 8));
  switch (column.layout) {
    case 'fixed':
      ensure(column.values.length === length);
      break;
    case 'wide':
      ensure(column.values.length === 2 * length);
      break;
    case 'bits':
      ensure(column.bits.length >= Math.ceil(length / 8));
      break;
    case 'dictionary':
      ensure(column.codes.length === length);
      ensure(column.dictionary.length === 0 || column.codes.every((code) => code >= 0 && code < column.dictionary.length));
      checkColumn(column.dictionary, column.dictionary.length);
      break;
    case 'struct':
      for (const child of column.children) checkColumn(child, length);
      break;
    case 'bytes':
      checkOffsets(column.offsets, length, column.data.length);
      break;
    case 'list':
      checkOffsets(column.offsets, length, column.child.length);
      checkColumn(column.child, column.child.length);
      break;
    case 'map':
      checkOffsets(column.offsets, length, column.keys.length);
      checkColumn(column.keys, column.keys.length);
      checkColumn(column.values, column.keys.length);
  }
}

function checkOffsets(offsets: Int32Array, length: number, bound: number): void {
  ensure(offsets.length === length + 1 && offsets[0] >= 0 && offsets[length] <= bound);
  ensure(offsets.every((offset, i) => i === 0 || offset >= offsets[i - 1]));
}

function ensure(holds: boolean): void {
  if (!holds) throw new Error('a column that was read leaves its bounds');
}

/** Decodes, whole and in pieces, and gives what came: 'refused' for CORRUPT_BLOCK, 'read' for something in bounds; anything else throws. */
function tryDecode(bytes: Uint8Array): 'refused' | 'read' {
  const whole = outcomeOf(() => decodeStream(bytes).batches);
  expect(outcomeOf(() => [...inPieces(bytes)])).toBe(whole);
  return whole;
}

const inPieces = (bytes: Uint8Array) => decodePieces(bytes.length, (from, to) => bytes.slice(from, to));

function outcomeOf(decode: () => readonly Batch[]): 'refused' | 'read' {
  try {
    for (const batch of decode()) {
      for (const column of batch.columns) checkColumn(column, batch.length);
    }
    return 'read';
  } catch (error) {
    if (error instanceof MinisparkError && error.condition === 'CORRUPT_BLOCK' && error.kind === 'fatal') return 'refused';
    throw error;
  }
}

describe('damaged streams', () => {
  test('with flipped bytes are refused or stay in bounds', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 });
    const seen = { refused: 0, read: 0 };
    fc.assert(
      fc.property(filledBatches, fc.array(flips, { minLength: 20, maxLength: 20 }), ({ schema, batches, dictionaries }, attempts) => {
        const whole = encodeStream(schema, batches, { dictionaries });
        for (const attempt of attempts) {
          const bytes = whole.slice();
          for (const [at, byte] of attempt) bytes[at % bytes.length] = byte;
          seen[tryDecode(bytes)]++;
        }
      }),
      { numRuns: 200 },
    );
    expect(seen.refused).toBeGreaterThan(100);
    expect(seen.read).toBeGreaterThan(100);
  });

  test('every single byte at its extremes is refused or stays in bounds', () => {
    const schema = types.schemaOf(
      types.field('s', types.STRING),
      types.field('m', types.mapOf(types.STRING, types.arrayOf(types.decimal(10, 2)))),
      types.field('d', types.STRING),
    );
    const column = columnOf(schema.fields[1].type, [[['k', [5n, null]]], null, [['l', []]]]);
    const batch = { length: 3, columns: [columnOf(types.STRING, ['a', null, 'ccc']), column, encoded(types.STRING, ['x', null, 'y'])] };
    const whole = encodeStream(schema, [batch], { dictionaries: [false, false, true] });
    for (let at = 0; at < whole.length; at++) {
      for (const byte of [0, 1, 127, 128, 255]) {
        const bytes = whole.slice();
        bytes[at] = byte;
        tryDecode(bytes);
      }
    }
  });

  test('cut short anywhere are refused', () => {
    const whole = encodeStream(WORDS, [WORD_BATCH, WORD_BATCH]);
    for (let length = 0; length < whole.length; length++) expect(tryDecode(whole.slice(0, length))).toBe('refused');
    expect(tryDecode(whole)).toBe('read');
  });

  test('with a decimal past its precision are refused', () => {
    const schema = types.schemaOf(types.field('d', types.decimal(18, 0)));
    const whole = encodeStream(schema, [{ length: 1, columns: [columnOf(types.decimal(18, 0), [1n])] }], { onlyDecimal128: true });
    // The last message is the end marker; before it stands the one decimal, low half first.
    const bytes = whole.slice();
    bytes[whole.length - 9] = 1;
    expect(tryDecode(bytes)).toBe('refused');
  });

  test('with a schema that never ends are refused', () => {
    // Every field of one name, type and pair of children, over and over: a few bytes that describe 2^40 fields.
    const writer = new FlatWriter();
    const name = writer.string('x');
    const list = writer.table([]);
    const struct = 13;
    let children = writer.vector([]);
    for (let depth = 0; depth < 40; depth++) {
      const field = writer.table([
        { slot: 0, size: 4, value: name, isOffset: true },
        { slot: 3, size: 4, value: list, isOffset: true },
        { slot: 5, size: 4, value: children, isOffset: true },
        { slot: 2, size: 1, value: struct },
      ]);
      children = writer.vector([field, field]);
    }
    const header = writer.table([{ slot: 1, size: 4, value: children, isOffset: true }]);
    const metadata = writer.finish(
      writer.table([
        { slot: 2, size: 4, value: header, isOffset: true },
        { slot: 1, size: 1, value: 1 },
      ]),
    );
    const frame = new Uint8Array(Int32Array.of(-1, metadata.length).buffer);
    expect(() => decodeStream(Buffer.concat([frame, metadata, END_OF_STREAM]))).toThrow('nests too deep');
  });

  test('with types nested past all reason are refused', () => {
    let type: types.DataType = types.INT32;
    for (let depth = 0; depth < 70; depth++) type = types.arrayOf(type);
    const stream = encodeStream(types.schemaOf(types.field('deep', type)), []);
    expect(() => decodeStream(stream)).toThrow('nests too deep');
  });

  test('with something after their end are refused', () => {
    const whole = encodeStream(WORDS, [WORD_BATCH]);
    expect(tryDecode(Uint8Array.from([...whole, ...whole]))).toBe('refused');
  });
});
