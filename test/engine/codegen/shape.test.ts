/** The measured magnitude of integers: a bound for every value, and the exact values read back under it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../../src/data/batch.js';
import { columnOf, createBuilder } from '../../../src/data/builder.js';
import type { WideBuilder } from '../../../src/data/builder-wide.js';
import type { DataType } from '../../../src/data/types.js';
import { type EngineValue, readRows } from '../../../src/data/value.js';
import { OutputSink } from '../../../src/engine/codegen/output-sink.js';
import { Pipeline } from '../../../src/engine/codegen/pipeline.js';
import { shapeOf } from '../../../src/engine/codegen/shape.js';

const INT64: DataType = { kind: 'int64' };
const WIDE: DataType = { kind: 'decimal', precision: 38, scale: 2 };

/** Around the powers of two, where a bound is most easily wrong. */
const edge = (most: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: most }), fc.integer({ min: -1, max: 1 }), fc.boolean())
    .map(([power, off, negative]) => (negative ? -1n : 1n) * (2n ** BigInt(power) + BigInt(off)));

/** What a generated function reads of the column, written to another. */
function copied(column: Column, type: DataType): EngineValue[] {
  const sink = new OutputSink([type], 1000, 1 << 20);
  new Pipeline({ name: 'copy', input: [type], steps: [], sink, maxCached: 100 }).run({ length: column.length, columns: [column] });
  return sink.finish().flatMap((batch) => readRows(batch.columns[0], type));
}

test.each([
  ['bigint', INT64, 62],
  ['decimal of 38 digits', WIDE, 124],
] as const)('%s', (_, type, most) => {
  fc.assert(
    fc.property(fc.array(fc.option(edge(most), { nil: null }), { minLength: 1, maxLength: 8 }), fc.boolean(), (values, coded) => {
      const plain = columnOf(type, values);
      const { bits } = shapeOf(plain, type);
      for (const value of values)
        if (value !== null && bits <= 53) expect(value < 2n ** BigInt(bits) && value > -(2n ** BigInt(bits))).toBe(true);
      expect(copied(plain, type)).toEqual(values);
      const present = values.filter((value) => value !== null);
      if (!coded || present.length === 0) return;
      const codes = Int32Array.from({ length: 20 }, (_, i) => i % present.length);
      const column: Column = { layout: 'dictionary', length: 20, validity: null, codes, dictionary: columnOf(type, present) };
      expect(copied(column, type)).toEqual(Array.from(codes, (code) => present[code]));
    }),
  );
});

test('doubles and bigints make the same wide decimals', () => {
  fc.assert(
    fc.property(
      fc.array(
        edge(53).filter((v) => v <= 2n ** 53n && v >= -(2n ** 53n)),
        { minLength: 1 },
      ),
      (values) => {
        const builder = createBuilder(WIDE, 1) as WideBuilder;
        for (const value of values) builder.appendDouble(Number(value));
        expect(readRows(builder.finish(), WIDE)).toEqual(values);
      },
    ),
  );
});
