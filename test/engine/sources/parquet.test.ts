import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSchema } from '../../../src/data/schema-parse.js';
import { BOOLEAN, field, INT32, INT64, type Schema, STRING, schemaOf, typeName } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { snappyCompress, snappyDecompress } from '../../../src/engine/sources/parquet/snappy.js';
import { binary, i32, i64, structs, thriftBytes } from '../../../src/engine/sources/parquet/thrift-write.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import type { BoundExpr } from '../../../src/frontend/plan/resolved.js';
import { duckdb } from './duckdb.js';
import { fileOf, readRowsOf, requestFor, tempDir } from './reading.js';

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
});
afterAll(() => dir.dispose());

const path = (name: string) => join(dir.path, name);
const fileFrom = async (name: string, select: string, options = '') => {
  await duckdb(`COPY (${select}) TO '${path(name)}' (FORMAT parquet ${options})`);
  return fileOf(path(name));
};
const schemaText = ({ fields }: Schema) => fields.map((f) => `${f.name} ${typeName(f.type)}`).join(', ');

const TYPES = `SELECT * FROM (VALUES
  (true, 1::TINYINT, -2::SMALLINT, 3::INT, 9007199254740993, 200::UTINYINT, 40000::USMALLINT, 4000000000::UINTEGER, 18446744073709551615::UBIGINT, 1.5::FLOAT, 0.1::DOUBLE,
   12.34::DECIMAL(4,2), -123456.789::DECIMAL(9,3), 1234567890123.45::DECIMAL(18,2), -12345678901234567890.123::DECIMAL(38,3), 'é', '\\x01\\xFF'::BLOB,
   DATE '2024-02-29', TIMESTAMP '2024-02-29 13:05:00.25', TIMESTAMP_MS '1969-12-31 23:59:59.999', TIMESTAMP_NS '1969-12-31 23:59:59.999999999', TIMESTAMPTZ '2024-01-01 00:00:00+01'),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) t(b, i8, i16, i32, i64, u8, u16, u32, u64, f, d, d4, d9, d18, d38, s, x, day, ts, tms, tns, tz)`;
const TYPE_VALUES: EngineValue[] = [
  ...[true, 1, -2, 3, 9007199254740993n, 200, 40000, 4000000000n, 18446744073709551615n, 1.5, 0.1],
  ...[1234n, -123456789n, 123456789012345n, -12345678901234567890123n, 'é', new Uint8Array([1, 255])],
  ...[19782, 1709211900250000n, -1000n, -1n, 1704063600000000n],
];

test('every flat type of DuckDB', async () => {
  const file = await fileFrom('types.parquet', TYPES);
  expect(schemaText(await sourceOf('parquet').inferSchema([file], {}))).toBe(
    'b boolean, i8 tinyint, i16 smallint, i32 int, i64 bigint, u8 smallint, u16 int, u32 bigint, u64 decimal(20,0), f float, d double, ' +
      'd4 decimal(4,2), d9 decimal(9,3), d18 decimal(18,2), d38 decimal(38,3), s string, x binary, day date, ts timestamp_ntz, tms timestamp_ntz, tns timestamp_ntz, tz timestamp',
  );
  expect(await readRowsOf('parquet', [file])).toEqual([TYPE_VALUES, TYPE_VALUES.map(() => null)]);
});

const ROWS = `SELECT i::INT AS i, i * 1000000007 AS l, CASE WHEN i % 7 = 0 THEN NULL ELSE 'name ' || (i % 50) END AS s, CASE WHEN i % 3 = 0 THEN NULL ELSE i * 0.5::DOUBLE END AS d, i % 2 = 0 AS b, repeat('x', (i % 100)::INT) || i AS u FROM range(30000) t(i)`;
const expected = (i: number) => [
  i,
  BigInt(i) * 1000000007n,
  i % 7 === 0 ? null : `name ${i % 50}`,
  i % 3 === 0 ? null : i * 0.5,
  i % 2 === 0,
  'x'.repeat(i % 100) + i,
];
const ROWS_SCHEMA = parseSchema('i int, l bigint, s string, d double, b boolean, u string');

test('timestamps of 96 bits: nanoseconds of a Julian day', async () => {
  const stamps: readonly (readonly [day: number, nanos: bigint])[] = [
    [2_440_588, 0n],
    [2_440_587, 86_399_999_999_999n],
    [2_460_370, 47_100_250_000_000n],
    [2_299_160, 3_600_000_000_000n],
  ];
  const values = Buffer.alloc(12 * stamps.length);
  stamps.forEach(([day, nanos], i) => {
    values.writeBigInt64LE(nanos, 12 * i);
    values.writeInt32LE(day, 12 * i + 8);
  });
  const count = i64(stamps.length);
  const page = thriftBytes({
    1: i32(0),
    2: i32(values.length),
    3: i32(values.length),
    5: { t: 'struct', v: { 1: i32(stamps.length), 2: i32(0), 3: i32(3), 4: i32(3) } },
  });
  const bytes = i64(page.length + values.length);
  const root = { t: 'struct', v: { 4: binary('schema'), 5: i32(1) } } as const;
  const column = { t: 'struct', v: { 1: i32(3), 3: i32(0), 4: binary('t') } } as const;
  const names = { t: 'list', of: 'binary', v: [binary('t')] } as const;
  const encodings = { t: 'list', of: 'i32', v: [i32(0)] } as const;
  const chunk = { 1: i32(3), 2: encodings, 3: names, 4: i32(0), 5: count, 6: bytes, 7: bytes, 9: i64(4) };
  const columns = { t: 'list', of: 'struct', v: [{ t: 'struct', v: { 2: i64(4), 3: { t: 'struct', v: chunk } } }] } as const;
  const group = { t: 'struct', v: { 1: columns, 2: bytes, 3: count } } as const;
  const written = (...notes: string[]) => {
    const footer = thriftBytes({
      1: i32(1),
      2: { t: 'list', of: 'struct', v: [root, column] },
      3: count,
      4: { t: 'list', of: 'struct', v: [group] },
      5: notes.length === 0 ? null : structs(notes.map((note) => ({ 1: binary(note), 2: binary('') }))),
    });
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    const file = path(`int96-${notes.join('')}.parquet`);
    writeFileSync(file, Buffer.concat([Buffer.from('PAR1'), page, values, footer, length, Buffer.from('PAR1')]));
    return fileOf(file);
  };
  const file = written();
  const schema = await sourceOf('parquet').inferSchema([file], {});
  expect(schemaText(schema)).toBe('t timestamp');
  const micros = [0n, -1n, 1_709_211_900_250_000n, -12_219_375_600_000_000n];
  expect((await readRowsOf('parquet', [file], { schema })).map(([t]) => t)).toEqual(micros);
  await expect(readRowsOf('parquet', [written('org.apache.spark.legacyINT96')], { schema })).rejects.toMatchObject({
    condition: 'INCONSISTENT_BEHAVIOR_CROSS_VERSION.READ_ANCIENT_DATETIME',
  });
});

describe('pages, encodings, compression', () => {
  for (const options of ['snappy', 'zstd', 'gzip', 'lz4_raw', 'uncompressed']) {
    test(options, async () => {
      const file = await fileFrom(`${options}.parquet`, ROWS, `, COMPRESSION ${options}, ROW_GROUP_SIZE 8000`);
      const rows = await readRowsOf('parquet', [file], { schema: ROWS_SCHEMA, splitBytes: 100_000, batchRows: 999, batchBytes: 1 << 20 });
      expect(rows.length).toBe(30000);
      for (const i of [0, 1, 7, 998, 999, 7999, 8000, 29999]) expect(rows[i]).toEqual(expected(i));
      expect(rows.every((row, i) => row[0] === i && row[5] === expected(i)[5])).toBe(true);
    });
  }
  test('version 2 pages with delta and split-stream encodings', async () => {
    const file = await fileFrom('v2.parquet', ROWS, ', PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1');
    const rows = await readRowsOf('parquet', [file], { schema: ROWS_SCHEMA, batchRows: 10_000 });
    expect(rows).toEqual(Array.from({ length: 30000 }, (_, i) => expected(i)));
  });
});

test('strings stay dictionary-encoded, few numbers too for readers that look at rows one by one', async () => {
  const file = await fileFrom('dict.parquet', "SELECT (i % 5)::INT AS n, 'v' || (i % 5) AS s FROM range(5000) t(i)");
  const request = await requestFor('parquet', [file], {});
  for (const recycles of [false, true]) {
    for (const split of sourceOf('parquet').planSplits([file], {}, 1 << 20)) {
      for await (const batch of sourceOf('parquet').readSplit(split, { ...request, recycles })) {
        expect(batch.columns.map((column) => column.layout)).toEqual([recycles ? 'dictionary' : 'fixed', 'dictionary']);
      }
    }
  }
});

test('only wanted columns are read, columns that the file lacks are null, wider types are given', async () => {
  const file = await fileFrom('cols.parquet', "SELECT i::INT AS a, 'x' || i AS b, i::FLOAT AS c FROM range(3) t(i)");
  const columns = schemaOf(field('C', { kind: 'float64' }), field('gone', STRING), field('a', INT64));
  expect(await readRowsOf('parquet', [file], { schema: columns })).toEqual([
    [0, null, 0n],
    [1, null, 1n],
    [2, null, 2n],
  ]);
  expect(await readRowsOf('parquet', [file], { columns: schemaOf() })).toEqual([[], [], []]);
  await expect(readRowsOf('parquet', [file], { schema: schemaOf(field('b', INT32)) })).rejects.toMatchObject({
    kind: 'user',
    condition: 'WRONG_SCHEMA',
  });
  expect(await sourceOf('parquet').statistics?.([file, file])).toMatchObject({ rows: 6 });
});

test('nested types of any depth', async () => {
  const file = await fileFrom(
    'nested.parquet',
    `SELECT * FROM (VALUES
      ([1, NULL, 3], {'a': 1, 'b': ['x', NULL]}, MAP {'k': 1, 'l': NULL}, [[1], [], NULL, [2, 3]], [{'p': 1, 'q': ['a']}]),
      ([], {'a': NULL, 'b': []}, MAP {}, [], []),
      (NULL, NULL, NULL, NULL, NULL),
      ([4], {'a': 2, 'b': NULL}, MAP {'m': 5}, [NULL], [NULL, {'p': NULL, 'q': NULL}])
    ) t(l, s, m, ll, ls)`,
  );
  expect(schemaText(await sourceOf('parquet').inferSchema([file], {}))).toBe(
    'l array<int>, s struct<a:int,b:array<string>>, m map<string,int>, ll array<array<int>>, ls array<struct<p:int,q:array<string>>>',
  );
  expect(await readRowsOf('parquet', [file], { batchRows: 3 })).toEqual([
    [
      [1, null, 3],
      [1, ['x', null]],
      [
        ['k', 1],
        ['l', null],
      ],
      [[1], [], null, [2, 3]],
      [[1, ['a']]],
    ],
    [[], [null, []], [], [], []],
    [null, null, null, null, null],
    [[4], [2, null], [['m', 5]], [null], [null, [null, null]]],
  ]);
});

test('splits of any size read every row group once', async () => {
  const file = await fileFrom('groups.parquet', 'SELECT i FROM range(20000) t(i)', ', ROW_GROUP_SIZE 2048');
  for (const splitBytes of [50, 1000, 7777, 1 << 20]) {
    const rows = await readRowsOf('parquet', [file], { splitBytes });
    expect(rows.map(([i]) => Number(i))).toEqual(Array.from({ length: 20000 }, (_, i) => i));
  }
});

const input = (index: number, type = INT64): BoundExpr => ({ kind: 'input', index, type, nullable: true });
const literal = (value: EngineValue, type = INT64): BoundExpr => ({ kind: 'literal', value, type, nullable: value === null });
const call = (fn: string, ...args: BoundExpr[]): BoundExpr => ({ kind: 'call', fn, args, type: BOOLEAN, nullable: true, site: null });

test('row groups that no row of can match are left out', async () => {
  const select =
    "SELECT i AS n, 'k' || lpad(i::VARCHAR, 5, '0') AS s, CASE WHEN i < 4096 THEN NULL ELSE i::DOUBLE END AS d FROM range(20480) t(i)";
  const file = await fileFrom('stats.parquet', select, ', ROW_GROUP_SIZE 2048');
  const groups = async (...filters: BoundExpr[]) => (await readRowsOf('parquet', [file], { filters })).length / 2048;
  expect(await groups(call('=', input(0), literal(5000n)))).toBe(1);
  expect(await groups(call('<', input(0), literal(2048n)))).toBe(1);
  expect(await groups(call('<=', input(0), literal(2048n)))).toBe(2);
  expect(await groups(call('>', literal(2048n), input(0)))).toBe(1);
  expect(await groups(call('and', call('>=', input(0), literal(4096n)), call('<', input(0), literal(8192n))))).toBe(2);
  expect(await groups(call('or', call('=', input(0), literal(0n)), call('in', input(0), literal(3000n), literal(-1n))))).toBe(2);
  expect(await groups(call('=', input(1, STRING), literal('k04097', STRING)))).toBe(1);
  expect(await groups(call('isnotnull', input(2, { kind: 'float64' })))).toBe(8);
  expect(await groups(call('>', input(2, { kind: 'float64' }), literal(1e9, { kind: 'float64' })))).toBe(8);
  expect(await groups(call('=', input(0), literal(99999n)), call('like', input(1, STRING), literal('%', STRING)))).toBe(0);
  expect(await groups(call('=', call('abs', input(0)), literal(-1n)))).toBe(10);
});

test('damaged files are refused by name, whatever is damaged', async () => {
  const file = await fileFrom('good.parquet', "SELECT i, 's' || (i % 9) AS s FROM range(300) t(i)");
  const good = readFileSync(path('good.parquet'));
  const bad = path('bad.parquet');
  const read = async (bytes: Uint8Array) => {
    writeFileSync(bad, bytes);
    return readRowsOf('parquet', [fileOf(bad)], { schema: parseSchema('i bigint, s string') });
  };
  await expect(read(Buffer.from('hello'))).rejects.toMatchObject({ kind: 'user', condition: 'CORRUPT_FILE' });
  await expect(read(good.subarray(0, -3))).rejects.toThrowError(/bad\.parquet' cannot be read: it does not end in PAR1/);
  expect(file.bytes).toBe(good.length);
  // Wherever a byte is wrong the rows come, or an error of ours: no crash, no hang.
  const property = fc.asyncProperty(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
    const bytes = Buffer.from(good);
    bytes[at] = byte;
    try {
      expect((await read(bytes)).length).toBeLessThanOrEqual(300 * 300);
    } catch (error) {
      expect(error).toMatchObject({ name: 'MinisparkError', kind: 'user' });
    }
  });
  await fc.assert(property, { numRuns: 300 });
});

test('Snappy gives back what it got', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 5000 }),
    fc
      .array(fc.constantFrom('abc', 'hello world, ', 'x', '0123456789'.repeat(30)), { maxLength: 2000 })
      .map((parts) => new Uint8Array(Buffer.from(parts.join('')))),
  );
  fc.assert(
    fc.property(bytes, (input) => Buffer.from(snappyDecompress(snappyCompress(input), input.length)).equals(input)),
    { numRuns: 200 },
  );
  const long = new Uint8Array(300_000).map((_, i) => (i * i) >> 7);
  expect(Buffer.from(snappyDecompress(snappyCompress(long), long.length)).equals(long)).toBe(true);
});
