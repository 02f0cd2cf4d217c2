import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BOOLEAN, DATE, decimal, FLOAT64, field, INT32, INT64, STRING, schemaOf, TIMESTAMP, typeName } from '../../../src/data/types.js';
import type { EngineValue } from '../../../src/data/value.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import { duckdb } from './duckdb.js';
import { fileOf, readRowsOf, tempDir } from './reading.js';
import { batchOf, writeAll, writeSpec } from './writing.js';

let dir: ReturnType<typeof tempDir>;
beforeAll(() => {
  dir = tempDir();
});
afterAll(() => dir.dispose());

const path = (name: string) => join(dir.path, name);
let files = 0;
const rowsOf = (content: string | Uint8Array, settings: Parameters<typeof readRowsOf>[2] = {}, name = `t${files++}.csv`) =>
  readRowsOf('csv', [fileOf(path(name), content)], settings);
const schemaText = async (content: string, options: Record<string, string>) => {
  const { fields } = await sourceOf('csv').inferSchema([fileOf(path(`s${files++}.csv`), content)], options);
  return fields.map((f) => `${f.name} ${typeName(f.type)}`).join(', ');
};

test('quotes, doubled quotes, separators and line ends in quotes', async () => {
  expect(await rowsOf('a,"b,c","d ""e"""\r\n1,,"x"\r\n')).toEqual([
    ['a', 'b,c', 'd "e"'],
    ['1', null, 'x'],
  ]);
  const multi = { options: { multiLine: 'true' } };
  expect(await rowsOf('"a\nb",1\nc,2\n', multi)).toEqual([
    ['a\nb', '1'],
    ['c', '2'],
  ]);
  expect(await rowsOf("a;'b\\'c;\\d'\n", { options: { sep: ';', quote: "'", escape: '\\' } })).toEqual([['a', "b'c;\\d"]]);
  expect(await rowsOf('a\tb\n', { options: { sep: '\\t' } })).toEqual([['a', 'b']]);
});

test('names come from the header, which every file has, or are _c0, _c1, …', async () => {
  const header = { header: 'true' };
  expect(await schemaText('id,name\n1,x\n', header)).toBe('id string, name string');
  expect(await schemaText('1,x\n', {})).toBe('_c0 string, _c1 string');
  expect(await schemaText('a,A,,"q ""x"""\n', header)).toBe('a0 string, A1 string, _c2 string, q "x" string');
  const two = [fileOf(path('h1.csv'), '\ufeffid\n1\n2\n'), fileOf(path('h2.csv'), 'id\n3\n')];
  expect(await readRowsOf('csv', two, { options: header, splitBytes: 3 })).toEqual([['1'], ['2'], ['3']]);
  expect(await readRowsOf('csv', two, { options: header, batchBytes: 7 })).toEqual([['1'], ['2'], ['3']]);
});

test('types are inferred from every value, as Spark orders them', async () => {
  const infer = async (...values: string[]) => (await schemaText(`${values.join('\n')}\n`, { inferSchema: 'true' })).slice(4);
  expect(await infer('1', '-2147483648')).toBe('int');
  expect(await infer('1', '2147483648')).toBe('bigint');
  expect(await infer('1', '9223372036854775808')).toBe('decimal(19,0)');
  expect(await infer('1', '2.5')).toBe('double');
  expect(await infer('1e3', 'NaN')).toBe('double');
  expect(await infer('2024-02-29')).toBe('date');
  expect(await infer('2024-02-29', '2024-02-29 10:00:00')).toBe('timestamp');
  expect(await infer('true', 'FALSE')).toBe('boolean');
  expect(await infer('1', 'x')).toBe('string');
  expect(await infer('2024-02-30')).toBe('string');
  expect(await infer('1', '""', '2')).toBe('int');
  await expect(schemaText('', {})).rejects.toMatchObject({ condition: 'UNABLE_TO_INFER_SCHEMA' });
});

test('values of every type', async () => {
  const schema = schemaOf(
    field('b', BOOLEAN),
    field('i', INT32),
    field('l', INT64),
    field('d', FLOAT64),
    field('m', decimal(12, 2)),
    field('w', decimal(30, 3)),
    field('day', DATE),
    field('t', TIMESTAMP),
  );
  const text = [
    'true,1,9007199254740993,0.1,12.345,123456789012345678901234567.5,1970-01-02,1970-01-01T00:00:01.5Z',
    'FALSE,-5,-9223372036854775808,1e-7,-.5,-1,0001-01-01,2024-01-01 00:00:00+01:00',
    ',,,,,,,',
  ].join('\n');
  expect(await rowsOf(text, { schema })).toEqual([
    [true, 1, 9007199254740993n, 0.1, 1235n, 123456789012345678901234567500n, 1, 1500000n],
    [false, -5, -9223372036854775808n, 1e-7, -50n, -1000n, -719162, 1704063600000000n],
    [null, null, null, null, null, null, null, null],
  ]);
});

test('doubles are read as JavaScript reads them', async () => {
  const texts = fc.array(fc.oneof(fc.double({ noNaN: true }).map(String), fc.stringMatching(/^-?\d{1,17}\.\d{0,17}$/)), { minLength: 1 });
  const property = fc.asyncProperty(texts, async (values) => {
    const rows = await rowsOf(values.join('\n'), { schema: schemaOf(field('d', FLOAT64)) }, 'd.csv');
    expect(rows.map(([value]) => value)).toEqual(values.map(Number));
  });
  await fc.assert(property, { numRuns: 100 });
});

test('null, empty and blank values', async () => {
  expect(await rowsOf('a,,"",NA, b \n', {})).toEqual([['a', null, null, 'NA', ' b ']]);
  expect(
    await rowsOf('a,,"",NA, b \n', { options: { nullValue: 'NA', ignoreLeadingWhiteSpace: 'true', ignoreTrailingWhiteSpace: 'true' } }),
  ).toEqual([['a', '', '', null, 'b']]);
  expect(await rowsOf('a,""\n', { options: { emptyValue: 'EMPTY' } })).toEqual([['a', 'EMPTY']]);
  expect(await rowsOf('# x,y\na,b\n\n\r\nc,d', { options: { comment: '#' } })).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

const BAD = '1,a\nx,b\n3\n4,d,e\n"5,f\n6,g\n';
const BAD_SCHEMA = schemaOf(field('n', INT32), field('s', STRING), field('_corrupt_record', STRING));

test('permissive keeps what it can and the text of bad records', async () => {
  expect(await rowsOf(BAD, { schema: BAD_SCHEMA })).toEqual([
    [1, 'a', null],
    [null, 'b', 'x,b'],
    [3, null, '3'],
    [4, 'd', '4,d,e'],
    [null, 'f', '"5,f'],
    [6, 'g', null],
  ]);
});

test('dropmalformed leaves bad records out, whatever columns are wanted', async () => {
  const schema = schemaOf(...BAD_SCHEMA.fields.slice(0, 2));
  const options = { mode: 'DROPMALFORMED' };
  expect(await rowsOf(BAD, { schema, options })).toEqual([
    [1, 'a'],
    [6, 'g'],
  ]);
  expect(await rowsOf(BAD, { schema, options, columns: schemaOf(field('s', STRING)) })).toEqual([['a'], ['g']]);
});

test('failfast names the file, the line, the column and the record', async () => {
  const schema = schemaOf(...BAD_SCHEMA.fields.slice(0, 2));
  const read = rowsOf(`0,z\n${BAD}`, { schema, options: { mode: 'failfast' }, splitBytes: 6 }, 'bad.csv');
  await expect(read).rejects.toMatchObject({ kind: 'user', condition: 'MALFORMED_RECORD' });
  await expect(read).rejects.toThrowError(/bad\.csv' has a malformed record at line 3: 'x' in column 'n' is no int\. The record: x,b$/);
});

test('any split size gives every record once', async () => {
  const value = fc.oneof(fc.string({ unit: fc.constantFrom('a', '"', ',', 'é', ' ', '\\'), maxLength: 6 }), fc.constant('plain'));
  const record = fc.array(value, { minLength: 3, maxLength: 3 });
  const quote = (v: string) => `"${v.replaceAll('"', '""')}"`;
  const property = fc.asyncProperty(
    fc.array(record, { minLength: 1, maxLength: 20 }),
    fc.integer({ min: 1, max: 60 }),
    fc.boolean(),
    async (records, splitBytes, crlf) => {
      const text = records.map((r) => r.map(quote).join(',')).join(crlf ? '\r\n' : '\n');
      const expected = records.map((r) => r.map((v) => (v === '' ? null : v)));
      expect(await rowsOf(text, { splitBytes, batchBytes: 16 }, 'p.csv')).toEqual(expected);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test('quoted line ends across blocks of any size', async () => {
  const value = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é'), minLength: 1, maxLength: 8 });
  const quote = (v: string) => `"${v.replaceAll('"', '""')}"`;
  const property = fc.asyncProperty(
    fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { minLength: 1 }),
    fc.integer({ min: 1, max: 40 }),
    async (records, batchBytes) => {
      const text = `${records.map((r) => r.map(quote).join(',')).join('\n')}\n`;
      expect(await rowsOf(text, { batchBytes, options: { multiLine: 'true' } }, 'm.csv')).toEqual(records);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test('gzip is read and written', async () => {
  expect(await rowsOf(gzipSync('a,1\nb,2\n'), {}, 'z.csv.gz')).toEqual([
    ['a', '1'],
    ['b', '2'],
  ]);
  const schema = schemaOf(field('a', STRING));
  await writeAll(writeSpec('csv', path('gz'), { options: { compression: 'gzip' } }), schema, [[batchOf(schema, [['x']])]]);
  expect(await readRowsOf('csv', [fileOf(path('gz/part-00000-q1-c000.csv.gz'))])).toEqual([['x']]);
});

const WRITE_SCHEMA = schemaOf(
  field('s', STRING),
  field('i', INT32),
  field('l', INT64),
  field('d', FLOAT64),
  field('m', decimal(20, 2)),
  field('day', DATE),
  field('t', TIMESTAMP),
  field('b', BOOLEAN),
);
const WRITE_ROWS: EngineValue[][] = [
  ['a "b", c\nd', 1, 9007199254740993n, 1, -5n, 19782, 1709211900250000n, true],
  [null, null, null, null, null, null, null, null],
  ['é', -1, -1n, 1e7, 12345678901234567890n, 0, 0n, false],
];

test('what is written is as Spark would write it, and reads back', async () => {
  const out = path('w');
  await writeAll(writeSpec('csv', out, { options: { header: 'true' } }), WRITE_SCHEMA, [[batchOf(WRITE_SCHEMA, WRITE_ROWS)]]);
  const file = path('w/part-00000-q1-c000.csv');
  expect(readFileSync(file, 'utf8')).toBe(
    's,i,l,d,m,day,t,b\n"a ""b"", c\nd",1,9007199254740993,1.0,-0.05,2024-02-29,2024-02-29T13:05:00.250Z,true\n,,,,,,,\né,-1,-1,1.0E7,123456789012345678.90,1970-01-01,1970-01-01T00:00:00.000Z,false\n',
  );
  const settings = { schema: WRITE_SCHEMA, options: { header: 'true', multiLine: 'true' } };
  expect(await readRowsOf('csv', [fileOf(file)], settings)).toEqual(WRITE_ROWS);
  const rows = await duckdb(
    `SELECT s, i, l, d, m::VARCHAR, day::VARCHAR, b FROM read_csv('${file}', header = true, all_varchar = false, types = {'m': 'DECIMAL(20,2)'})`,
  );
  expect(rows[0]).toEqual(['a "b", c\nd', '1', '9007199254740993', 1, '-0.05', '2024-02-29', true]);
  expect(rows[1]).toEqual([null, null, null, null, null, null, null]);
});

test('what DuckDB writes is read', async () => {
  const file = path('duck.csv');
  await duckdb(
    `COPY (SELECT i AS id, CASE WHEN i % 3 = 0 THEN NULL ELSE 'n"' || i || ',x' END AS name, i * 0.25 AS q FROM range(2000) t(i)) TO '${file}' (HEADER)`,
  );
  const rows = await readRowsOf('csv', [fileOf(file)], {
    options: { header: 'true', inferSchema: 'true' },
    splitBytes: 5000,
    batchRows: 77,
  });
  expect(rows.length).toBe(2000);
  expect(rows[1]).toEqual([1, 'n"1,x', 0.25]);
  expect(rows[1998]).toEqual([1998, null, 499.5]);
  expect(readdirSync(dir.path)).toContain('duck.csv');
});

test('a null in the only column is a record still', async () => {
  const schema = schemaOf(field('a', STRING));
  await writeAll(writeSpec('csv', path('n')), schema, [[batchOf(schema, [['x'], [null], ['y']])]]);
  expect(await readRowsOf('csv', [fileOf(path('n/part-00000-q1-c000.csv'))])).toEqual([['x'], [null], ['y']]);
});
