/** Random types, values, columns (sliced, and dictionary-encoded at any depth), schemas and batches for property tests of the data room. */
import * as fc from 'fast-check';
import type { Batch, Column } from '../../src/data/batch.js';
import { columnOf } from '../../src/data/builder.js';
import { slice } from '../../src/data/slice.js';
import type { DataType, Schema } from '../../src/data/types.js';
import * as types from '../../src/data/types.js';
import type { EngineValue } from '../../src/data/value.js';

const leafType: fc.Arbitrary<DataType> = fc.oneof(
  fc.constantFrom(
    types.NULL,
    types.BOOLEAN,
    types.INT8,
    types.INT16,
    types.INT32,
    types.INT64,
    types.FLOAT32,
    types.FLOAT64,
    types.STRING,
    types.BINARY,
    types.DATE,
    types.TIMESTAMP,
    types.TIMESTAMP_NTZ,
    types.dayTimeInterval(),
    types.yearMonthInterval(),
  ),
  fc.integer({ min: 1, max: 38 }).chain((p) => fc.integer({ min: 0, max: p }).map((s) => types.decimal(p, s))),
);

const keyType = leafType.filter((type) => type.kind !== 'null');

/** Types nested up to two deep. */
export function anyType(depth = 2): fc.Arbitrary<DataType> {
  if (depth === 0) return leafType;
  const inner = anyType(depth - 1);
  return fc.oneof(
    { weight: 4, arbitrary: leafType },
    { weight: 1, arbitrary: fc.tuple(inner, fc.boolean()).map(([element, nullable]) => types.arrayOf(element, nullable)) },
    { weight: 1, arbitrary: fc.tuple(keyType, inner, fc.boolean()).map(([key, value, nullable]) => types.mapOf(key, value, nullable)) },
    { weight: 1, arbitrary: fc.array(fc.tuple(fc.string({ maxLength: 3 }), inner), { maxLength: 3 }).map(structType) },
  );
}

function structType(fields: readonly (readonly [string, DataType])[]): DataType {
  return types.structOf(fields.map(([name, type], i) => types.field(`${name}${i}`, type)));
}

const signed = (bits: number): fc.Arbitrary<number> => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** Values of a type, never null at the top. */
export function anyValue(type: DataType): fc.Arbitrary<EngineValue> {
  switch (type.kind) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'int8':
      return signed(8);
    case 'int16':
      return signed(16);
    case 'int32':
    case 'date':
      return signed(32);
    case 'float32':
      return fc.float();
    case 'float64':
      return fc.double();
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
      return int64;
    case 'decimal': {
      const bound = 10n ** BigInt(type.precision) - 1n;
      return fc.bigInt({ min: -bound, max: bound });
    }
    case 'string':
      return fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ minLength: 45, maxLength: 70 }));
    case 'binary':
      return fc.uint8Array({ maxLength: 8 });
    case 'day_time_interval':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'year_month_interval':
      return fc.integer();
    case 'array':
      return fc.array(orNull(type.element), { maxLength: 3 });
    case 'map':
      return fc.array(fc.tuple(anyValue(type.key), orNull(type.value)), { maxLength: 3 });
    case 'struct':
      return fc.tuple(...type.fields.map((f) => orNull(f.type)));
    default:
      return type satisfies never;
  }
}

export function orNull(type: DataType): fc.Arbitrary<EngineValue> {
  return fc.option(anyValue(type), { freq: 4, nil: null });
}

export interface Filled {
  readonly type: DataType;
  readonly values: readonly EngineValue[];
  readonly column: Column;
}

/** A column with `rows` rows and what it holds: built whole, cut out of a longer one, or encoded. */
export function filledColumn(type: DataType, rows: number): fc.Arbitrary<Filled> {
  const values = fc.oneof(
    fc.array(anyValue(type), { minLength: rows, maxLength: rows }),
    fc.array(orNull(type), { minLength: rows, maxLength: rows }),
  );
  return fc
    .tuple(
      values,
      fc.constantFrom('whole', 'sliced', 'encoded'),
      fc.array(orNull(type), { maxLength: 9 }),
      fc.array(orNull(type), { maxLength: 3 }),
    )
    .map(([filling, how, before, after]) => {
      if (how === 'encoded') return { type, values: filling, column: encoded(type, filling) };
      if (how === 'whole') return { type, values: filling, column: columnOf(type, filling) };
      const longer = columnOf(type, [...before, ...filling, ...after]);
      return { type, values: filling, column: slice(longer, before.length, before.length + rows) };
    });
}

/** A dictionary column whose entries stand in reverse order of first use. */
export function encoded(type: DataType, values: readonly EngineValue[]): Column {
  const entries = values.filter((value) => value !== null).reverse();
  const codes = Int32Array.from(values, (value) => (value === null ? 0 : entries.findIndex((entry) => Object.is(entry, value))));
  const validity = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value !== null) validity[i >> 3] |= 1 << (i & 7);
  });
  return { layout: 'dictionary', length: values.length, validity, codes, dictionary: columnOf(type, entries) };
}

export interface FilledBatches {
  readonly schema: Schema;
  readonly batches: readonly Batch[];
  /** Values by batch, column, row. */
  readonly values: readonly (readonly (readonly EngineValue[])[])[];
  readonly dictionaries: readonly boolean[];
}

/** Up to four columns and three batches of up to twenty rows. */
export const filledBatches: fc.Arbitrary<FilledBatches> = fc
  .tuple(fc.array(anyType(), { maxLength: 4 }), fc.array(fc.nat({ max: 20 }), { maxLength: 3 }))
  .chain(([columnTypes, lengths]) => {
    const schema = types.schemaOf(...columnTypes.map((type, i) => types.field(`c${i}`, type)));
    const batches = fc.tuple(...lengths.map((rows) => fc.tuple(...columnTypes.map((type) => filledColumn(type, rows)))));
    const flags = fc.array(fc.boolean(), { minLength: columnTypes.length, maxLength: columnTypes.length });
    return fc.tuple(batches, flags).map(([filled, dictionaries]) => ({
      schema,
      batches: filled.map((columns, b) => ({ length: lengths[b], columns: columns.map((c) => c.column) })),
      values: filled.map((columns) => columns.map((c) => c.values)),
      dictionaries,
    }));
  });
