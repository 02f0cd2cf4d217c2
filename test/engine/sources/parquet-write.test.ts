import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Batch, Column } from '../../../src/data/batch.js';
import { columnOf } from '../../../src/data/builder.js';
import { parseSchema } from '../../../src/data/schema-parse.js';
import { STRING, schemaOf } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { readHybrid } from '../../../src/engine/sources/parquet/hybrid.js';
import { writeHybrid } from '../../../src/engine/sources/parquet/hybrid-write.js';
import { discoverFiles } from '../../../src/engine/sources/partitions.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import { checkWrite } from '../../../src/engine/sources/sink.js';
import { duckdb } from './duckdb.js';
import { readRowsOf, tempDir } from './reading.js';
import { batchOf, writeAll, writeSpec } from './writing.js';

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
});
afterAll(() => dir.dispose());

const path = (name: string) => join(dir.path, name);
const back = async (name: string) => {
  const { files } = await discoverFiles([path(name)], {});
  return { schema: await sourceOf('parquet').inferSchema(files, {}), rows: await readRowsOf('parquet', files) };
};

const FLAT = parseSchema(
  'b boolean, i8 tinyint, i16 smallint, i int, l bigint, f float, d double, d5 decimal(5,2), d18 decimal(18,4), d38 decimal(38,6), s string, x binary, day date, t timestamp, n timestamp_ntz, dt interval day to minute, ym interval year to month',
);
const FLAT_ROWS: EngineValue[][] = [
  [
    true,
    -128,
    32767,
    1,
    9007199254740993n,
    1.5,
    0.1,
    12345n,
    -5n,
    -12345678901234567890123n,
    'é',
    new Uint8Array([0, 255]),
    19782,
    1500000n,
    -1n,
    -93780000000n,
    14,
  ],
  FLAT.fields.map(() => null),
  [
    false,
    127,
    -32768,
    -1,
    -(2n ** 63n),
    -0,
    Number.NaN,
    -1n,
    999999999999999999n,
    10n ** 37n,
    '',
    new Uint8Array(),
    -1,
    -1n,
    0n,
    60000000n,
    -(2 ** 31),
  ],
];

test('every flat type reads back, here and in DuckDB', async () => {
  await writeAll(writeSpec('parquet', path('flat')), FLAT, [[batchOf(FLAT, FLAT_ROWS)]]);
  expect(await back('flat')).toEqual({ schema: FLAT, rows: FLAT_ROWS });
  const rows = await duckdb(
    `SELECT b, i8, i16, i, l::VARCHAR, f, d::VARCHAR, d5::VARCHAR, d18::VARCHAR, d38::VARCHAR, s, hex(x), day::VARCHAR, epoch_us(t)::VARCHAR, epoch_us(n)::VARCHAR, dt::VARCHAR, ym FROM '${path('flat')}/*.parquet'`,
  );
  expect(rows).toEqual([
    [
      true,
      -128,
      32767,
      1,
      '9007199254740993',
      1.5,
      '0.1',
      '123.45',
      '-0.0005',
      '-12345678901234567.890123',
      'é',
      '00FF',
      '2024-02-29',
      '1500000',
      '-1',
      // To others intervals are microseconds and months.
      '-93780000000',
      14,
    ],
    FLAT.fields.map(() => null),
    [
      false,
      127,
      -32768,
      -1,
      '-9223372036854775808',
      -0,
      'nan',
      '-0.01',
      '99999999999999.9999',
      `1${'0'.repeat(31)}.000000`,
      '',
      '',
      '1969-12-31',
      '-1',
      '0',
      '60000000',
      -(2 ** 31),
    ],
  ]);
  const types = await duckdb(`DESCRIBE SELECT i8, d5, d18, d38, t, n FROM '${path('flat')}/*.parquet'`);
  expect(types.map((row) => row[1])).toEqual([
    'TINYINT',
    'DECIMAL(5,2)',
    'DECIMAL(18,4)',
    'DECIMAL(38,6)',
    'TIMESTAMP WITH TIME ZONE',
    'TIMESTAMP',
  ]);
});

const NESTED = parseSchema(
  'l array<int>, s struct<a:int,b:array<string>>, m map<string,array<bigint>>, ll array<array<int>>, ls array<struct<p:int,q:struct<r:string>>>',
);
const NESTED_ROWS: EngineValue[][] = [
  [
    [1, null, 3],
    [1, ['x', null]],
    [
      ['k', [1n, null]],
      ['l', null],
    ],
    [[1], [], null, [2, 3]],
    [[1, ['a']], null, [null, null]],
  ],
  [[], [null, []], [], [], []],
  [null, null, null, null, null],
  [[4], [2, null], [['m', []]], [null], [[7, [null]]]],
];

test('nested types read back, here and in DuckDB', async () => {
  await writeAll(writeSpec('parquet', path('nested')), NESTED, [[batchOf(NESTED, NESTED_ROWS), batchOf(NESTED, NESTED_ROWS)]]);
  expect(await back('nested')).toEqual({ schema: NESTED, rows: [...NESTED_ROWS, ...NESTED_ROWS] });
  const rows = await duckdb(
    `SELECT l::VARCHAR, s::VARCHAR, m::VARCHAR, ll::VARCHAR, ls::VARCHAR FROM '${path('nested')}/*.parquet' LIMIT 4`,
  );
  expect(rows[0]).toEqual([
    '[1, NULL, 3]',
    "{'a': 1, 'b': [x, NULL]}",
    '{k=[1, NULL], l=NULL}',
    '[[1], [], NULL, [2, 3]]',
    "[{'p': 1, 'q': {'r': a}}, NULL, {'p': NULL, 'q': NULL}]",
  ]);
  expect(rows[2]).toEqual([null, null, null, null, null]);
});

test('rows of any nesting survive', async () => {
  const schema = parseSchema('a array<struct<x:array<int>,y:string>>, m map<int,array<array<string>>>');
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4 });
  const list = <T>(value: fc.Arbitrary<T>) => fc.array(maybe(value), { maxLength: 3 });
  const row = fc.tuple(
    maybe(list(fc.tuple(maybe(list(fc.integer({ min: -9, max: 9 }))), maybe(fc.constantFrom('', 'a', 'bb'))))),
    maybe(
      fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 9 }), maybe(list(list(fc.constantFrom('p', 'q'))))), {
        selector: ([key]) => key,
        maxLength: 3,
      }),
    ),
  );
  let n = 0;
  const property = fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
    const name = `p${n++}`;
    await writeAll(writeSpec('parquet', path(name)), schema, [[batchOf(schema, rows as EngineValue[][])]]);
    expect((await back(name)).rows).toEqual(rows);
  });
  await fc.assert(property, { numRuns: 60 });
});

const MANY = parseSchema('i int, s string, u string, d double');
function manyRows(from: number, n: number): Batch {
  const rows = Array.from({ length: n }, (_, k) => from + k);
  const strings = columnOf(
    STRING,
    rows.map((i) => `unique text number ${i} ${'x'.repeat(i % 50)}`),
  );
  const codes = Int32Array.from(rows, (i) => i % 3);
  // Entries that repeat and one that nobody uses.
  const dictionary = columnOf(STRING, ['a', 'b', 'a', 'unused']);
  const coded: Column = { layout: 'dictionary', length: n, validity: null, codes, dictionary };
  return {
    length: n,
    columns: [
      columnOf(
        { kind: 'int32' },
        rows.map((i) => (i % 10 === 0 ? null : i)),
      ),
      coded,
      strings,
      columnOf(
        { kind: 'float64' },
        rows.map((i) => i / 7),
      ),
    ],
  };
}

for (const compression of ['snappy', 'gzip', 'uncompressed']) {
  test(`many pages and row groups, ${compression}`, async () => {
    const name = `many-${compression}`;
    const batches = Array.from({ length: 20 }, (_, i) => manyRows(i * 10_000, 10_000));
    const messages = await writeAll(writeSpec('parquet', path(name), { options: { compression } }), MANY, [
      batches.slice(0, 12),
      batches.slice(12),
    ]);
    expect(messages[0].files[0].rows).toBe(120_000);
    const [sums] = await duckdb(
      `SELECT count(*), count(i), sum(i)::VARCHAR, count(distinct s), count(distinct u), round(sum(d), 3) FROM '${path(name)}/*.parquet'`,
    );
    const all = Array.from({ length: 200_000 }, (_, i) => i);
    const ints = all.filter((i) => i % 10 !== 0);
    expect(sums).toEqual([
      '200000',
      '180000',
      String(ints.reduce((a, b) => a + b)),
      '2',
      '200000',
      Number((all.reduce((a, b) => a + b) / 7).toFixed(3)),
    ]);
    const { rows } = await back(name);
    expect(rows.length).toBe(200_000);
    expect(rows[123_456]).toEqual([123_456, 'a', `unique text number 123456 ${'x'.repeat(6)}`, 123_456 / 7]);
  });
}

test('statistics are those of the data', async () => {
  const schema = parseSchema('i int, l bigint, d double, s string');
  const rows: EngineValue[][] = [
    [3, 5n, 0, 'b'],
    [-1, -7n, Number.NaN, 'a'],
    [null, null, null, null],
    [2, 2n ** 60n, -2.5, 'é'],
  ];
  await writeAll(writeSpec('parquet', path('stats')), schema, [[batchOf(schema, rows)]]);
  const stats = await duckdb(
    `SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count::INT FROM parquet_metadata('${path('stats')}/*.parquet') ORDER BY column_id`,
  );
  expect(stats).toEqual([
    ['i', '-1', '3', 1],
    ['l', '-7', String(2n ** 60n), 1],
    ['d', '-2.5', '0.0', 1],
    ['s', 'a', 'é', 1],
  ]);
});

test('a file without rows keeps its schema', async () => {
  await writeAll(writeSpec('parquet', path('none')), NESTED, [[]]);
  expect(await back('none')).toEqual({ schema: NESTED, rows: [] });
  expect(await duckdb(`SELECT count(*) FROM '${path('none')}/*.parquet'`)).toEqual([['0']]);
});

test('what Parquet cannot hold is refused', () => {
  expect(() => checkWrite(writeSpec('parquet', 'x'), schemaOf({ name: 'v', type: { kind: 'null' }, nullable: true }))).toThrowError(
    /cannot hold column 'v' of type void/,
  );
  expect(() => checkWrite(writeSpec('parquet', 'x', { options: { compression: 'lzo' } }), FLAT)).toThrowError(/compression/);
});

test('runs and packed integers come back', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** 20 - 1 }), fc.integer({ min: 1, max: 20 })), {
    minLength: 1,
    maxLength: 50,
  });
  const property = fc.property(values, fc.integer({ min: 1, max: 20 }), (runs, width) => {
    const all = Int32Array.from(runs.flatMap(([value, n]) => new Array<number>(n).fill(value % 2 ** width)));
    const bytes = writeHybrid(all, 0, all.length, width);
    const read = new Int32Array(all.length);
    readHybrid(bytes, 0, bytes.length, width, read, all.length);
    expect(read).toEqual(all);
  });
  fc.assert(property, { numRuns: 300 });
});

test('ranges of several files: what one of them does not bound has no bounds, one without a value takes none away', async () => {
  const schema = parseSchema('x double, i int');
  let tables = 0;
  const statistics = async (...files: readonly (readonly EngineValue[])[][]) => {
    const to = path(`ranges-${tables++}`);
    await writeAll(
      writeSpec('parquet', to),
      schema,
      files.map((rows) => [batchOf(schema, rows)]),
    );
    const written = await discoverFiles([to], {});
    expect(written.files).toHaveLength(files.length);
    return (await sourceOf('parquet').statistics?.(written.files))?.ranges;
  };
  const bounded = { x: { min: 1, max: 2 }, i: { min: 5, max: 6 } };
  const rows: EngineValue[][] = [
    [1, 5],
    [2, 6],
  ];
  expect(await statistics(rows, [[null, null]])).toEqual(bounded);
  expect(await statistics(rows, [[Number.NaN, 9]])).toEqual({ x: {}, i: { min: 5, max: 9 } });
  expect(await statistics([[Number.NaN, 9]], rows, rows)).toEqual({ x: {}, i: { min: 5, max: 9 } });
});
